import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import { SUBDOMAIN_MESSAGE } from '#api/names.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { DEVICE_CLASSES, RESOURCE_CLAIM_TEMPLATES, RESOURCE_CLAIMS, RESOURCE_SLICES } from '#api/resources.ts';
import { validateCreate, validateUpdate } from '#api/validation/index.ts';

const build = (resource: ResourceType, body: object): KubeObject =>
  applyDefaults(resource, { apiVersion: 'resource.k8s.io/v1', kind: resource.kind, metadata: { name: 'a', ...(resource.namespaced ? { namespace: 'n' } : {}) }, ...body } as KubeObject);
const created = (resource: ResourceType, body: object): readonly string[] => validateCreate(resource, build(resource, body)).map((c) => `${c.field}: ${c.message}`);
const updated = (resource: ResourceType, before: object, after: object, subresource = ''): readonly string[] => validateUpdate(resource, build(resource, after), build(resource, before), subresource).map((c) => `${c.field}: ${c.message}`);

const request = { name: 'r', exactly: { deviceClassName: 'gpu.example.com' } };
const claim = (devices: object): object => ({ spec: { devices: { requests: [request], ...devices } } });
const exactly = (more: object): object => claim({ requests: [{ name: 'r', exactly: { ...request.exactly, ...more } }] });
const opaque = { driver: 'gpu.example.com', parameters: { a: 1 } };
const slice = (more: object): object => ({ spec: { driver: 'gpu.example.com', nodeName: 'n', pool: { name: 'p/q', generation: 0, resourceSliceCount: 1 }, ...more } });
const device = (more: object): object => slice({ devices: [{ name: 'd', ...more }] });
const result = { request: 'r', driver: 'gpu.example.com', pool: 'p', device: 'd' };
const allocated = (more: object): object => ({ ...claim({}), status: { allocation: { devices: { results: [result] } }, ...more } });
const consumer = { resource: 'pods', name: 'p', uid: 'u' };

for (const [resource, body] of [
  [RESOURCE_CLAIMS, claim({ constraints: [{ requests: ['r'], matchAttribute: 'example.com/a' }], config: [{ requests: ['r'], opaque }] })],
  [RESOURCE_CLAIMS, claim({ requests: [{ name: 'r', firstAvailable: [{ name: 's', deviceClassName: 'c', tolerations: [{ key: 'k', operator: 'Exists' }] }] }], constraints: [{ requests: ['r/s'], distinctAttribute: 'x.io/b' }] })],
  [RESOURCE_CLAIM_TEMPLATES, { spec: { metadata: { labels: { a: 'b' } }, ...claim({}) } }],
  [DEVICE_CLASSES, { spec: { selectors: [{ cel: { expression: 'true' } }], config: [{ opaque }], extendedResourceName: 'example.com/gpu' } }],
  [RESOURCE_SLICES, device({ attributes: { a: { string: 'x' }, 'x.io/v': { version: '1.2.3-a.1+b' } }, capacity: { memory: { value: '1Gi' } }, taints: [{ key: 'k', effect: 'NoSchedule' }] })],
  [RESOURCE_SLICES, slice({ sharedCounters: [{ name: 's', counters: { c: { value: '1' } } }] })],
] as const) {
  test(`a right ${resource.kind} is taken: ${JSON.stringify(body).slice(0, 200)}`, (t) => {
    t.deepEqual(created(resource, body), []);
    t.deepEqual(updated(resource, body, body), []);
  });
}

