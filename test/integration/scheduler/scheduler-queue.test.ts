import test from 'ava';
import { silentLogger } from '#base/logger.ts';
import { createBullQueueFactory } from '#queue/bullmq/queue-factory.ts';
import { startTestRedis } from '#test/support/redis.ts';
import { waitFor } from '#test/support/wait.ts';
import { buildNode, buildPod } from '#test/unit/scheduler/builders.ts';
import { FakeCluster } from '#test/unit/scheduler/fake-cluster.ts';

test('over a real work queue, pods that come in bursts and one by one are all placed', async (t) => {
  const redis = await startTestRedis(t);
  const queues = createBullQueueFactory({ socketPath: redis.socketPath, prefix: '{test}:queue', log: silentLogger });
  const cluster = new FakeCluster();
  t.teardown(async () => {
    cluster.stop();
    await queues.close();
  });
  for (let i = 0; i < 100; i += 1) cluster.nodes.put(buildNode(`n${i}`, { allocatable: { cpu: '32', memory: '64Gi' } }));
  await cluster.start(queues);
  const place = async (names: readonly string[]): Promise<void> => {
    for (const name of names) cluster.pods.put(buildPod(name, { requests: { cpu: '100m' } }));
    await waitFor(() => names.every((name) => cluster.nodeOf(name)), { what: `${names.length} pods are placed`, intervalMs: 2 });
  };
  await place(Array.from({ length: 1000 }, (_, i) => `burst-${i}`));
  for (let i = 0; i < 20; i += 1) await place([`single-${i}`]);
  const perNode = Object.groupBy(cluster.pods.objects.values(), (pod) => pod.spec?.nodeName ?? '');
  t.true(Object.values(perNode).every((pods) => (pods?.length ?? 0) <= 12), 'spread evenly');
});
