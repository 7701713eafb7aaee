import type { Scale } from '#api/generated/autoscaling/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { PODS, REPLICA_SETS, REPLICATION_CONTROLLERS, RESOURCE_QUOTAS } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Sent } from './support/api.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { updateLatest } from './support/operations.ts';
import { becomes, eventually, isGone, newPod, newReplicaSet, newReplicationController, podsOf, runReplicationController, runs } from './support/workloads.ts';

type Replicated = KubeObject & { readonly spec?: { readonly replicas?: number }; readonly status?: { readonly replicas?: number; readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string }[] } };
interface Kind {
  readonly resource: ResourceType<Replicated>;
  readonly make: (name: string, replicas: number, spec?: object) => Sent;
}
const CONTROLLER: Kind = { resource: REPLICATION_CONTROLLERS as ResourceType<Replicated>, make: newReplicationController };
const SET: Kind = { resource: REPLICA_SETS as ResourceType<Replicated>, make: newReplicaSet };
const ownerOf = (pod: Pod & KubeObject) => pod.metadata.ownerReferences?.find((o) => o.controller);

async function adopts(scene: Scene, { resource, make }: Kind): Promise<void> {
  const { t, api, namespace } = scene;
  await api.create(PODS, newPod('pod-adoption', { name: 'pod-adoption' }), { namespace });
  const owner = await api.create(resource, make('pod-adoption', 1), { namespace });
  const adopted = await becomes(scene, PODS, 'pod-adoption', (pod) => ownerOf(pod) !== undefined, 'to have an owner');
  t.like(ownerOf(adopted), { uid: owner.metadata.uid, kind: resource.kind, controller: true, blockOwnerDeletion: true });
}

async function releases(scene: Scene, { resource, make }: Kind): Promise<void> {
  const { t, api, namespace } = scene;
  const owner = await api.create(resource, make('pod-release', 1), { namespace });
  const [pod] = await runs(scene, 'name=pod-release', 1);
  const name = pod?.metadata.name ?? '';
  await api.patch(PODS, name, 'strategic', { metadata: { labels: { name: 'not-matching-name' } } }, { namespace });
  await becomes(scene, PODS, name, (p) => ownerOf(p) === undefined, 'to be released');
  const [replacement] = await runs(scene, 'name=pod-release', 1);
  t.is(ownerOf(replacement as Pod & KubeObject)?.uid, owner.metadata.uid);
}

