import test, { type ExecutionContext } from 'ava';
import { systemClock } from '#base/clock.ts';
import { createLogger, silentLogger } from '#base/logger.ts';
import type { Deployment } from '#api/generated/apps/v1.ts';
import type { Pod, PodStatus } from '#api/generated/core/v1.ts';
import { isPodReady } from '#api/pods.ts';
import { CONFIG_MAPS, DEPLOYMENTS, ENDPOINT_SLICES, ENDPOINTS, EVENTS, JOBS, NAMESPACES, NODES, PODS, REPLICA_SETS, SERVICE_ACCOUNTS, SERVICES } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Client } from '#client/client.ts';
import type { createInformerFactory } from '#client/informer-factory.ts';
import { startPlaneWithControllers } from '#test/support/running-controllers.ts';

const log = process.env['HEADWAY_TEST_LOG'] ? createLogger({ level: 'debug' }) : silentLogger;

/** The whole control plane but for scheduler and agent: their part is played by {@link playNode}. */
async function setUp(t: ExecutionContext): Promise<Client> {
  const { admin, informers, signal } = await startPlaneWithControllers(t, { log });
  await admin.create(NODES, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {} });
  playNode(admin, informers.informer(PODS), signal);
  return admin;
}

/** Binds each pod and makes it ready, or lets it end when its command says so; deleted pods go at once. */
function playNode(admin: Client, pods: ReturnType<ReturnType<typeof createInformerFactory>['informer']>, signal: AbortSignal): void {
  const act = async (pod: Pod): Promise<void> => {
    if (pod.metadata.deletionTimestamp !== undefined) {
      await admin.delete(PODS, pod.metadata, { gracePeriodSeconds: 0 });
      return;
    }
    if (!pod.spec?.nodeName) return void (await admin.createSubresource(PODS, pod.metadata, 'binding', { apiVersion: 'v1', kind: 'Binding', metadata: { name: pod.metadata.name }, target: { kind: 'Node', name: 'n1' } }));
    if (pod.status?.phase !== 'Pending') return;
    const ends = pod.spec.restartPolicy === 'Never';
    const ip = `10.1.0.${1 + Math.floor(Math.random() * 250)}`;
    const status: PodStatus = {
      phase: ends ? 'Succeeded' : 'Running', podIP: ip, podIPs: [{ ip }],
      conditions: [{ type: 'Ready', status: ends ? 'False' : 'True', lastTransitionTime: new Date().toISOString().replace(/\.\d+/, '') }],
    };
    await admin.patch(PODS, pod.metadata, { type: 'merge', body: { status } }, { subresource: 'status' });
  };
  const handle = (pod: unknown): void => void (signal.aborted || act(pod as Pod).catch((error: unknown) => {
    if (!signal.aborted && !isStatus(error, 'NotFound', 'Conflict')) throw error;
  }));
  pods.subscribe({ onAdd: handle, onUpdate: handle });
}

async function until<T>(read: () => Promise<T | undefined | false>, what: string): Promise<T> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const value = await read();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`${what}: not within 15 s`);
    await systemClock.sleep(10);
  }
}

const web = (image: string, replicas = 2): Deployment => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'default', name: 'web' },
  spec: { replicas, selector: { matchLabels: { app: 'web' } }, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image }] } } },
});
const isRolledOut = (image: string, replicas: number) => async (client: Client): Promise<Deployment | false> => {
  const d = await client.get(DEPLOYMENTS, { namespace: 'default', name: 'web' });
  const pods = (await client.list(PODS, { namespace: 'default', labelSelector: 'app=web' })).items;
  const isDone = pods.length === replicas && pods.every((p) => isPodReady(p) && p.spec?.containers[0]?.image === image)
    && d.status?.observedGeneration === d.metadata.generation && (d.status?.availableReplicas ?? 0) === replicas && (d.status?.updatedReplicas ?? 0) === replicas && (d.status?.replicas ?? 0) === replicas;
  return isDone && d;
};

