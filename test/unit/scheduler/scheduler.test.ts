import test, { type ExecutionContext } from 'ava';
import { waitFor } from '#test/support/wait.ts';
import { buildNode, buildPod } from './builders.ts';
import { FakeCluster } from './fake-cluster.ts';

async function startCluster(t: ExecutionContext): Promise<FakeCluster> {
  const cluster = new FakeCluster();
  t.teardown(() => cluster.stop());
  await cluster.start();
  return cluster;
}

const placed = (cluster: FakeCluster, name: string): Promise<string> => waitFor(() => cluster.nodeOf(name), { what: `${name} has a node`, intervalMs: 1 });
const condition = (cluster: FakeCluster, name: string) => cluster.statusOf(name).conditions?.find((c) => c.type === 'PodScheduled');

test('a pending pod gets a node, and an event says which', async (t) => {
  const cluster = await startCluster(t);
  cluster.nodes.put(buildNode('a'));
  cluster.pods.put(buildPod('p'));
  t.is(await placed(cluster, 'p'), 'a');
  await waitFor(() => cluster.events.length > 0, { what: 'the event', intervalMs: 1 });
  t.deepEqual(cluster.events, ['p Scheduled: Successfully assigned default/p to a']);
});

test('many pods at once fill the nodes and no more', async (t) => {
  const cluster = await startCluster(t);
  for (let i = 0; i < 10; i += 1) cluster.nodes.put(buildNode(`n${i}`));
  for (let i = 0; i < 50; i += 1) cluster.pods.put(buildPod(`p${i}`, { requests: { cpu: '1' } }));
  const bound = () => [...cluster.pods.objects.values()].filter((pod) => pod.spec?.nodeName);
  await waitFor(() => bound().length === 40, { what: '40 pods are bound', intervalMs: 1 });
  const perNode = Object.groupBy(bound(), (pod) => pod.spec?.nodeName ?? '');
  t.true(Object.values(perNode).every((pods) => pods?.length === 4));
});

test('a pod that fits nowhere says why, and is placed when a node comes', async (t) => {
  const cluster = await startCluster(t);
  cluster.nodes.put(buildNode('small', { allocatable: { cpu: '1' } }));
  cluster.pods.put(buildPod('p', { requests: { cpu: '2' } }));
  const reported = await waitFor(() => condition(cluster, 'p'), { what: 'the condition', intervalMs: 1 });
  const message = '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
  t.like(reported, { status: 'False', reason: 'Unschedulable', message });
  t.deepEqual(cluster.events, [`p FailedScheduling: ${message}`]);
  cluster.nodes.put(buildNode('large'));
  await cluster.clock.advance(1_000);
  t.is(await placed(cluster, 'p'), 'large');
});

test('a pod with scheduling gates waits until they are gone', async (t) => {
  const cluster = await startCluster(t);
  cluster.nodes.put(buildNode('a'));
  const pod = buildPod('p', { spec: { schedulingGates: [{ name: 'quota' }] } });
  cluster.pods.put(pod);
  t.is((await waitFor(() => condition(cluster, 'p'), { what: 'the condition', intervalMs: 1 })).reason, 'SchedulingGated');
  t.is(cluster.nodeOf('p'), undefined);
  const { schedulingGates: _, ...spec } = pod.spec!;
  cluster.pods.put({ ...pod, spec });
  t.is(await placed(cluster, 'p'), 'a');
});

test('a lost race for a pod frees what was assumed for it', async (t) => {
  const cluster = await startCluster(t);
  cluster.nodes.put(buildNode('a'));
  cluster.nodes.put(buildNode('b'));
  cluster.conflicting.add('p');
  const pod = buildPod('p', { requests: { cpu: '4' } });
  cluster.pods.put(pod);
  await waitFor(() => cluster.conflicting.size === 0, { what: 'the conflict', intervalMs: 1 });
  cluster.pods.put({ ...pod, spec: { ...pod.spec!, nodeName: 'b' } });
  cluster.pods.put(buildPod('q', { requests: { cpu: '4' } }));
  t.is(await placed(cluster, 'q'), 'a');
});