async function surfacesQuota(scene: Scene, { resource, make }: Kind): Promise<void> {
  const { t, api, namespace } = scene;
  await api.create(RESOURCE_QUOTAS, { metadata: { name: 'condition-test' }, spec: { hard: { pods: '2' } } }, { namespace });
  await becomes(scene, RESOURCE_QUOTAS, 'condition-test', (quota) => quota.status?.hard?.['pods'] === '2', 'to be counted');
  await api.create(resource, make('condition-test', 3), { namespace });
  const failing = await becomes(scene, resource, 'condition-test', ({ status }) => status?.conditions?.some((c) => c.type === 'ReplicaFailure') === true, 'to tell of the quota');
  t.like(failing.status?.conditions?.[0], { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate' });
  await updateLatest(scene, resource, 'condition-test', namespace, (live) => ({ spec: { ...(live as Replicated).spec, replicas: 2 } }));
  await becomes(scene, resource, 'condition-test', ({ status }) => !status?.conditions?.some((c) => c.type === 'ReplicaFailure'), 'to have no failure any more');
}

async function scales(scene: Scene, { resource, make }: Kind): Promise<void> {
  const { t, api, namespace } = scene;
  const at = { namespace, subresource: 'scale' };
  await api.create(resource, make('test-scale', 1), { namespace });
  await becomes(scene, resource, 'test-scale', ({ status }) => status?.replicas === 1, 'to have its pod');
  const scale = (await api.get(resource, 'test-scale', at)) as Scale & KubeObject;
  t.like(scale, { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 1 }, status: { replicas: 1, selector: 'name=test-scale' } });
  const updated = (await updateLatest(scene, resource, 'test-scale', namespace, () => ({ spec: { replicas: 2 } }), 'scale')) as Scale & KubeObject;
  t.is(updated.spec?.replicas, 2);
  t.is((await api.get(resource, 'test-scale', { namespace })).spec?.replicas, 2);
  const patched = (await api.patch(resource, 'test-scale', 'merge', { spec: { replicas: 4 } }, at)) as Scale & KubeObject;
  t.is(patched.spec?.replicas, 4);
  t.is((await api.get(resource, 'test-scale', { namespace })).spec?.replicas, 4);
  await runs(scene, 'name=test-scale', 4);
}

behaviour('[sig-apps] ReplicationController should adopt matching pods on creation [Conformance]', (scene) => adopts(scene, CONTROLLER));
behaviour('[sig-apps] ReplicationController should release no longer matching pods [Conformance]', (scene) => releases(scene, CONTROLLER));
behaviour('[sig-apps] ReplicationController should surface a failure condition on a common issue like exceeded quota [Conformance]', (scene) => surfacesQuota(scene, CONTROLLER));
behaviour('[sig-apps] ReplicationController should get and update a ReplicationController scale [Conformance]', (scene) => scales(scene, CONTROLLER));
behaviour('[sig-apps] ReplicaSet should surface a failure condition on a common issue like exceeded quota', (scene) => surfacesQuota(scene, SET));
behaviour('[sig-apps] ReplicaSet Replicaset should have a working scale subresource [Conformance]', (scene) => scales(scene, SET));
behaviour('[sig-apps] ReplicaSet should adopt matching pods on creation and release no longer matching pods [Conformance]', async (scene) => {
  await adopts(scene, SET);
  await releases(scene, SET);
});

behaviour('[sig-apps] ReplicationController should test the lifecycle of a ReplicationController [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const name = 'rc-test';
  const selected = { namespace, query: { labelSelector: 'test-rc-static=true' } };
  const status = { namespace, subresource: 'status' };
  const watch = await api.watch(REPLICATION_CONTROLLERS, selected);
  t.teardown(() => watch.close());
  const wanted = newReplicationController(name, 1);
  await api.create(REPLICATION_CONTROLLERS, { ...wanted, metadata: { name, labels: { 'test-rc-static': 'true' } } }, { namespace });
  await watch.type('ADDED', name);
  await watch.next((e) => e.object.status?.readyReplicas === 1, 'the replica to be ready', 40_000);
  await api.patch(REPLICATION_CONTROLLERS, name, 'strategic', { metadata: { labels: { 'test-rc': 'patched' } } }, { namespace });
  await watch.next((e) => e.object.metadata.labels?.['test-rc'] === 'patched', 'the patched label');
  const patched = await api.patch(REPLICATION_CONTROLLERS, name, 'merge', { metadata: { annotations: { patched: 'status' } }, status: { readyReplicas: 0, availableReplicas: 0 } }, status);
  t.is(patched.metadata.annotations?.['patched'], 'status');
  t.is((await api.get(REPLICATION_CONTROLLERS, name, status)).status?.replicas, 1);
  await api.patch(REPLICATION_CONTROLLERS, name, 'strategic', { spec: { replicas: 2 } }, { namespace, subresource: 'scale' });
  await watch.next((e) => e.object.status?.readyReplicas === 2, 'two replicas', 40_000);
  t.is((await api.list(REPLICATION_CONTROLLERS, { query: selected.query })).items.filter((o) => o.metadata.namespace === namespace).length, 1);
  await api.deleteCollection(REPLICATION_CONTROLLERS, selected);
  await watch.type('DELETED', name);
});

