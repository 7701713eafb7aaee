import { checkDriverName } from '../names.ts';
import { validateNodeSelector } from '../node-selector.ts';
import { immutable, validateAnnotations, validateLabels } from '../object-meta.ts';
import type { Problems } from '../problems.ts';
import { validateStatusConditions } from '../status/conditions.ts';
import { checkAttributeName, checkBindingConditions, checkConfiguration, checkLabel, checkList, checkObject, checkPoolName, checkSelectors, checkSet, checkTolerations } from './parts.ts';
import { uidFault } from './uid.ts';
import type * as resource from '#api/generated/resource/v1.ts';
import { canonicalAddress, parseCidr } from '#api/ip.ts';
import { jsonEqual } from '#api/json.ts';
import { dns1123Subdomain } from '#api/names.ts';

const MAX_ITEMS = 32;
const MAX_ALTERNATIVES = 8;
const MAX_CONSUMERS = 256;
const MAX_CONDITIONS = 8;
const MAX_DATA_BYTES = 10 * 1024;
const MAX_INTERFACE_NAME = 256;
const MAX_HARDWARE_ADDRESS = 128;
const MAX_ADDRESSES = 16;
const MAPPED_BITS = 96;
/** Of shorter prefixes Go does not tell the lengths apart. */
const MAPPED_FROM = 32;
const NOT_A_REQUEST = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";

/** The specs of claims and of their templates never change: of an update nothing else is said of them. */
export const validateResourceClaim = (problems: Problems, { spec }: resource.ResourceClaim): void => validateClaimSpec(problems, 'spec', spec);
export const validateResourceClaimUpdate = (problems: Problems, { spec }: resource.ResourceClaim, { spec: old }: resource.ResourceClaim): void => immutable(problems, 'spec', spec, old);

export function validateClaimTemplate(problems: Problems, { spec }: resource.ResourceClaimTemplate): void {
  validateLabels(problems, 'spec.metadata.labels', spec.metadata?.labels);
  validateAnnotations(problems, 'spec.metadata.annotations', spec.metadata?.annotations);
  validateClaimSpec(problems, 'spec.spec', spec.spec);
}
export const validateClaimTemplateUpdate = (problems: Problems, { spec }: resource.ResourceClaimTemplate, { spec: old }: resource.ResourceClaimTemplate): void => immutable(problems, 'spec', spec, old);

function validateClaimSpec(problems: Problems, path: string, spec: resource.ResourceClaimSpec | undefined): void {
  const { requests = [], constraints, config } = spec?.devices ?? {};
  const names = namesOf(requests);
  checkSet(problems, `${path}.devices.requests`, requests, { max: MAX_ITEMS, check: (request, field) => validateRequest(problems, field, request), key: (r) => r.name });
  checkList(problems, `${path}.devices.constraints`, constraints, { max: MAX_ITEMS, check: (constraint, field) => validateConstraint(problems, field, constraint, names) });
  checkList(problems, `${path}.devices.config`, config, {
    max: MAX_ITEMS,
    check(item, field) {
      checkReferences(problems, `${field}.requests`, item.requests, names);
      checkConfiguration(problems, field, item, false);
    },
  });
}

/** What constraints and results may name: `request`, or `request/alternative`. */
const namesOf = (requests: readonly resource.DeviceRequest[]): ReadonlySet<string> =>
  new Set(requests.flatMap(({ name, firstAvailable = [] }) => [name, ...firstAvailable.map((sub) => `${name}/${sub.name}`)]));

const checkReferences = (problems: Problems, field: string, requests: readonly string[] | undefined, names: ReadonlySet<string>): void =>
  checkSet(problems, field, requests, { max: MAX_ITEMS, check: (name, at) => checkReference(problems, at, name, names), key: (name) => name });

function checkReference(problems: Problems, field: string, name: string, names: ReadonlySet<string>): void {
  const parts = name.split('/');
  if (parts.length <= 2) for (const part of parts) checkLabel(problems, field, part);
  if (!names.has(name)) problems.invalid(field, name, NOT_A_REQUEST);
}