test('a more important pod makes room for itself', async (t) => {
  const cluster = await startCluster(t);
  cluster.nodes.put(buildNode('a'));
  cluster.pods.put(buildPod('low', { requests: { cpu: '3' } }));
  await placed(cluster, 'low');
  cluster.pods.put(buildPod('vip', { requests: { cpu: '3' }, spec: { priority: 1000 } }));
  await waitFor(() => !cluster.pods.objects.has('default/low'), { what: 'the victim is gone', intervalMs: 1 });
  t.is(cluster.statusOf('vip').nominatedNodeName, 'a');
  await waitFor(() => cluster.events.includes('low Preempted: Preempted by pod uid-vip on node a'), { what: 'the event', intervalMs: 1 });
  await waitFor(async () => {
    await cluster.clock.advance(1_000);
    return cluster.nodeOf('vip');
  }, { what: 'vip has a node', intervalMs: 1 });
  t.is(cluster.nodeOf('vip'), 'a');
});

test('pods of other schedulers, and finished pods, are left alone', async (t) => {
  const cluster = await startCluster(t);
  cluster.nodes.put(buildNode('a'));
  cluster.pods.put(buildPod('theirs', { spec: { schedulerName: 'other' } }));
  cluster.pods.put({ ...buildPod('failed'), status: { phase: 'Failed' } });
  cluster.pods.put(buildPod('ours'));
  await placed(cluster, 'ours');
  t.is(cluster.nodeOf('theirs'), undefined);
  t.is(cluster.nodeOf('failed'), undefined);
});

test('a promise that cannot be kept is taken back, for the pod itself and for less important ones', async (t) => {
  const cluster = await startCluster(t);
  cluster.nodes.put(buildNode('a'));
  cluster.pods.put(buildPod('old', { requests: { cpu: '4' }, spec: { priority: 5 } }));
  await placed(cluster, 'old');
  const hopeful = buildPod('hopeful', { requests: { cpu: '2' }, spec: { priority: 1 } });
  cluster.pods.put({ ...hopeful, status: { nominatedNodeName: 'a' } });
  await waitFor(() => cluster.statusOf('hopeful').conditions?.length === 1 && !cluster.statusOf('hopeful').nominatedNodeName, { what: 'the promise to be taken back', intervalMs: 1 });
  const middle = buildPod('middle', { requests: { cpu: '3' }, spec: { priority: 10 } });
  cluster.pods.put({ ...buildPod('waiting', { requests: { cpu: '1' }, spec: { priority: 6, schedulingGates: [] } }), status: { nominatedNodeName: 'a' } });
  cluster.pods.put(middle);
  await waitFor(() => cluster.statusOf('middle').nominatedNodeName === 'a', { what: 'room for the important one', intervalMs: 1 });
  await waitFor(() => !cluster.statusOf('waiting').nominatedNodeName, { what: 'the less important one to be told', intervalMs: 1 });
  t.is(cluster.statusOf('middle').nominatedNodeName, 'a');
});

test('a message of more than a thousand characters is cut in the event, and whole in the condition', async (t) => {
  const cluster = await startCluster(t);
  cluster.nodes.put(buildNode('a'));
  const requests = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`example.com/resource-${i}`, '1']));
  cluster.pods.put(buildPod('p', { requests }));
  await waitFor(() => cluster.statusOf('p').conditions?.length === 1, { what: 'the condition', intervalMs: 1 });
  const note = cluster.events.find((event) => event.startsWith('p FailedScheduling: '))?.slice('p FailedScheduling: '.length) ?? '';
  t.is(note.length, 1_024);
  t.true(note.endsWith(' ...'));
  t.true((cluster.statusOf('p').conditions?.[0]?.message?.length ?? 0) > 1_024);
});