behaviour('[sig-apps] ReplicaSet Replace and Patch tests [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(REPLICA_SETS, newReplicaSet('test-rs', 1), { namespace });
  await becomes(scene, REPLICA_SETS, 'test-rs', ({ status }) => status?.availableReplicas === 1, 'to be available');
  await api.patch(REPLICA_SETS, 'test-rs', 'merge', { spec: { replicas: 2 } }, { namespace, subresource: 'scale' });
  await becomes(scene, REPLICA_SETS, 'test-rs', ({ status }) => status?.availableReplicas === 2, 'to have two');
  const body = { metadata: { labels: { 'test-rs': 'patched' } }, spec: { replicas: 3, template: { spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: 'example.org/other:2' }] } } } };
  const patched = await api.patch(REPLICA_SETS, 'test-rs', 'strategic', body, { namespace });
  t.is(patched.spec?.template?.spec?.containers.length, 1);
  const done = await becomes(scene, REPLICA_SETS, 'test-rs', ({ status }) => status?.availableReplicas === 3, 'to have three');
  t.is(done.metadata.labels?.['test-rs'], 'patched');
});

behaviour('[sig-apps] ReplicaSet should list and delete a collection of ReplicaSets [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(REPLICA_SETS, newReplicaSet('test-rs', 3), { namespace });
  await runs(scene, 'name=test-rs', 3);
  const selected = { namespace, query: { labelSelector: 'name=test-rs' } };
  t.is((await api.list(REPLICA_SETS, { query: selected.query })).items.filter((o) => o.metadata.namespace === namespace).length, 1);
  await api.deleteCollection(REPLICA_SETS, selected);
  t.is((await api.list(REPLICA_SETS, selected)).items.length, 0);
  await eventually(async () => (await podsOf(scene, 'name=test-rs')).length === 0, { what: 'the pods to go with the set' });
});

behaviour('[sig-apps] ReplicaSet should validate Replicaset Status endpoints [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const status = { namespace, subresource: 'status' };
  await api.create(REPLICA_SETS, newReplicaSet('test-rs', 1), { namespace });
  await becomes(scene, REPLICA_SETS, 'test-rs', (set) => set.status?.availableReplicas === 1, 'to be available');
  const watch = await api.watch(REPLICA_SETS, { namespace, query: { labelSelector: 'name=test-rs' } });
  t.teardown(() => watch.close());
  t.is((await api.get(REPLICA_SETS, 'test-rs', status)).status?.replicas, 1);
  const condition = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set from e2e test' };
  await updateLatest(scene, REPLICA_SETS, 'test-rs', namespace, (live) => ({ status: { ...(live as { readonly status?: object }).status, conditions: [condition] } }), 'status');
  await watch.next((e) => e.object.status?.conditions?.some((c) => c.type === 'StatusUpdate') === true, 'the updated status');
  await api.patch(REPLICA_SETS, 'test-rs', 'merge', { status: { conditions: [{ type: 'StatusPatched', status: 'True' }] } }, status);
  await watch.next((e) => e.object.status?.conditions?.some((c) => c.type === 'StatusPatched') === true, 'the patched status');
});

const GC = '[sig-api-machinery] Garbage collector';
const DELETE = (propagationPolicy: string) => ({ options: { propagationPolicy } });

behaviour(`${GC} should delete pods created by rc when not orphaning [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const { metadata: { uid } } = await runReplicationController(scene, 'simpletest.rc', 2);
  await api.delete(REPLICATION_CONTROLLERS, 'simpletest.rc', { namespace, options: { propagationPolicy: 'Background', preconditions: { uid } } });
  t.true(await isGone(scene, REPLICATION_CONTROLLERS, 'simpletest.rc'));
  await eventually(async () => (await podsOf(scene, 'name=simpletest.rc')).length === 0, { what: 'the pods to be collected' });
});

behaviour(`${GC} should orphan pods created by rc if delete options say so [Serial] [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await runReplicationController(scene, 'simpletest.rc', 10);
  await api.delete(REPLICATION_CONTROLLERS, 'simpletest.rc', { namespace, ...DELETE('Orphan') });
  await isGone(scene, REPLICATION_CONTROLLERS, 'simpletest.rc');
  const pods = await podsOf(scene, 'name=simpletest.rc');
  t.is(pods.length, 10);
  t.true(pods.every((p) => (p.metadata.ownerReferences ?? []).length === 0 && p.metadata.deletionTimestamp === undefined));
});

