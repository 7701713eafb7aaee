import type { Deployment, ReplicaSet } from '#api/generated/apps/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { DEPLOYMENTS, REPLICA_SETS } from '#api/resources.ts';
import type { Sent } from './support/api.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { updateLatest } from './support/operations.ts';
import { becomes, eventually, isGone, template } from './support/workloads.ts';

type Live = Deployment & KubeObject;
type LiveSet = ReplicaSet & KubeObject;
const REVISION = 'deployment.kubernetes.io/revision';
const newDeployment = (name: string, replicas: number, spec: object = {}): Sent => ({ metadata: { name, labels: { name } }, spec: { replicas, selector: { matchLabels: { name } }, template: template({ name }), ...spec } });
const setsOf = async ({ api, namespace }: Scene, name: string): Promise<readonly LiveSet[]> => (await api.list(REPLICA_SETS, { namespace, query: { labelSelector: `name=${name}` } })).items as readonly LiveSet[];
const completes = (scene: Scene, name: string): Promise<Live> =>
  becomes(scene, DEPLOYMENTS, name, ({ metadata, spec, status }) => status?.observedGeneration === metadata.generation && status?.updatedReplicas === spec?.replicas && status?.replicas === spec?.replicas && status?.availableReplicas === spec?.replicas, 'to be rolled out') as Promise<Live>;
const controllerOf = (set: LiveSet | undefined): string | undefined => set?.metadata.ownerReferences?.find((o) => o.controller)?.uid;

/** The only set of a Deployment, once that is as it should be. */
const setBecomes = (scene: Scene, name: string, isSo: (set: LiveSet) => boolean, what: string): Promise<LiveSet> =>
  eventually(async () => {
    const [set, ...more] = await setsOf(scene, name);
    return more.length === 0 && set !== undefined && isSo(set) && set;
  }, { what: `the set of ${name} ${what}` });

behaviour('[sig-apps] Deployment test Deployment ReplicaSet orphaning and adoption regarding controllerRef', async (scene) => {
  const { t, api, namespace } = scene;
  const name = 'test-orphan-deployment';
  const first = await api.create(DEPLOYMENTS, newDeployment(name, 1), { namespace });
  await completes(scene, name);
  const [owned] = await setsOf(scene, name);
  t.is(controllerOf(owned), first.metadata.uid);
  await api.delete(DEPLOYMENTS, name, { namespace, options: { propagationPolicy: 'Orphan' } });
  await isGone(scene, DEPLOYMENTS, name);
  const orphan = await setBecomes(scene, name, (set) => controllerOf(set) === undefined, 'to be an orphan');
  t.is(orphan.metadata.uid, owned?.metadata.uid);
  const second = await api.create(DEPLOYMENTS, newDeployment(name, 1), { namespace });
  await completes(scene, name);
  const adopted = await setBecomes(scene, name, (set) => controllerOf(set) === second.metadata.uid, 'to be adopted');
  t.is(adopted.metadata.uid, orphan.metadata.uid);
});

behaviour('[sig-apps] Deployment deployment should support proportional scaling [Conformance]', async (scene) => {
  const { t, api, namespace } = scene;
  const name = 'webserver-deployment';
  await api.create(DEPLOYMENTS, newDeployment(name, 10, { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } }), { namespace });
  await completes(scene, name);
  const [first] = await setsOf(scene, name);
  // Its pods never start.
  await api.patch(DEPLOYMENTS, name, 'strategic', { spec: { template: { spec: { nodeSelector: { 'no-such': 'node' } } } } }, { namespace });
  const replicasAre = (old: number, young: number): Promise<true> =>
    eventually(async () => {
      const sets = await setsOf(scene, name);
      const [before, after] = [sets.find((s) => s.metadata.uid === first?.metadata.uid), sets.find((s) => s.metadata.uid !== first?.metadata.uid)];
      return before?.spec?.replicas === old && before.status?.availableReplicas === old && after?.spec?.replicas === young && (after.status?.availableReplicas ?? 0) === 0 && sets.length === 2;
    }, { what: `the sets to have ${old} and ${young}` }) as Promise<true>;
  await replicasAre(8, 5);
  await updateLatest(scene, DEPLOYMENTS, name, namespace, (live) => ({ spec: { ...(live as Live).spec, replicas: 30 } }));
  t.true(await replicasAre(20, 13));
});

behaviour('[sig-apps] Deployment iterative rollouts should eventually progress', async (scene) => {
  const { t, api, namespace } = scene;
  const name = 'webserver';
  const write = (change: (spec: Live['spec']) => object) => updateLatest(scene, DEPLOYMENTS, name, namespace, (live) => ({ spec: { ...(live as Live).spec, ...change((live as Live).spec) } }));
  await api.create(DEPLOYMENTS, newDeployment(name, 6, { progressDeadlineSeconds: 30, revisionHistoryLimit: 2 }), { namespace });
  const withEnvironment = (value: string) => write((spec) => ({ template: { ...spec?.template, spec: { ...spec?.template.spec, containers: spec?.template.spec?.containers.map((c) => ({ ...c, env: [{ name: 'A', value }] })) } } }));
  for (let i = 0; i < 5; i++) await withEnvironment(`value-${i}`);
  await write(() => ({ replicas: 3 }));
  await write(() => ({ paused: true }));
  await withEnvironment('while-paused');
  await write(() => ({ paused: undefined, replicas: 8 }));
  const done = await completes(scene, name);
  t.is(done.status?.conditions?.find((c) => c.type === 'Progressing')?.reason, 'NewReplicaSetAvailable');
  const sets = await setsOf(scene, name);
  const [running, ...others] = sets.filter((s) => (s.spec?.replicas ?? 0) > 0);
  t.deepEqual(others, []);
  t.is(running?.metadata.annotations?.[REVISION], done.metadata.annotations?.[REVISION]);
  t.is(running?.spec?.template?.spec?.containers[0]?.env?.[0]?.value, 'while-paused');
  await eventually(async () => (await setsOf(scene, name)).length <= 3, { what: 'old revisions to be deleted' });
});