const shared = (requestPolicy: object): object => device({ allowMultipleAllocations: true, capacity: { m: { value: '10', requestPolicy } } });
const ranged = (validRange: object): object => shared({ default: '4', validRange });
const NOT_A_LABEL = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const NOT_A_REQUEST = "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'";
for (const [resource, body, ...expected] of [
  [RESOURCE_CLAIMS, claim({ requests: [{ name: 'r' }] }), 'spec.devices.requests[0]: Required value: exactly one of `exactly` or `firstAvailable` is required'],
  [RESOURCE_CLAIMS, claim({ requests: [request, request] }), 'spec.devices.requests[1]: Duplicate value: "r"'],
  [RESOURCE_CLAIMS, claim({ requests: [{ ...request, firstAvailable: [{ name: 'UPPER' }] }] }), 'spec.devices.requests[0]: Invalid value: null: exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set'],
  [RESOURCE_CLAIMS, exactly({ deviceClassName: '' }), 'spec.devices.requests[0].exactly.deviceClassName: Required value'],
  [RESOURCE_CLAIMS, exactly({ allocationMode: 'All', count: 2 }), "spec.devices.requests[0].exactly.count: Invalid value: 2: must not be specified when allocationMode is 'All'"],
  [RESOURCE_CLAIMS, exactly({ allocationMode: 'Some' }), 'spec.devices.requests[0].exactly.allocationMode: Unsupported value: "Some": supported values: "All", "ExactCount"'],
  [RESOURCE_CLAIMS, exactly({ count: -1 }), 'spec.devices.requests[0].exactly.count: Invalid value: -1: must be greater than zero'],
  [RESOURCE_CLAIMS, exactly({ selectors: [{}] }), 'spec.devices.requests[0].exactly.selectors[0].cel: Required value'],
  [RESOURCE_CLAIMS, exactly({ tolerations: [{ key: 'k', operator: 'Exists', value: 'v' }] }), 'spec.devices.requests[0].exactly.tolerations[0].value: Invalid value: "v": must be empty for operator `Exists`'],
  [RESOURCE_CLAIMS, claim({ requests: Array.from({ length: 33 }, (_, i) => ({ ...request, name: `r${i}` })) }), 'spec.devices.requests: Too many: 33: must have at most 32 items'],
  [RESOURCE_CLAIMS, claim({ constraints: [{ requests: ['x'], matchAttribute: 'a' }] }), `spec.devices.constraints[0].requests[0]: Invalid value: "x": ${NOT_A_REQUEST}`, 'spec.devices.constraints[0].matchAttribute: Invalid value: "a": a fully qualified name must be a domain and a name separated by a slash'],
  [RESOURCE_CLAIMS, claim({ constraints: [{ matchAttribute: '/' }] }), 'spec.devices.constraints[0].matchAttribute: Invalid value: "": the domain must not be empty', 'spec.devices.constraints[0].matchAttribute: Invalid value: "": the name must not be empty'],
  [RESOURCE_CLAIMS, claim({ config: [{}] }), 'spec.devices.config[0].opaque: Required value'],
  [RESOURCE_CLAIMS, claim({ config: [{ opaque: { ...opaque, parameters: 'text' } }] }), 'spec.devices.config[0].opaque.parameters: Invalid value: "<value omitted>": must be a valid JSON object'],
  [DEVICE_CLASSES, { spec: { extendedResourceName: 'cpu' } }, 'spec.extendedResourceName: Invalid value: "cpu": must be a valid extended resource name'],
  [RESOURCE_SLICES, slice({ nodeName: undefined }), 'spec: Required value: exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required'],
  [RESOURCE_SLICES, slice({ allNodes: true }), 'spec: Invalid value: "{`nodeName`, `allNodes`}": exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required, but multiple fields are set'],
  [RESOURCE_SLICES, slice({ driver: '', pool: { name: 'p', generation: -1, resourceSliceCount: 0 } }), 'spec.driver: Required value', `spec.driver: Invalid value: "": ${SUBDOMAIN_MESSAGE}`, 'spec.pool.resourceSliceCount: Invalid value: 0: must be greater than zero', 'spec.pool.generation: Invalid value: -1: must be greater than or equal to zero'],
  [RESOURCE_SLICES, device({ attributes: { a: {} } }), 'spec.devices[0].attributes[a]: Invalid value: "": exactly one value must be specified'],
  [RESOURCE_SLICES, device({ attributes: { [`x.io/${'a'.repeat(100)}`]: { version: '1.2' } } }), 'spec.devices[0].attributes: Too long: may not be more than 32 bytes', `spec.devices[0].attributes[x.io/${'a'.repeat(42)}...${'a'.repeat(46)}].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0`],
  [RESOURCE_SLICES, slice({ sharedCounters: [{ name: 's', counters: { 'A!': { value: '1' } } }], devices: [] }), 'spec: Invalid value: "": only one of `sharedCounters` or `devices` is allowed', `spec.sharedCounters[0].counters: Invalid value: "A!": ${NOT_A_LABEL}`],
  [RESOURCE_SLICES, device({ consumesCounters: [{ counterSet: 'A!', counters: { c: { value: '1' } } }] }), `spec.devices[0].consumesCounters[0].counterSet: Invalid value: "A!": ${NOT_A_LABEL}`],
  [RESOURCE_SLICES, slice({ nodeName: undefined, perDeviceNodeSelection: true, devices: [{ name: 'd', nodeName: '' }] }), 'spec.devices[0].nodeName: Invalid value: "": must not be empty', 'spec.devices[0]: Required value: exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'],
  [RESOURCE_SLICES, device({ attributes: { a: { version: '1.2' } } }), 'spec.devices[0].attributes[a].version: Invalid value: "1.2": must be a string compatible with semver.org spec 2.0.0'],
  [RESOURCE_SLICES, device({ allNodes: true }), 'spec.devices[0]: Invalid value: null: `nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec'],
  [RESOURCE_SLICES, device({ taints: [{ key: 'k', effect: 'PreferNoSchedule' }] }), 'spec.devices[0].taints[0].effect: Unsupported value: "PreferNoSchedule": supported values: "NoExecute", "NoSchedule", "None"'],
  [RESOURCE_SLICES, device({ capacity: { m: { value: '1', requestPolicy: {} } } }), 'spec.devices[0].capacity[m].requestPolicy: Forbidden: allowMultipleAllocations must be true'],
  [RESOURCE_SLICES, device({ allowMultipleAllocations: true, capacity: { m: { value: '10', requestPolicy: { default: '3', validValues: ['1', '20'] } } } }),
    'spec.devices[0].capacity[m].requestPolicy.validValues[1]: Invalid value: "20": option is larger than capacity value: 10', 'spec.devices[0].capacity[m].requestPolicy.validValues: Invalid value: "3": default value is not valid according to the requestPolicy'],
  [RESOURCE_SLICES, device({ bindingConditions: ['a'] }), 'spec.devices[0].bindingFailureConditions: Invalid value: null: bindingFailureConditions are required to use bindingConditions'],
  [RESOURCE_SLICES, ranged({ min: '1', max: '8', step: '3' }), 'spec.devices[0].capacity[m].requestPolicy.validRange.step: Invalid value: "8": value is not a multiple of a given step (3) from (1)'],
  [RESOURCE_SLICES, ranged({ min: '1', step: '0' }), 'spec.devices[0].capacity[m].requestPolicy.validRange.step: Invalid value: "0": must be greater than zero'],
  [RESOURCE_SLICES, ranged({ min: '4', step: '20' }), 'spec.devices[0].capacity[m].requestPolicy.validRange.step: Invalid value: "20": one step 24 is larger than capacity value: 10'],
  [RESOURCE_SLICES, shared({ default: '1', validValues: ['1', '1'] }), 'spec.devices[0].capacity[m].requestPolicy.validValues[1]: Duplicate value: "1"'],
  [RESOURCE_SLICES, shared({ default: '1', validValues: Array.from({ length: 11 }, () => '1') }), 'spec.devices[0].capacity[m].requestPolicy.validValues: Too many: 11: must have at most 10 items', 'spec.devices[0].capacity[m].requestPolicy.validValues: Invalid value: "1": default value is not valid according to the requestPolicy'],
] as const) {
  test(`refused: ${expected.join('; ').slice(0, 150)}`, (t) => {
    t.deepEqual(created(resource, body), expected as readonly string[]);
  });
}