behaviour(`${GC} should orphan pods created by rc if deleteOptions.OrphanDependents is nil`, async (scene) => {
  const { t, api, namespace } = scene;
  await runReplicationController(scene, 'simpletest.rc', 2);
  await api.delete(REPLICATION_CONTROLLERS, 'simpletest.rc', { namespace });
  await isGone(scene, REPLICATION_CONTROLLERS, 'simpletest.rc');
  t.is((await podsOf(scene, 'name=simpletest.rc')).filter((p) => p.metadata.deletionTimestamp === undefined).length, 2);
});

behaviour(`${GC} should keep the rc around until all its pods are deleted if the deleteOptions says so [Serial] [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await runReplicationController(scene, 'simpletest.rc', 10);
  const watch = await api.watch(REPLICATION_CONTROLLERS, { namespace });
  t.teardown(() => watch.close());
  await api.delete(REPLICATION_CONTROLLERS, 'simpletest.rc', { namespace, ...DELETE('Foreground') });
  const marked = await watch.next((e) => e.object.metadata.deletionTimestamp !== undefined, 'the mark');
  t.true(marked.object.metadata.finalizers?.includes('foregroundDeletion'));
  await watch.next((e) => e.type === 'DELETED', 'the deletion', 40_000);
  t.is((await podsOf(scene, 'name=simpletest.rc')).length, 0);
});

behaviour(`${GC} should not delete dependents that have both valid owner and owner that's waiting for dependents to be deleted [Serial] [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await runReplicationController(scene, 'to-be-deleted', 10);
  const stays = await api.create(REPLICATION_CONTROLLERS, newReplicationController('to-stay', 0), { namespace });
  const pods = await podsOf(scene, 'name=to-be-deleted');
  const shared = pods.slice(0, 5).map((p) => p.metadata.name);
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ReplicationController', name: 'to-stay', uid: stays.metadata.uid }];
  await Promise.all(shared.map((name) => api.patch(PODS, name, 'strategic', { metadata: { ownerReferences } }, { namespace })));
  await api.delete(REPLICATION_CONTROLLERS, 'to-be-deleted', { namespace, ...DELETE('Foreground') });
  await isGone(scene, REPLICATION_CONTROLLERS, 'to-be-deleted');
  const left = await eventually(async () => {
    const present = await podsOf(scene, 'name=to-be-deleted');
    return present.length === 5 && present;
  }, { what: 'the other half to be collected' });
  t.deepEqual(left.map((p) => p.metadata.name).toSorted(), shared.toSorted());
  for (const pod of left) {
    t.is(pod.metadata.deletionTimestamp, undefined);
    t.deepEqual(pod.metadata.ownerReferences?.map((o) => o.uid), [stays.metadata.uid]);
  }
});

behaviour(`${GC} should not be blocked by dependency circle [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const names = ['pod1', 'pod2', 'pod3'] as const;
  const pods = await Promise.all(names.map((name) => api.create(PODS, newPod(name, { circle: 'yes' }), { namespace })));
  for (const [i, name] of names.entries()) {
    const owner = pods[(i + 2) % 3];
    const reference = { apiVersion: 'v1', kind: 'Pod', name: owner?.metadata.name, uid: owner?.metadata.uid, controller: true, blockOwnerDeletion: true };
    await api.patch(PODS, name, 'strategic', { metadata: { ownerReferences: [reference] } }, { namespace });
  }
  await api.delete(PODS, 'pod1', { namespace, ...DELETE('Foreground') });
  await eventually(async () => (await podsOf(scene, 'circle=yes')).length === 0, { what: 'the circle to be gone' });
  t.pass();
});
