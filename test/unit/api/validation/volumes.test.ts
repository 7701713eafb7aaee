import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import { SUBDOMAIN_MESSAGE } from '#api/names.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { PERSISTENT_VOLUME_CLAIMS, PERSISTENT_VOLUMES, PODS } from '#api/resources.ts';
import { validateCreate, validateUpdate } from '#api/validation/index.ts';

const build = (resource: ResourceType, { metadata, ...body }: { readonly metadata?: object; readonly spec?: object }): KubeObject =>
  applyDefaults(resource, { apiVersion: 'v1', kind: resource.kind, metadata: { name: 'a', ...(resource.namespaced ? { namespace: 'n' } : {}), ...metadata }, ...body } as KubeObject);
const created = (resource: ResourceType, body: object): readonly string[] => validateCreate(resource, build(resource, body)).map((c) => `${c.field}: ${c.message}`);
const updated = (resource: ResourceType, before: object, after: object, subresource = ''): readonly string[] =>
  validateUpdate(resource, build(resource, after), build(resource, before), subresource).map((c) => `${c.field}: ${c.message}`);

const inPod = (source: object, name = 'v'): object => ({ spec: { containers: [{ name: 'c', image: 'i' }], volumes: [{ name, ...source }] } });
const spec = (source: object, more: object = {}): object => ({ spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], ...source, ...more } });
const nfs = { nfs: { server: 's', path: '/p' } };
const iscsi = (iqn: string, more: object = {}): object => ({ iscsi: { targetPortal: '10.0.0.1', iqn, lun: 1, ...more } });
const affinity = (key: string, operator = 'In', values = ['v']): object => spec(nfs, { nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator, values }] }] } } });
const claim = (more: object = {}, metadata: object = {}): object => ({ metadata, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...more } });
const ofClass = (annotation: string | undefined, storageClassName?: string): object =>
  claim(storageClassName === undefined ? {} : { storageClassName }, { annotations: annotation === undefined ? {} : { [CLASS]: annotation } });
const CLASS = 'volume.beta.kubernetes.io/storage-class';
const grown = (status: object): object => ({ ...claim(), status });
const EXCESS = 'Forbidden: may not specify more than 1 volume type';
const FIXED = 'spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';
const PREFIXES = 'must be valid format starting with iqn, eui, or naa';

for (const [resource, body] of [
  [PODS, inPod(iscsi('iqn.2015-02.example.com:test'))], [PODS, inPod(iscsi('eui.0123456789ABCDEG'))], [PODS, inPod(iscsi('naa.62004567BA64678D0123456789ABCDEF'))], [PODS, inPod({ hostPath: { path: '/a', type: '' } })],
  [PERSISTENT_VOLUMES, spec(iscsi('iqn.2015-02.example.com:test', { initiatorName: 'iqn.2015-02.example.com:init' }))], [PERSISTENT_VOLUMES, affinity('zone')],
  [PERSISTENT_VOLUME_CLAIMS, claim({ dataSource: { kind: 'PersistentVolumeClaim', name: 'b' }, dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'b' } })],
] as const) {
  test(`a ${resource.kind} is taken, and taken again: ${JSON.stringify(body).slice(0, 150)}`, (t) => {
    t.deepEqual(created(resource, body), []);
    t.deepEqual(updated(resource, body, body), []);
  });
}

for (const [resource, body, ...expected] of [
  // Of two sources the first in Kubernetes' order is checked, whichever is written first.
  [PODS, inPod({ hostPath: { path: '/' }, emptyDir: {} }), `spec.volumes[0].hostPath: ${EXCESS}`],
  [PODS, inPod({ secret: {}, cephfs: { monitors: ['m'] }, downwardAPI: {}, emptyDir: {} }), `spec.volumes[0].secret: ${EXCESS}`, `spec.volumes[0].cephFS: ${EXCESS}`, `spec.volumes[0].downwarAPI: ${EXCESS}`],
  [PODS, inPod({ gcePersistentDisk: { pdName: '' } }), 'spec.volumes[0].persistentDisk.pdName: Required value'],
  [PODS, inPod({ emptyDir: {}, gcePersistentDisk: { pdName: 'd' } }), `spec.volumes[0].gcePersistentDisk: ${EXCESS}`],
  [PODS, inPod(iscsi('iqn.2015-02.example.com')), 'spec.volumes[0].iscsi.iqn: Invalid value: "iqn.2015-02.example.com": must be valid format'],
  [PODS, inPod(iscsi('naa.62004567BA64678D012345678-ABCDEF')), 'spec.volumes[0].iscsi.iqn: Invalid value: "naa.62004567BA64678D012345678-ABCDEF": must be valid format'],
  [PODS, inPod(iscsi('2015-02.example.com:test')), `spec.volumes[0].iscsi.iqn: Invalid value: "2015-02.example.com:test": ${PREFIXES}`],
  [PODS, inPod(iscsi('iqn.2015-02.example.com:test', { initiatorName: '' })), `spec.volumes[0].iscsi.initiatorname: Invalid value: "": ${PREFIXES}`],
  [PERSISTENT_VOLUMES, spec(iscsi('2015-02.example.com:test')), 'spec.iscsi.iqn: Invalid value: "2015-02.example.com:test": must be valid format'],
  [PERSISTENT_VOLUMES, { ...spec(iscsi('iqn.2015-02.example.com:test', { initiatorName: 'iqn.2015-02.example.com:init' })), metadata: { name: 'n'.repeat(60) } },
    'spec.iscsi.targetportal: Invalid value: "10.0.0.1": Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'],
  [PODS, inPod({ csi: { driver: '' } }), 'spec.volumes[0].csi.driver: Required value', `spec.volumes[0].csi.driver: Invalid value: "": ${SUBDOMAIN_MESSAGE}`],
  [PODS, inPod({ secret: { secretName: 's', items: [{ key: 'k', path: '..' }] } }), "spec.volumes[0].secret.items[0].path: Invalid value: \"..\": must not contain '..'", "spec.volumes[0].secret.items[0].path: Invalid value: \"..\": must not start with '..'"],
  [PODS, inPod({ ephemeral: { volumeClaimTemplate: claim({}, { uid: 'u' }) } }), 'spec.volumes[0].ephemeral.volumeClaimTemplate.metadata.uID: Forbidden: cannot be set'],
  [PERSISTENT_VOLUMES, { spec: { accessModes: ['ReadWriteOnce'], ...nfs } }, 'spec.capacity: Required value', 'spec.capacity: Unsupported value: null: supported values: "storage"'],
  [PERSISTENT_VOLUMES, spec({ hostPath: { path: '//' } }, { persistentVolumeReclaimPolicy: 'Recycle' }), "spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
  [PERSISTENT_VOLUME_CLAIMS, claim({ dataSource: { kind: 'PersistentVolumeClaim', name: 'b' }, dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'c' } }), 'spec: Invalid value: {}: must match dataSourceRef'],
] as const) {
  test(`a ${resource.kind} is refused: ${expected.join('; ').slice(0, 150)}`, (t) => { t.deepEqual(created(resource, body), expected as readonly string[]); });
}

