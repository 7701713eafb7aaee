import { checkDriverName } from '../names.ts';
import { validateNodeSelector } from '../node-selector.ts';
import { immutable } from '../object-meta.ts';
import type { Problems } from '../problems.ts';
import { isMore } from '../resource-names.ts';
import { checkAttributeName, checkBindingConditions, checkLabel, checkList, checkPoolName, checkSet, checkTaint } from './parts.ts';
import type { Counter, Device, DeviceAttribute, DeviceCapacity, ResourceSlice, ResourceSliceSpec } from '#api/generated/resource/v1.ts';
import { dns1123Subdomain } from '#api/names.ts';

const MAX_DEVICES = 128;
/** With taints or counters a device is larger. */
const MAX_LARGE_DEVICES = 64;
const MAX_COUNTER_SETS = 8;
const MAX_COUNTERS = 32;
const MAX_CONSUMED_SETS = 2;
const MAX_ATTRIBUTES = 32;
const MAX_ATTRIBUTE_VALUES = 48;
const MAX_TEXT = 64;
const MAX_TAINTS = 16;
const NUMBER = '(?:0|[1-9]\\d*)';
const PRE_RELEASE = '(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const SEMVER = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PRE_RELEASE}(?:\\.${PRE_RELEASE})*)?(?:\\+[0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*)?$`);
const NODES = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const;

export function validateSlice(problems: Problems, { spec }: ResourceSlice): void {
  checkDriverName(problems, 'spec.driver', spec.driver);
  checkPoolName(problems, 'spec.pool.name', spec.pool?.name);
  if ((spec.pool?.resourceSliceCount ?? 0) <= 0) problems.invalid('spec.pool.resourceSliceCount', spec.pool?.resourceSliceCount ?? 0, 'must be greater than zero');
  if ((spec.pool?.generation ?? 0) < 0) problems.invalid('spec.pool.generation', spec.pool?.generation, 'must be greater than or equal to zero');
  const of = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  validateNodes(problems, 'spec', spec, { names: NODES, missing: of, several: `${of}, but multiple fields are set` });
  if (spec.nodeSelector !== undefined && spec.nodeSelector.nodeSelectorTerms?.length !== 1) problems.invalid('spec.nodeSelector.nodeSelectorTerms', spec.nodeSelector.nodeSelectorTerms, 'must have exactly one node selector term');
  const { devices = [], sharedCounters = [] } = spec;
  if (devices.length > 0 && sharedCounters.length > 0) problems.invalid('spec', '{`devices`, `sharedCounters`}', 'only one of `devices` or `sharedCounters` is allowed');
  const isLarge = devices.some((device) => (device.taints ?? []).length > 0 || (device.consumesCounters ?? []).length > 0);
  checkSet(problems, 'spec.devices', devices, { max: isLarge ? MAX_LARGE_DEVICES : MAX_DEVICES, check: (device, field) => validateDevice(problems, field, device, spec.perDeviceNodeSelection === true), key: (d) => d.name, of: 'name' });
  checkSet(problems, 'spec.sharedCounters', sharedCounters, {
    max: MAX_COUNTER_SETS, key: (set) => set.name, of: 'name',
    check(set, field) {
      if (!set.name) problems.required(`${field}.name`);
      else checkLabel(problems, `${field}.name`, set.name);
      validateCounters(problems, `${field}.counters`, set.counters);
    },
  });
}

export function validateSliceUpdate(problems: Problems, { spec }: ResourceSlice, { spec: old }: ResourceSlice): void {
  immutable(problems, 'spec.pool.name', spec.pool?.name, old.pool?.name);
  immutable(problems, 'spec.driver', spec.driver, old.driver);
  immutable(problems, 'spec.nodeName', spec.nodeName, old.nodeName);
}

type NodeFields = Pick<ResourceSliceSpec, 'nodeName' | 'nodeSelector' | 'allNodes' | 'perDeviceNodeSelection'>;
interface NodeChoice { readonly names: readonly (keyof NodeFields)[]; readonly missing: string; readonly several: string }