test('claims and their templates stay as they are, slices where they are', (t) => {
  t.deepEqual(updated(RESOURCE_CLAIMS, claim({}), exactly({ count: 2 })).map((p) => p.replace(/Invalid value: .*: /, '')), ['spec: field is immutable']);
  t.deepEqual(updated(RESOURCE_CLAIMS, claim({}), claim({ requests: [{ name: 'r' }] })).map((p) => p.replace(/Invalid value: .*: /, '')), ['spec: field is immutable']);
  t.deepEqual(updated(RESOURCE_SLICES, slice({}), slice({ nodeName: 'm' })), ['spec.nodeName: Invalid value: "m": field is immutable']);
  const tainted = device({ taints: [{ key: 'k', effect: 'Other' }] });
  t.deepEqual(updated(RESOURCE_SLICES, tainted, tainted), []);
});

test('a status says which devices are allocated, and who has reserved the claim', (t) => {
  const status = (before: object, after: object): readonly string[] => updated(RESOURCE_CLAIMS, before, after, 'status');
  t.deepEqual(status(claim({}), allocated({ reservedFor: [consumer], devices: [{ driver: 'gpu.example.com', pool: 'p', device: 'd' }] })), []);
  t.deepEqual(status(claim({}), { ...claim({}), status: { reservedFor: [consumer] } }), ['status.reservedFor: Forbidden: may not be specified when `allocated` is not set']);
  t.deepEqual(status(claim({}), allocated({ devices: [{ driver: 'gpu.example.com', pool: 'p', device: 'e' }] })), ['status.devices[0]: Invalid value: "gpu.example.com/p/e": must be an allocated device in the claim']);
  t.deepEqual(status(claim({}), { ...claim({}), status: { allocation: { devices: { results: [{ ...result, request: 'x' }] } } } }), [`status.allocation.devices.results[0].request: Invalid value: "x": ${NOT_A_REQUEST}`]);
});

