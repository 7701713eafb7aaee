import type { PodDisruptionBudget } from '#api/generated/policy/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { POD_DISRUPTION_BUDGETS, PODS, REPLICA_SETS, REPLICATION_CONTROLLERS } from '#api/resources.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { updateLatest } from './support/operations.ts';
import { becomes, containers, eventually, newPod, newReplicaSet, podsOf, runReplicationController, runs, template } from './support/workloads.ts';

const DISRUPTION = '[sig-apps] DisruptionController';
type Budget = PodDisruptionBudget & KubeObject;

async function createBudget(scene: Scene, spec: object): Promise<Budget> {
  const { api, namespace } = scene;
  await api.create(POD_DISRUPTION_BUDGETS, { metadata: { name: 'foo', labels: { specialLabel: 'foo_pdb' } }, spec: { selector: { matchLabels: { name: 'disrupted' } }, ...spec } }, { namespace });
  return isProcessed(scene);
}
const isProcessed = (scene: Scene) => becomes(scene, POD_DISRUPTION_BUDGETS, 'foo', ({ metadata, status }) => (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0), 'to be processed') as Promise<Budget>;
const allows = (scene: Scene, count: number) => becomes(scene, POD_DISRUPTION_BUDGETS, 'foo', ({ metadata, status }) => status?.observedGeneration === metadata.generation && (status?.disruptionsAllowed ?? 0) === count, `to allow ${count}`) as Promise<Budget>;
const runPods = async (scene: Scene, count: number): Promise<void> => {
  await Promise.all(Array.from({ length: count }, (_, i) => scene.api.create(PODS, newPod(`pod-${i}`, { name: 'disrupted' }), { namespace: scene.namespace })));
  await runs(scene, 'name=disrupted', count);
};
const evict = ({ api, namespace }: Scene, name: string, options: object = {}) =>
  api.create(PODS, { kind: 'Eviction', apiVersion: 'policy/v1', metadata: { name, namespace }, ...options } as Parameters<typeof api.create>[1], { namespace, name, subresource: 'eviction' });

