import { checkDriverName } from '../names.ts';
import { validateNodeSelector } from '../node-selector.ts';
import { immutable } from '../object-meta.ts';
import type { Problems } from '../problems.ts';
import { validateCapacity } from './capacity.ts';
import { checkAttributeName, checkBindingConditions, checkLabel, checkList, checkPoolName, checkSet, checkTaint, keyPath } from './parts.ts';
import type { Counter, Device, DeviceAttribute, ResourceSlice, ResourceSliceSpec } from '#api/generated/resource/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { dns1123Label, dns1123Subdomain } from '#api/names.ts';

const MAX_DEVICES = 128;
/** With taints or counters a device is larger. */
const MAX_LARGE_DEVICES = 64;
const MAX_COUNTER_SETS = 8;
const MAX_COUNTERS = 32;
const MAX_CONSUMED_SETS = 2;
const MAX_ATTRIBUTES = 32;
const MAX_ATTRIBUTE_VALUES = 48;
const MAX_TEXT = 64;
/** Of an attribute or a capacity: `domain/name`. */
const MAX_NAME = 63 + 1 + 32;
const MAX_TAINTS = 16;
const NUMBER = '(?:0|[1-9]\\d*)';
const PRE_RELEASE = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const SEMVER = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PRE_RELEASE}(?:\\.${PRE_RELEASE})*)?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$`);
const NODES = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const;

export function validateSlice(problems: Problems, { spec }: ResourceSlice, _resource: unknown, old?: ResourceSlice): void {
  checkDriverName(problems, 'spec.driver', spec.driver);
  checkPoolName(problems, 'spec.pool.name', spec.pool?.name);
  if ((spec.pool?.resourceSliceCount ?? 0) <= 0) problems.invalid('spec.pool.resourceSliceCount', spec.pool?.resourceSliceCount ?? 0, 'must be greater than zero');
  if ((spec.pool?.generation ?? 0) < 0) problems.invalid('spec.pool.generation', spec.pool?.generation, 'must be greater than or equal to zero');
  if (old !== undefined) validateChange(problems, spec, old.spec);
  const of = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  validateNodes(problems, 'spec', spec, { names: NODES, noName: 'must be either unset or set to a non-empty string', terms: 1, missing: of, several: `${of}, but multiple fields are set` });
  const { devices = [], sharedCounters = [] } = spec;
  if (spec.devices && spec.sharedCounters) problems.invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed');
  const isLarge = devices.some((device) => (device.taints ?? []).length > 0 || (device.consumesCounters ?? []).length > 0);
  checkSet(problems, 'spec.devices', devices, {
    max: isLarge ? MAX_LARGE_DEVICES : MAX_DEVICES, key: (d) => d.name,
    check: (device, field) => validateDevice(problems, field, device, { isPerDevice: spec.perDeviceNodeSelection === true, before: old?.spec.devices?.find(({ name }) => name === device.name) }),
  });
  checkSet(problems, 'spec.sharedCounters', sharedCounters, {
    max: MAX_COUNTER_SETS, key: (set) => set.name,
    check(set, field) {
      problems.checkRequired(`${field}.name`, set.name, dns1123Label);
      validateCounters(problems, `${field}.counters`, set.counters);
    },
  });
}

function validateChange(problems: Problems, spec: ResourceSliceSpec, old: ResourceSliceSpec): void {
  immutable(problems, 'spec.pool.name', spec.pool?.name, old.pool?.name);
  immutable(problems, 'spec.driver', spec.driver, old.driver);
  immutable(problems, 'spec.nodeName', spec.nodeName, old.nodeName);
}

type NodeFields = Pick<ResourceSliceSpec, 'nodeName' | 'nodeSelector' | 'allNodes' | 'perDeviceNodeSelection'>;
interface NodeChoice { readonly names: readonly (keyof NodeFields)[]; readonly noName: string; readonly terms?: number; readonly missing: string; readonly several: string }

/** On which nodes the devices are: said in one way. */
function validateNodes(problems: Problems, field: string, fields: NodeFields, { names, noName, terms, missing, several }: NodeChoice): void {
  const { nodeName, nodeSelector } = fields;
  if (nodeName === '') problems.invalid(`${field}.nodeName`, '', noName);
  else if (nodeName !== undefined) problems.check(`${field}.nodeName`, nodeName, dns1123Subdomain);
  if (nodeSelector !== undefined) {
    validateNodeSelector(problems, `${field}.nodeSelector`, nodeSelector);
    const given = nodeSelector.nodeSelectorTerms;
    if (terms !== undefined && given?.length !== terms) problems.invalid(`${field}.nodeSelector.nodeSelectorTerms`, given, 'must have exactly one node selector term');
  }
  for (const name of ['allNodes', 'perDeviceNodeSelection'] as const) if (names.includes(name) && fields[name] === false) problems.invalid(`${field}.${name}`, false, 'must be either unset or set to true');
  const given = names.filter((name) => Boolean(fields[name]));
  if (given.length === 0) problems.required(field, missing);
  else if (given.length > 1) problems.invalid(field, `{${given.map((name) => `\`${name}\``).join(', ')}}`, several);
}

interface DeviceContext { readonly isPerDevice: boolean; readonly before: Device | undefined }

function validateDevice(problems: Problems, field: string, device: Device, { isPerDevice, before }: DeviceContext): void {
  const { attributes = {}, capacity = {}, consumesCounters } = device;
  checkLabel(problems, `${field}.name`, device.name);
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > MAX_ATTRIBUTES) problems.invalid(field, count, `the total number of attributes and capacities must not exceed ${MAX_ATTRIBUTES}`);
  validateAttributes(problems, field, attributes);
  for (const [name, amount] of Object.entries(capacity)) {
    checkAttributeName(problems, `${field}.capacity`, name);
    validateCapacity(problems, `${keyPath(`${field}.capacity`, name, MAX_NAME)}.requestPolicy`, amount, device.allowMultipleAllocations === true);
  }
  if (before === undefined || !jsonEqual(before.taints ?? [], device.taints ?? [])) checkList(problems, `${field}.taints`, device.taints, { max: MAX_TAINTS, check: (taint, at) => checkTaint(problems, at, taint) });
  checkSet(problems, `${field}.consumesCounters`, consumesCounters, {
    max: MAX_CONSUMED_SETS, key: (set) => set.counterSet,
    check(set, at) {
      problems.checkRequired(`${at}.counterSet`, set.counterSet, dns1123Label);
      validateCounters(problems, `${at}.counters`, set.counters);
    },
  });
  validateDeviceNodes(problems, field, device, isPerDevice);
  checkBindingConditions(problems, field, device);
}

function validateDeviceNodes(problems: Problems, field: string, device: Device, isPerDevice: boolean): void {
  const of = 'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  if (isPerDevice) validateNodes(problems, field, device, { names: ['nodeName', 'nodeSelector', 'allNodes'], noName: 'must not be empty', missing: of, several: of });
  else if (device.nodeName !== undefined || device.nodeSelector !== undefined || device.allNodes !== undefined) {
    problems.invalid(field, null, '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec');
  }
}

function validateCounters(problems: Problems, field: string, counters: Readonly<Record<string, Counter>> | undefined): void {
  const names = Object.keys(counters ?? {});
  if (names.length === 0) problems.required(field);
  if (names.length > MAX_COUNTERS) problems.tooMany(field, names.length, MAX_COUNTERS);
  else for (const name of names) checkLabel(problems, field, name);
}

function validateAttributes(problems: Problems, field: string, attributes: Readonly<Record<string, DeviceAttribute>>): void {
  const values = Object.values(attributes).reduce((sum, attribute) => sum + (Object.values(attribute).filter((value) => Array.isArray(value)).flat().length || 1), 0);
  if (values > MAX_ATTRIBUTE_VALUES) problems.invalid(field, values, `the total number of attribute values must not exceed ${MAX_ATTRIBUTE_VALUES}`);
  for (const [name, attribute] of Object.entries(attributes)) {
    checkAttributeName(problems, `${field}.attributes`, name);
    const at = keyPath(`${field}.attributes`, name, MAX_NAME);
    for (const kind of ['string', 'version'] as const) if (attribute[kind] !== undefined) validateText(problems, `${at}.${kind}`, attribute[kind], kind === 'version');
    for (const kind of ['strings', 'versions'] as const) for (const [i, text] of (attribute[kind] ?? []).entries()) validateText(problems, `${at}.${kind}[${i}]`, text, kind === 'versions');
    const given = Object.values(attribute).filter((value) => value !== undefined).length;
    if (given !== 1) problems.invalid(at, given === 0 ? '' : attribute, 'exactly one value must be specified');
  }
}

function validateText(problems: Problems, field: string, text: string, isVersion: boolean): void {
  if (isVersion && !SEMVER.test(text)) problems.invalid(field, text, 'must be a string compatible with semver.org spec 2.0.0');
  if (Buffer.byteLength(text) > MAX_TEXT) problems.tooLong(field, MAX_TEXT);
}