for (const [shareID, why] of [
  ['x', 'error validating uid: invalid UUID length: 1'],
  ['urn:xxxx:00000000-0000-0000-0000-000000000000', 'error validating uid: invalid urn prefix: "urn:xxxx:"'],
  ['(00000000-0000-0000-0000-000000000000)', 'error validating uid: invalid bracketed UUID format'],
  ['0000000000000000000000000000000g', 'error validating uid: invalid UUID format'],
  ['{00000000-0000-0000-0000-000000000000}', 'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters'],
  ['0000000A-0000-0000-0000-000000000000', 'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters'],
] as const) {
  test(`no share is named ${shareID}`, (t) => {
    const after = { ...claim({}), status: { allocation: { devices: { results: [{ ...result, shareID, tolerations: [{ operator: 'x' }] }] } } } };
    t.deepEqual(updated(RESOURCE_CLAIMS, claim({}), after, 'status'), ['status.allocation.devices.results[0].tolerations[0].operator: Unsupported value: "x": supported values: "Equal", "Exists"', `status.allocation.devices.results[0].shareID: Invalid value: ${JSON.stringify(shareID)}: ${why}`]);
  });
}

for (const [address, why] of [
  ['10.9.8.7/24'], ['2001:db8::1/64'],
  ['10.9.8.7', 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'],
  ['10.9.8.7/33', 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'],
  ['1.2/8', 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'],
  ['010.9.8.7/24', 'must be in canonical form ("10.9.8.7/24")'],
  ['2001:DB8:0::1/64', 'must be in canonical form ("2001:db8::1/64")'],
  ['::ffff:10.9.8.7/120', 'must be in canonical form ("10.9.8.7/24")'],
] as const) {
  test(`the address ${address} of an interface is ${why === undefined ? 'taken' : 'refused'}`, (t) => {
    const after = allocated({ devices: [{ driver: 'gpu.example.com', pool: 'p', device: 'd', networkData: { ips: [address] } }] });
    t.deepEqual(updated(RESOURCE_CLAIMS, claim({}), after, 'status'), why === undefined ? [] : [`status.devices[0].networkData.ips[0]: Invalid value: ${JSON.stringify(address)}: ${why}`]);
  });
}
