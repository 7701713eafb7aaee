import type { Node } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { NODES } from '#api/resources.ts';
import { behaviour } from './support/behaviour.ts';
import { updateLatest } from './support/operations.ts';
import { isGone } from './support/workloads.ts';

const READY = { type: 'Ready', status: 'True', reason: 'E2E', message: 'Set from e2e test' };

behaviour('[sig-node] Node Lifecycle should run through the lifecycle of a node [Conformance]', async (scene) => {
  const { t, api, unique } = scene;
  const name = unique('e2e-fake-node');
  const made = (await api.create(NODES, { metadata: { name }, spec: { unschedulable: true }, status: { phase: 'Running', conditions: [READY] } })) as Node & KubeObject;
  t.like(made.status?.conditions?.[0], READY);
  t.is((await api.get(NODES, name)).metadata.name, name);
  const patched = await api.patch(NODES, name, 'strategic', { metadata: { labels: { [name]: 'patched' } } });
  t.is(patched.metadata.labels?.[name], 'patched');
  t.true(BigInt(patched.metadata.resourceVersion ?? '') > BigInt(made.metadata.resourceVersion ?? ''));
  t.deepEqual((await api.list(NODES, { query: { labelSelector: `${name}=patched` } })).items.map((n) => n.metadata.name), [name]);
  const updated = await updateLatest(scene, NODES, name, undefined, ({ metadata }) => ({ metadata: { ...metadata, labels: { ...metadata.labels, [name]: 'updated' } } }));
  t.is(updated.metadata.labels?.[name], 'updated');
  await api.delete(NODES, name);
  await isGone(scene, NODES, name);
});