test('a Deployment comes up, rolls to another image, scales, heals, and takes all it made with it', async (t) => {
  const client = await setUp(t);
  await client.create(DEPLOYMENTS, web('a'));
  await client.create(SERVICES, { apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } });
  await until(() => isRolledOut('a', 2)(client), 'first rollout');

  await client.patch(DEPLOYMENTS, { namespace: 'default', name: 'web' }, { type: 'strategic', body: { spec: { template: { spec: { containers: [{ name: 'c', image: 'b' }] } } } } });
  const rolled = await until(() => isRolledOut('b', 2)(client), 'second rollout');
  t.is(rolled.metadata.annotations?.['deployment.kubernetes.io/revision'], '2');

  await client.patch(DEPLOYMENTS, { namespace: 'default', name: 'web' }, { type: 'merge', body: { spec: { replicas: 4 } } });
  await until(() => isRolledOut('b', 4)(client), 'scaling');
  const [victim] = (await client.list(PODS, { namespace: 'default' })).items;
  await client.delete(PODS, victim!.metadata, { gracePeriodSeconds: 0 });
  await until(async () => (await isRolledOut('b', 4)(client)) && (await client.list(PODS, { namespace: 'default' })).items.every((p) => p.metadata.uid !== victim!.metadata.uid), 'healing');

  await until(async () => {
    const slices = (await client.list(ENDPOINT_SLICES, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=web' })).items;
    const legacy = await client.get(ENDPOINTS, { namespace: 'default', name: 'web' });
    const ready = slices.flatMap((s) => s.endpoints ?? []).filter((e) => e.conditions?.ready);
    return ready.length === 4 && legacy.subsets?.[0]?.addresses?.length === 4;
  }, 'endpoints');
  await until(async () => (await client.list(EVENTS, { namespace: 'default' })).items.some((e) => e.reason === 'ScalingReplicaSet' && e.involvedObject.name === 'web'), 'the event');

  await client.delete(DEPLOYMENTS, { namespace: 'default', name: 'web' }, { propagationPolicy: 'Foreground' });
  await until(async () => (await client.list(PODS, { namespace: 'default' })).items.length === 0 && (await client.list(REPLICA_SETS, { namespace: 'default' })).items.length === 0
    && (await client.list(DEPLOYMENTS, { namespace: 'default' })).items.length === 0, 'garbage collection');
});

test('a Job completes and its pods are released, and a namespace goes with all that is in it', async (t) => {
  const client = await setUp(t);
  await client.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'team' }, spec: {} });
  await until(async () => {
    const accounts = (await client.list(SERVICE_ACCOUNTS, { namespace: 'team' })).items;
    const maps = (await client.list(CONFIG_MAPS, { namespace: 'team' })).items;
    return accounts.length === 1 && maps.some((m) => m.metadata.name === 'kube-root-ca.crt' && m.data?.['ca.crt'] === 'CA');
  }, 'namespace contents');
  await client.create(JOBS, {
    apiVersion: 'batch/v1', kind: 'Job', metadata: { namespace: 'team', name: 'j' },
    spec: { completions: 3, parallelism: 2, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'a' }] } } },
  });
  const job = await until(async () => {
    const j = await client.get(JOBS, { namespace: 'team', name: 'j' });
    return j.status?.conditions?.some((c) => c.type === 'Complete' && c.status === 'True') && j;
  }, 'completion');
  t.is(job.status?.succeeded, 3);
  t.is(job.status?.failed ?? 0, 0);
  t.deepEqual((await client.list(PODS, { namespace: 'team' })).items.flatMap((p) => p.metadata.finalizers ?? []), []);
  await client.delete(NAMESPACES, { name: 'team' });
  await until(async () => {
    const left = await client.get(NAMESPACES, { name: 'team' }).catch((error: unknown) => isStatus(error, 'NotFound') ? undefined : Promise.reject(error as Error));
    return left === undefined && (await client.list(PODS, { namespace: 'team' })).items.length === 0;
  }, 'end of the namespace');
});
