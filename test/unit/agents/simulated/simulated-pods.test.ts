import test from 'ava';
import { SimulatedPods } from '#agents/simulated/simulated-pods.ts';
import type { Pod, PodStatus } from '#api/generated/core/v1.ts';
import { StatusError } from '#api/status-error.ts';
import { silentLogger } from '#base/logger.ts';
import type { Client, Target } from '#client/client.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { waitFor } from '#test/support/wait.ts';

const pod = (name: string, extra: { readonly spec?: object; readonly metadata?: object } = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', uid: `uid-${name}`, ...extra.metadata },
  spec: { nodeName: 'sim-0', containers: [{ name: 'c', image: 'app' }], ...extra.spec },
});

/** Pods that are written come back through the watch. */
function setUp(latencyMs = 0) {
  const clock = new ManualClock(1_750_000_000_000);
  const objects = new Map<string, Pod>();
  const deleted: unknown[] = [];
  let failures = 0;
  const client = {
    patch: async (_: unknown, { name }: Target, patch: { readonly body: { readonly status: PodStatus } }) => {
      if (failures-- > 0) throw new StatusError('ServiceUnavailable', 'try later');
      put({ ...objects.get(name)!, status: { ...objects.get(name)!.status, ...patch.body.status } });
    },
    delete: async (_: unknown, { name }: Target, options: unknown) => {
      deleted.push({ name, options });
      pods.onDelete(objects.get(name)!);
      objects.delete(name);
    },
  } as unknown as Client;
  const pods = new SimulatedPods({ client, clock, log: silentLogger, latencyMs, hostIP: (node) => (node.startsWith('sim-') ? '10.208.0.0' : undefined) });
  const put = (object: Pod): void => {
    objects.set(object.metadata.name!, object);
    pods.onUpdate(object);
  };
  const phase = (name: string) => objects.get(name)?.status?.phase;
  return { clock, put, phase, objects, deleted, fail: (times: number) => void (failures = times) };
}

const settled = (probe: () => boolean, what: string) => waitFor(probe, { what, intervalMs: 1 });

test('pods of simulated nodes run, each with its own address; others are left alone', async (t) => {
  const { put, phase, objects } = setUp();
  for (let i = 0; i < 200; i += 1) put(pod(`p${i}`));
  put(pod('elsewhere', { spec: { nodeName: 'real' } }));
  await settled(() => phase('p199') === 'Running', 'all pods run');
  t.is(new Set([...objects.values()].flatMap((p) => p.status?.podIP ?? [])).size, 200);
  t.is(phase('elsewhere'), undefined);
});

test('latency passes before a pod runs, and its duration before it has succeeded', async (t) => {
  const { clock, put, phase } = setUp(500);
  put(pod('job', { spec: { restartPolicy: 'Never' }, metadata: { annotations: { 'headway.dev/simulated-duration': '10s' } } }));
  await clock.advance(499);
  t.is(phase('job'), undefined);
  await clock.advance(1);
  await settled(() => phase('job') === 'Running', 'the pod runs');
  await clock.advance(9_000);
  t.is(phase('job'), 'Running');
  await clock.advance(1_000);
  await settled(() => phase('job') === 'Succeeded', 'the pod has succeeded');
});

test('a pod that is to go is deleted with no grace left', async (t) => {
  const { put, phase, deleted } = setUp();
  put(pod('p'));
  await settled(() => phase('p') === 'Running', 'the pod runs');
  put(pod('p', { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 } }));
  await settled(() => deleted.length === 1, 'the pod is deleted');
  t.deepEqual(deleted, [{ name: 'p', options: { gracePeriodSeconds: 0, preconditions: { uid: 'uid-p' } } }]);
});

test('a report that fails is made again', async (t) => {
  const { clock, put, phase, fail } = setUp();
  fail(1);
  put(pod('p'));
  await settled(() => {
    void clock.advance(1_000);
    return phase('p') === 'Running';
  }, 'the pod runs');
  t.is(phase('p'), 'Running');
});
