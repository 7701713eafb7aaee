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
  t.is(node.api.requests.filter((r) => r.verb === 'patch' && r.plural === 'pods').length, 1);

  await node.api.delete(PODS, { namespace: 'default', name: 'web' });
  await waitFor(() => node.pod('web') === undefined, { what: 'the pod is gone' });
});
