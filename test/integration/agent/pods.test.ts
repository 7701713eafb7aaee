import test from 'ava';
import { PODS } from '#api/resources.ts';
import { waitFor } from '#test/support/wait.ts';
import { FOREVER, isReady, podOf, shell, startNode } from '#test/support/node.ts';

test('a pod runs, is ready, and goes when deleted', async (t) => {
  const node = await startNode();
  t.teardown(node.close);
  await node.start();
  const began = performance.now();
  await node.api.create(PODS, podOf('web', { main: shell(FOREVER) }));
  const pod = await node.until('web', 'is ready', isReady);
  t.log(`ready after ${Math.round(performance.now() - began)} ms`);
  const [status] = pod.status?.containerStatuses ?? [];
  t.is(pod.status?.phase, 'Running');
  t.regex(status?.containerID ?? '', /^containerd:\/\/[0-9a-f]{64}$/);
  t.true(status?.started);
  t.is(pod.status?.podIP, '127.0.0.1');
  // One, or on a slow machine one more that shows what it waits for.
  t.true(node.api.requests.filter((r) => r.verb === 'patch' && r.plural === 'pods').length <= 2);

  await node.api.delete(PODS, { namespace: 'default', name: 'web' });
  await waitFor(() => node.pod('web') === undefined, { what: 'the pod is gone' });
});

test('stopping the node ends every container and leaves the pods in the API, which start again with it', async (t) => {
  const node = await startNode();
  t.teardown(node.close);
  const agent = await node.start();
  await node.api.create(PODS, podOf('web', { main: shell(FOREVER) }));
  const before = await node.until('web', 'is ready', isReady);
  await agent.stopPods(5);
  t.deepEqual(await node.runtime().listSandboxes(), []);
  t.is(node.pod('web')?.status?.phase, 'Running');
  await node.stop();
  await node.start();
  const after = await node.until('web', 'is back', (p) => p.status?.containerStatuses?.[0]?.containerID !== before.status?.containerStatuses?.[0]?.containerID && isReady(p));
  t.is(after.status?.containerStatuses?.[0]?.restartCount, 1);
});

test('a deleted pod runs its preStop hook within its grace', async (t) => {
  const node = await startNode();
  t.teardown(node.close);
  await node.start();
  const main = { ...shell(FOREVER), lifecycle: { preStop: { exec: { command: ['/bin/sh', '-c', 'echo -n bye > /dev/termination-log'] } } } };
  await node.api.create(PODS, podOf('polite', { main }, { terminationGracePeriodSeconds: 5 }));
  await node.until('polite', 'is ready', isReady);
  const words = waitFor(() => node.pod('polite')?.status?.containerStatuses?.[0]?.state?.terminated?.message, { what: 'the last words', intervalMs: 1 });
  await node.api.delete(PODS, { namespace: 'default', name: 'polite' });
  t.is(await words, 'bye');
  await waitFor(async () => node.pod('polite') === undefined && (await node.runtime().listSandboxes()).length === 0, { what: 'nothing of the pod is left' });
});