function validateRequest(problems: Problems, field: string, { name, exactly, firstAvailable = [] }: resource.DeviceRequest): void {
  checkLabel(problems, `${field}.name`, name);
  const why = 'exactly one of `exactly` or `firstAvailable` is required';
  if (exactly !== undefined) {
    if (firstAvailable.length > 0) problems.invalid(field, null, `${why}, but multiple fields are set`);
    else validateDevices(problems, `${field}.exactly`, exactly);
  } else if (firstAvailable.length === 0) problems.required(field, why);
  else validateAlternatives(problems, `${field}.firstAvailable`, firstAvailable);
}

function validateAlternatives(problems: Problems, field: string, alternatives: readonly resource.DeviceSubRequest[]): void {
  checkSet(problems, field, alternatives, {
    max: MAX_ALTERNATIVES, key: (sub) => sub.name,
    check(sub, at) {
      checkLabel(problems, `${at}.name`, sub.name);
      validateDevices(problems, at, sub);
    },
  });
}

function validateDevices(problems: Problems, field: string, request: resource.ExactDeviceRequest | resource.DeviceSubRequest): void {
  problems.checkRequired(`${field}.deviceClassName`, request.deviceClassName, dns1123Subdomain);
  checkSelectors(problems, `${field}.selectors`, request.selectors);
  validateCount(problems, field, request);
  checkTolerations(problems, `${field}.tolerations`, request.tolerations);
}

function validateCount(problems: Problems, field: string, { allocationMode, count = 0 }: resource.ExactDeviceRequest | resource.DeviceSubRequest): void {
  if (allocationMode === 'All') {
    if (count !== 0) problems.invalid(`${field}.count`, count, "must not be specified when allocationMode is 'All'");
  } else if (allocationMode !== 'ExactCount') problems.notSupported(`${field}.allocationMode`, allocationMode ?? '', ['All', 'ExactCount']);
  else if (count <= 0) problems.invalid(`${field}.count`, count, 'must be greater than zero');
}

function validateConstraint(problems: Problems, field: string, { requests, matchAttribute, distinctAttribute }: resource.DeviceConstraint, names: ReadonlySet<string>): void {
  checkReferences(problems, `${field}.requests`, requests, names);
  if (matchAttribute !== undefined) checkAttributeName(problems, `${field}.matchAttribute`, matchAttribute, true);
  else if (distinctAttribute !== undefined) checkAttributeName(problems, `${field}.distinctAttribute`, distinctAttribute, true);
  else problems.required(field, 'exactly one of "matchAttribute" or "distinctAttribute" is required, but multiple fields are set');
}