behaviour(`${DISRUPTION} should observe PodDisruptionBudget status updated [Conformance]`, async (scene) => {
  const { t } = scene;
  await createBudget(scene, { minAvailable: 1 });
  await runPods(scene, 3);
  const { status } = await allows(scene, 2);
  t.like(status, { currentHealthy: 3, desiredHealthy: 1, expectedPods: 3 });
  t.like(status?.conditions?.[0], { type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods' });
});

behaviour(`${DISRUPTION} should update/patch PodDisruptionBudget status [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const at = { namespace, subresource: 'status' };
  await createBudget(scene, { minAvailable: 1 });
  await runPods(scene, 1);
  await becomes(scene, POD_DISRUPTION_BUDGETS, 'foo', ({ status }) => status?.currentHealthy === 1, 'to be counted');
  const watch = await api.watch(POD_DISRUPTION_BUDGETS, { namespace });
  t.teardown(() => watch.close());
  const updated = (await updateLatest(scene, POD_DISRUPTION_BUDGETS, 'foo', namespace, (live) => ({ status: { ...(live as Budget).status, disruptedPods: { 'pod-0': '2026-01-02T03:04:05Z' } } }), 'status')) as Budget;
  t.deepEqual(Object.keys(updated.status?.disruptedPods ?? {}), ['pod-0']);
  const patched = (await api.patch(POD_DISRUPTION_BUDGETS, 'foo', 'merge', { status: { disruptedPods: null } }, at)) as Budget;
  t.deepEqual(Object.keys(patched.status?.disruptedPods ?? {}), []);
});

behaviour(`${DISRUPTION} should block an eviction until the PDB is updated to allow it [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await runPods(scene, 3);
  await createBudget(scene, { minAvailable: 3 });
  await allows(scene, 0);
  const refused = await api.failure(evict(scene, 'pod-0'));
  t.is(refused.reason, 'TooManyRequests');
  t.like(refused.data.status.details?.causes?.[0], { reason: 'DisruptionBudget', message: 'The disruption budget foo needs 3 healthy pods and has 3 currently' });
  await updateLatest(scene, POD_DISRUPTION_BUDGETS, 'foo', namespace, (live) => ({ spec: { ...(live as Budget).spec, minAvailable: 2 } }));
  await allows(scene, 1);
  t.is((await podsOf(scene, 'name=disrupted')).length, 3);
  await evict(scene, 'pod-0', { deleteOptions: { dryRun: ['All'] } });
  t.is((await api.get(POD_DISRUPTION_BUDGETS, 'foo', { namespace })).status?.disruptionsAllowed, 1);
  await evict(scene, 'pod-0');
  await runs(scene, 'name=disrupted', 2);
  await allows(scene, 0);
  await api.patch(POD_DISRUPTION_BUDGETS, 'foo', 'merge', { spec: { minAvailable: 3 } }, { namespace });
  await allows(scene, 0);
  t.is((await api.failure(evict(scene, 'pod-1'))).reason, 'TooManyRequests');
  await api.delete(POD_DISRUPTION_BUDGETS, 'foo', { namespace });
  await evict(scene, 'pod-1');
  await runs(scene, 'name=disrupted', 1);
});

behaviour(`${DISRUPTION} evictions: maxUnavailable deny evictions, integer => should not allow an eviction [Serial]`, async (scene) => {
  const { t, api } = scene;
  await runReplicationController(scene, 'disrupted', 4);
  await createBudget(scene, { maxUnavailable: 1 });
  const { status } = await allows(scene, 1);
  t.like(status, { expectedPods: 4, desiredHealthy: 3 });
  const [first, second] = await podsOf(scene, 'name=disrupted');
  // What takes the place of the first would be ready so soon that the second might go too.
  await api.patch(REPLICATION_CONTROLLERS, 'disrupted', 'merge', { spec: { template: { spec: { schedulingGates: [{ name: 'example.com/wait' }] } } } }, { namespace: scene.namespace });
  // Of several at once, one goes.
  const results = await Promise.allSettled([first, second].map((p) => evict(scene, p?.metadata.name ?? '')));
  t.is(results.filter((r) => r.status === 'fulfilled').length, 1);
  await allows(scene, 0);
  t.is((await api.failure(evict(scene, 'no-such-pod'))).reason, 'NotFound');
});

behaviour(`${DISRUPTION} evictions: no PDB => should allow an eviction`, async (scene) => {
  await runPods(scene, 2);
  await evict(scene, 'pod-0');
  // As clients from before policy/v1 send it.
  await evict(scene, 'pod-1', { apiVersion: 'policy/v1beta1' });
  await runs(scene, 'name=disrupted', 0);
  scene.t.pass();
});

interface EvictionCase {
  readonly description: string;
  readonly budget: object;
  readonly pods?: number;
  readonly replicas?: number;
  /** No two of the replicas fit on one node. */
  readonly isExclusive?: boolean;
  readonly isDenied?: boolean;
}
const CASES: readonly EvictionCase[] = [
  { description: 'too few pods, absolute', budget: { minAvailable: 2 }, pods: 2, isDenied: true },
  { description: 'enough pods, absolute', budget: { minAvailable: 2 }, pods: 3 },
  { description: 'enough pods, replicaSet, percentage', budget: { minAvailable: '90%' }, replicas: 10 },
  { description: 'too few pods, replicaSet, percentage', budget: { minAvailable: '90%' }, replicas: 10, isExclusive: true, isDenied: true },
  { description: 'maxUnavailable allow single eviction, percentage', budget: { maxUnavailable: '10%' }, replicas: 10 },
  { description: 'maxUnavailable deny evictions, integer, of replicas that do not fit', budget: { maxUnavailable: 1 }, replicas: 10, isExclusive: true, isDenied: true },
];

async function createReplicas({ api, namespace, unique }: Scene, replicas: number, isExclusive = false): Promise<void> {
  // The nodes are those of both encodings.
  const hostPort = 20_000 + (Number.parseInt(unique('').slice(-4), 16) % 10_000);
  const spec = isExclusive ? { containers: containers({ ports: [{ containerPort: 5555, hostPort }] }) } : {};
  await api.create(REPLICA_SETS, newReplicaSet('rs', replicas, { selector: { matchLabels: { name: 'disrupted' } }, template: template({ name: 'disrupted' }, spec) }), { namespace });
}
const runningPod = (scene: Scene): Promise<string> => eventually(async () => (await podsOf(scene, 'name=disrupted')).find((p) => p.status?.phase === 'Running')?.metadata.name, { what: 'a pod to run' });

for (const { description, budget, pods = 0, replicas = 0, isExclusive = false, isDenied = false } of CASES) {
  behaviour(`${DISRUPTION} evictions: ${description} => should${isDenied ? ' not' : ''} allow an eviction${isExclusive ? ' [Serial]' : ''}`, async (scene) => {
    const { t, api } = scene;
    await runPods(scene, pods);
    if (replicas > 0) await createReplicas(scene, replicas, isExclusive);
    await createBudget(scene, budget);
    if (isDenied) {
      const refused = await api.failure(evict(scene, await runningPod(scene)));
      t.is(refused.reason, 'TooManyRequests');
      t.is(refused.data.status.details?.causes?.[0]?.reason, 'DisruptionBudget');
      return;
    }
    await runs(scene, 'name=disrupted', pods + replicas);
    const pod = await runningPod(scene);
    t.truthy(await eventually(() => evict(scene, pod).then(() => true as const, () => undefined), { what: 'the eviction' }));
  });
}
