import test from 'ava';
import type { Pod } from '#api/generated/core/v1.ts';
import { STORE_ID_ANNOTATION } from '#api/headway/v1/types.ts';
import { NAMESPACES, NODE_RESTORES, NODES, PODS } from '#api/resources.ts';
import { FOREVER, isReady, NODE_NAME, podOf, shell, startNode } from '#test/support/node.ts';
import { waitFor } from '#test/support/wait.ts';

const identity = (pod: Pod | undefined) => pod?.status?.containerStatuses?.map((s) => [s.containerID, s.state?.running?.startedAt, s.restartCount]);

test('no container is restarted when agent, runtime and API come and go', async (t) => {
  const node = await startNode();
  t.teardown(node.close);
  await node.start();
  await node.api.create(PODS, podOf('web', { main: shell(FOREVER) }));
  const before = identity(await node.until('web', 'is ready', isReady));

  await node.stop();
  await node.start();
  await waitFor(() => node.api.objects(NODES).length === 1, { what: 'the node reports' });
  await node.restartContainerd();
  await node.api.create(PODS, podOf('later', { main: shell(FOREVER) }));
  await node.until('later', 'is ready after containerd came back', isReady, 30_000);
  t.deepEqual(identity(node.pod('web')), before);

  // The API is away: what dies is started again all the same.
  node.api.goAway();
  const { id } = (await node.runtime().listContainers()).find((c) => c.name === 'main' && `containerd://${c.id}` === before?.[0]?.[0]) ?? {};
  await node.runtime().stopContainer(id ?? '', 0);
  await waitFor(async () => (await node.runtime().listContainers()).some((c) => c.state === 'running' && c.attempt === 1), { what: 'a restart without the API' });
  node.api.isAway = false;
  await node.until('web', 'shows its restart', (p) => p.status?.containerStatuses?.[0]?.restartCount === 1);
});

test('a store that lost everything is told what runs, and nothing is stopped', async (t) => {
  const node = await startNode();
  t.teardown(node.close);
  await node.start();
  await node.api.create(PODS, podOf('web', { main: shell(FOREVER) }));
  const before = await node.until('web', 'is ready', isReady);
  await waitFor(() => node.api.objects(NODES)[0]?.metadata.annotations?.['headway.dev/restored-store-id'] === 'store-1', { what: 'the store is known' });

  await node.stop();
  node.api.clear();
  await node.api.create(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', annotations: { [STORE_ID_ANNOTATION]: 'store-2' } } });
  await node.start();
  const report = await waitFor(() => node.api.objects(NODE_RESTORES)[0], { what: 'the node reports its pods' });
  t.is(report.spec.storeID, 'store-2');
  t.is(report.spec.nodeName, NODE_NAME);
  t.deepEqual(report.spec.pods.map((p) => p.metadata.uid), [before.metadata.uid]);
  t.deepEqual(identity(report.spec.pods[0]), identity(before));
});

test('a pod deleted while the agent was away is stopped when the API is back', async (t) => {
  const node = await startNode();
  t.teardown(node.close);
  await node.start();
  await node.api.create(PODS, podOf('web', { main: shell(FOREVER) }));
  await node.until('web', 'is ready', isReady);
  await waitFor(() => node.api.objects(NODES)[0]?.metadata.annotations?.['headway.dev/restored-store-id'] === 'store-1', { what: 'the store is known' });
  await node.stop();
  await node.api.delete(PODS, { namespace: 'default', name: 'web' }, { gracePeriodSeconds: 0 });
  await node.start();
  await waitFor(async () => (await node.runtime().listSandboxes()).length === 0, { what: 'nothing of it is left' });
  t.deepEqual(await node.runtime().listSandboxes(), []);
});