/** On which nodes the devices are: said in one way. */
function validateNodes(problems: Problems, field: string, fields: NodeFields, { names, missing, several }: NodeChoice): void {
  const { nodeName, nodeSelector } = fields;
  if (nodeName === '') problems.invalid(`${field}.nodeName`, '', 'must be either unset or set to a non-empty string');
  else if (nodeName !== undefined) problems.check(`${field}.nodeName`, nodeName, dns1123Subdomain);
  if (nodeSelector !== undefined) validateNodeSelector(problems, `${field}.nodeSelector`, nodeSelector);
  for (const name of ['allNodes', 'perDeviceNodeSelection'] as const) if (fields[name] === false) problems.invalid(`${field}.${name}`, false, 'must be either unset or set to true');
  const given = names.filter((name) => Boolean(fields[name]));
  if (given.length === 0) problems.required(field, missing);
  else if (given.length > 1) problems.invalid(field, `{${given.map((name) => `\`${name}\``).join(', ')}}`, several);
}

function validateDevice(problems: Problems, field: string, device: Device, isPerDevice: boolean): void {
  const { attributes = {}, capacity = {}, consumesCounters } = device;
  checkLabel(problems, `${field}.name`, device.name);
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > MAX_ATTRIBUTES) problems.invalid(field, count, `the total number of attributes and capacities must not exceed ${MAX_ATTRIBUTES}`);
  validateAttributes(problems, field, attributes);
  for (const [name, amount] of Object.entries(capacity)) {
    checkAttributeName(problems, `${field}.capacity[${name}]`, name);
    validateCapacity(problems, `${field}.capacity[${name}].requestPolicy`, amount, device.allowMultipleAllocations === true);
  }
  checkList(problems, `${field}.taints`, device.taints, { max: MAX_TAINTS, check: (taint, at) => checkTaint(problems, at, taint) });
  checkSet(problems, `${field}.consumesCounters`, consumesCounters, {
    max: MAX_CONSUMED_SETS, key: (set) => set.counterSet, of: 'counterSet',
    check(set, at) {
      if (!set.counterSet) problems.required(`${at}.counterSet`);
      validateCounters(problems, `${at}.counters`, set.counters);
    },
  });
  validateDeviceNodes(problems, field, device, isPerDevice);
  checkBindingConditions(problems, field, device);
}

function validateDeviceNodes(problems: Problems, field: string, device: Device, isPerDevice: boolean): void {
  const of = 'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  if (isPerDevice) validateNodes(problems, field, device, { names: ['nodeName', 'nodeSelector', 'allNodes'], missing: of, several: of });
  else if (device.nodeName !== undefined || device.nodeSelector !== undefined || device.allNodes !== undefined) {
    problems.invalid(field, null, '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec');
  }
}

function validateCounters(problems: Problems, field: string, counters: Readonly<Record<string, Counter>> | undefined): void {
  const names = Object.keys(counters ?? {});
  if (names.length === 0) problems.required(field);
  if (names.length > MAX_COUNTERS) problems.tooMany(field, names.length, MAX_COUNTERS);
  for (const name of names) checkLabel(problems, `${field}[${name}]`, name);
}

function validateAttributes(problems: Problems, field: string, attributes: Readonly<Record<string, DeviceAttribute>>): void {
  let values = 0;
  for (const [name, attribute] of Object.entries(attributes)) {
    const at = `${field}.attributes[${name}]`;
    checkAttributeName(problems, at, name);
    const given = Object.values(attribute).filter((value) => value !== undefined);
    values += given.flat().length;
    if (given.length === 0) problems.required(at, 'exactly one value must be specified');
    else if (given.length > 1) problems.invalid(at, attribute, 'exactly one value must be specified');
    for (const kind of ['string', 'version'] as const) if (attribute[kind] !== undefined) validateText(problems, `${at}.${kind}`, attribute[kind], kind === 'version');
    for (const kind of ['strings', 'versions'] as const) for (const [i, text] of (attribute[kind] ?? []).entries()) validateText(problems, `${at}.${kind}[${i}]`, text, kind === 'versions');
  }
  if (values > MAX_ATTRIBUTE_VALUES) problems.invalid(`${field}.attributes`, values, `the total number of attribute values must not exceed ${MAX_ATTRIBUTE_VALUES}`);
}

function validateText(problems: Problems, field: string, text: string, isVersion: boolean): void {
  if (isVersion && !SEMVER.test(text)) problems.invalid(field, text, 'must be a string compatible with semver.org spec 2.0.0');
  if (Buffer.byteLength(text) > MAX_TEXT) problems.tooLong(field, MAX_TEXT);
}

/** How much of a shared device a request may ask for. */
function validateCapacity(problems: Problems, field: string, { value, requestPolicy: policy }: DeviceCapacity, isShared: boolean): void {
  if (policy === undefined) return;
  if (!isShared) return problems.forbidden(field, 'allowMultipleAllocations must be true');
  const { default: usual, validValues = [], validRange: range } = policy;
  if (validValues.length > 0 && range !== undefined) return problems.forbidden(field, 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time');
  const given = validValues.length > 0 ? 'validValues' : range === undefined ? undefined : 'validRange';
  if (given === undefined) return;
  if (usual === undefined) return problems.required(`${field}.default`, `required when ${given} is defined`);
  for (const [i, option] of validValues.entries()) {
    if (isMore(validValues[i - 1], option)) problems.invalid(`${field}.validValues[${i}]`, option, 'values must be sorted in ascending order');
    if (isMore(option, value)) problems.invalid(`${field}.validValues[${i}]`, option, `option is larger than capacity value: ${value}`);
  }
  if (validValues.length > 0 && !validValues.some((option) => !isMore(option, usual) && !isMore(usual, option))) problems.invalid(`${field}.validValues`, usual, 'default value is not valid according to the requestPolicy');
  if (range === undefined) return;
  const { min, max } = range;
  if (min === undefined) return problems.required(`${field}.validRange.min`, 'required when validRange is defined');
  if (isMore(min, value)) problems.invalid(`${field}.validRange.min`, min, `min is larger than capacity value: ${value}`);
  if (isMore(min, usual)) problems.invalid(`${field}.validRange.min`, usual, `default is less than min: ${min}`);
  if (isMore(min, max)) problems.invalid(`${field}.validRange.max`, min, `min is larger than max: ${max}`);
  if (isMore(max, value)) problems.invalid(`${field}.validRange.max`, max, `max is larger than capacity value: ${value}`);
  if (isMore(usual, max)) problems.invalid(`${field}.validRange.max`, usual, `default is more than max: ${max}`);
}