test('where a volume can be reached stays, but labels of nodes may get their new names', (t) => {
  t.deepEqual(updated(PERSISTENT_VOLUMES, affinity('failure-domain.beta.kubernetes.io/zone'), affinity('topology.kubernetes.io/zone')), []);
  const [first] = updated(PERSISTENT_VOLUMES, affinity('topology.kubernetes.io/zone'), affinity('failure-domain.beta.kubernetes.io/zone'));
  t.is(first, 'nodeAffinity: Invalid value: {"Required":{"NodeSelectorTerms":[{"MatchExpressions":[{"Key":"failure-domain.beta.kubernetes.io/zone","Operator":"In","Values":["v"]}],"MatchFields":null}]}}: field is immutable, except for updating from beta label to GA');
});

test('wrong values that a volume has asked of labels already may stay, and others may not come', (t) => {
  const wrong = affinity('zone', 'In', ['-1']);
  t.is(created(PERSISTENT_VOLUMES, wrong).length, 1);
  t.deepEqual(updated(PERSISTENT_VOLUMES, wrong, wrong), []);
});

test('a class moves from the annotation of a claim into its field, and into no other', (t) => {
  t.deepEqual(updated(PERSISTENT_VOLUME_CLAIMS, ofClass('fast'), ofClass('fast', 'fast')), []);
  t.deepEqual(updated(PERSISTENT_VOLUME_CLAIMS, ofClass('fast'), ofClass(undefined, 'fast')), []);
  t.deepEqual(updated(PERSISTENT_VOLUME_CLAIMS, ofClass(undefined), ofClass(undefined, 'fast')), []);
  t.deepEqual(updated(PERSISTENT_VOLUME_CLAIMS, ofClass('fast'), ofClass('fast', 'slow')), [FIXED]);
  t.deepEqual(updated(PERSISTENT_VOLUME_CLAIMS, ofClass(undefined, 'fast'), ofClass(undefined)), [FIXED]);
});

test('a group of a source that a claim has may be any, as those were not always checked', (t) => {
  const from = claim({ dataSource: { apiGroup: 'A_b', kind: 'K', name: 'b' } });
  t.is(created(PERSISTENT_VOLUME_CLAIMS, from).length, 1);
  t.deepEqual(updated(PERSISTENT_VOLUME_CLAIMS, from, from), []);
});

for (const [status, ...expected] of [
  [{ allocatedResources: { storage: '1Gi', 'example.com/x': '1' }, allocatedResourceStatuses: { storage: 'NodeResizePending' } }],
  [{ capacity: { storage: '-1500m' } }, 'status.capacity[storage]: Invalid value: -1: must be a valid resource quantity'],
  [{ allocatedResources: { cpu: '1' } }, 'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"'],
  [{ allocatedResourceStatuses: { cpu: 'x' } }, 'status.allocatedResourceStatuses: Unsupported value: "cpu": supported values: "storage"',
    'status.allocatedResourceStatuses: Unsupported value: "cpu": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"'],
  [{ allocatedResources: { storage: '-1Gi' } }, 'status.allocatedResources[storage]: Invalid value: -1073741824: must be a valid resource quantity'],
] as const) {
  test(`what a claim says that it has got: ${JSON.stringify(status)}`, (t) => { t.deepEqual(updated(PERSISTENT_VOLUME_CLAIMS, claim(), grown(status), 'status'), expected as readonly string[]); });
}
