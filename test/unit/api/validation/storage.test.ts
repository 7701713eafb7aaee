import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { validateCreate, validateUpdate } from '#api/validation/index.ts';

const resource = (kind: string): ResourceType => resources.BUILT_IN_RESOURCES.find((one) => one.kind === kind && one.group === 'storage.k8s.io') as ResourceType;
const build = (kind: string, fields: object): KubeObject =>
  applyDefaults(resource(kind), { apiVersion: 'storage.k8s.io/v1', kind, metadata: { name: 'a', ...(resource(kind).namespaced ? { namespace: 'n' } : {}) }, ...fields } as unknown as KubeObject);
const told = (causes: readonly { readonly field?: string | undefined; readonly message?: string | undefined }[]): readonly string[] => causes.map(({ field, message }) => `${field}: ${message}`);

const topology = (...terms: readonly (readonly string[])[]): object => ({ provisioner: 'p', allowedTopologies: terms.map((keys) => ({ matchLabelExpressions: keys.map((key) => ({ key, values: ['x'] })) })) });

for (const [kind, fields, ...expected] of [
  ['StorageClass', { provisioner: 'Example.com/P' }],
  ['StorageClass', topology(['a'], ['b'])],
  ['StorageClass', topology(['a'], ['a']), 'allowedTopologies[1].matchLabelExpressions: Duplicate value: ""'],
  ['StorageClass', topology([]), 'allowedTopologies[0].matchLabelExpressions: Duplicate value: ""'],
  ['StorageClass', topology(['a', 'a']), 'allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: "a"'],
  ['VolumeAttributesClass', { driverName: 'Example.com', parameters: { a: 'b' } }],
  ['VolumeAttributesClass', {}, 'spec.driverName: Required value', 'spec.parameters: Required value: must contain at least one key/value pair'],
  ['CSIStorageCapacity', { storageClassName: 's', capacity: '-1', maximumVolumeSize: '-1' }, 'capacity: Invalid value: "-1": must be greater than or equal to 0'],
  ['CSIDriver', { spec: { tokenRequests: [{ audience: 'a' }, { audience: 'a', expirationSeconds: 1 }] } }, 'spec.tokenRequests[1].audience: Duplicate value: "a"'],
] as const) {
  test(`a ${kind} is ${expected.length === 0 ? 'taken' : 'refused'}: ${JSON.stringify(fields)}`, (t) => t.deepEqual(told(validateCreate(resource(kind), build(kind, fields))), [...expected]));
}

for (const [kind, before, after, ...expected] of [
  ['StorageClass', { provisioner: 'p', parameters: { a: 'b' } }, { provisioner: 'q', reclaimPolicy: 'Retain', volumeBindingMode: 'WaitForFirstConsumer' },
    'parameters: Invalid value: null: field is immutable', 'provisioner: Invalid value: "q": field is immutable', 'reclaimPolicy: Invalid value: "Retain": field is immutable', 'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable'],
  ['StorageClass', { provisioner: 'p' }, { provisioner: 'p', parameters: {} }],
  ['VolumeAttributesClass', { driverName: 'd', parameters: { a: 'b' } }, { driverName: 'e', parameters: { a: 'c' } }, 'driverName: Forbidden: updates to driverName are forbidden.', 'parameters: Forbidden: updates to parameters are forbidden.'],
] as const) {
  test(`of a ${kind}, ${JSON.stringify(before)} ${expected.length === 0 ? 'may' : 'may not'} become ${JSON.stringify(after)}`, (t) => t.deepEqual(told(validateUpdate(resource(kind), build(kind, after), build(kind, before))), [...expected]));
}

test('what is told of a failure to attach has its limit', (t) => {
  const spec = { attacher: 'a', nodeName: 'n', source: { persistentVolumeName: 'v' } };
  const [now, old] = [build('VolumeAttachment', { spec, status: { attached: false, attachError: { message: 'x'.repeat(1025) } } }), build('VolumeAttachment', { spec })];
  t.deepEqual(told(validateUpdate(resource('VolumeAttachment'), now, old, 'status')), ['status.attachError.message: Too long: may not be more than 1024 bytes']);
});