export function validateResourceClaimStatus(problems: Problems, { metadata, spec, status = {} }: resource.ResourceClaim, { status: old = {} }: resource.ResourceClaim): void {
  const { reservedFor = [], allocation, devices } = status;
  checkSet(problems, 'status.reservedFor', reservedFor, {
    max: MAX_CONSUMERS, key: (consumer) => consumer.uid,
    check(consumer, field) { for (const name of ['resource', 'name', 'uid'] as const) if (!consumer[name]) problems.required(`${field}.${name}`); },
  });
  const allocated = new Set((allocation?.devices?.results ?? []).map(deviceId));
  checkSet(problems, 'status.devices', devices, { check: (device, field) => validateDeviceStatus(problems, field, device, allocated), key: deviceId });
  if (reservedFor.length > 0 && allocation === undefined) problems.forbidden('status.reservedFor', 'may not be specified when `allocated` is not set');
  else if (metadata.deletionTimestamp !== undefined && reservedFor.some((consumer) => !old.reservedFor?.some((known) => jsonEqual(known, consumer)))) {
    problems.forbidden('status.reservedFor', 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set');
  }
  if (allocation === undefined) return;
  if (old.allocation !== undefined) immutable(problems, 'status.allocation', allocation, old.allocation);
  else validateAllocation(problems, allocation, namesOf(spec.devices?.requests ?? []));
}

interface DeviceId { readonly driver: string; readonly pool: string; readonly device: string; readonly shareID?: string | undefined }
const deviceId = ({ driver, pool, device, shareID }: DeviceId): string => [driver, pool, device, ...(shareID === undefined ? [] : [shareID])].join('/');

function checkDevice(problems: Problems, field: string, { driver, pool, device }: DeviceId): void {
  checkDriverName(problems, `${field}.driver`, driver);
  checkPoolName(problems, `${field}.pool`, pool);
  checkLabel(problems, `${field}.device`, device);
}

function checkShare(problems: Problems, field: string, { shareID }: DeviceId): void {
  const fault = shareID === undefined ? undefined : uidFault(shareID);
  if (fault !== undefined) problems.invalid(`${field}.shareID`, shareID, fault);
}

function validateAllocation(problems: Problems, { devices = {}, nodeSelector }: resource.AllocationResult, names: ReadonlySet<string>): void {
  const path = 'status.allocation.devices';
  checkList(problems, `${path}.results`, devices.results, {
    max: MAX_ITEMS,
    check(result, field) {
      checkReference(problems, `${field}.request`, result.request ?? '', names);
      checkDevice(problems, field, result);
      checkBindingConditions(problems, field, result);
      checkTolerations(problems, `${field}.tolerations`, result.tolerations);
      checkShare(problems, field, result);
    },
  });
  checkList(problems, `${path}.config`, devices.config, {
    // Those of the class and those of the claim.
    max: 2 * MAX_ITEMS,
    check(config, field) {
      problems.oneOf(`${field}.source`, config.source, ['FromClaim', 'FromClass']);
      checkReferences(problems, `${field}.requests`, config.requests, names);
      checkConfiguration(problems, field, config, false);
    },
  });
  if (nodeSelector !== undefined) validateNodeSelector(problems, 'status.allocation.nodeSelector', nodeSelector);
}

function validateDeviceStatus(problems: Problems, field: string, device: resource.AllocatedDeviceStatus, allocated: ReadonlySet<string>): void {
  checkDevice(problems, field, device);
  checkShare(problems, field, device);
  if (!allocated.has(deviceId(device))) problems.invalid(field, deviceId(device), 'must be an allocated device in the claim');
  if ((device.conditions ?? []).length > MAX_CONDITIONS) problems.tooMany(`${field}.conditions`, device.conditions?.length ?? 0, MAX_CONDITIONS);
  validateStatusConditions(problems, `${field}.conditions`, device.conditions);
  if (device.data !== undefined && device.data !== null) checkObject(problems, `${field}.data`, device.data, MAX_DATA_BYTES);
  const { interfaceName = '', hardwareAddress = '', ips } = device.networkData ?? {};
  if (interfaceName.length > MAX_INTERFACE_NAME) problems.tooLong(`${field}.networkData.interfaceName`, MAX_INTERFACE_NAME);
  if (hardwareAddress.length > MAX_HARDWARE_ADDRESS) problems.tooLong(`${field}.networkData.hardwareAddress`, MAX_HARDWARE_ADDRESS);
  checkSet(problems, `${field}.networkData.ips`, ips, { max: MAX_ADDRESSES, check: (address, at) => checkInterfaceAddress(problems, at, address), key: (address) => address });
}

/** An address with the length of its network's prefix, in the one form. Go drops zeros at the beginning of numbers. */
function checkInterfaceAddress(problems: Problems, field: string, text: string): void {
  const [given = '', bits = ''] = text.split('/');
  const address = given.replace(/(^|[.:])0+(?=\d+(?:\.|$))/g, '$1');
  if (parseCidr(`${address}/${bits.replace(/^0+(?=\d)/, '')}`) === undefined || text.split('/').length > 2) return problems.invalid(field, text, 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)');
  const canonical = canonicalInterface(address, Number(bits));
  if (text !== canonical) problems.invalid(field, text, `must be in canonical form (${JSON.stringify(canonical)})`);
}

/** An IPv4 address within the IPv6 ones is written as one of its own. */
function canonicalInterface(address: string, bits: number): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(canonicalAddress(address))?.[1];
  return mapped === undefined ? `${canonicalAddress(address)}/${bits}` : `${mapped}/${bits > MAPPED_FROM ? bits - MAPPED_BITS : bits}`;
}
