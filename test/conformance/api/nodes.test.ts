import type { Node } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { NODES, PODS } from '#api/resources.ts';
import { behaviour } from './support/behaviour.ts';
import { updateLatest } from './support/operations.ts';
import { becomes, isGone, newPod } from './support/workloads.ts';

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

behaviour('[sig-scheduling] SchedulerPredicates [Serial] extended resources in a node\'s capacity are offered to pods', async (scene) => {
  const { t, api, namespace, unique } = scene;
  const resource = `example.com/${unique('dongle')}`;
  const [node] = (await api.list(NODES, { query: { labelSelector: 'headway.dev/simulated' } })).items;
  const name = node?.metadata.name ?? '';
  const limits = { limits: { [resource]: '3' }, requests: { [resource]: '3' } };
  await api.create(PODS, newPod('user', {}, { containers: [{ name: 'c', image: 'example.org/none:1', resources: limits }] }), { namespace });
  await becomes(scene, PODS, 'user', (pod) => pod.status?.conditions?.some((c) => c.reason === 'Unschedulable') === true, 'to wait for the resource');
  // The suite sends a JSON patch with the slash escaped.
  await api.patch(NODES, name, 'json', [{ op: 'add', path: `/status/capacity/${resource.replace('/', '~1')}`, value: '5' }], { subresource: 'status' });
  await becomes(scene, NODES, name, (live) => live.status?.allocatable?.[resource] === '5', 'to offer the resource');
  const bound = await becomes(scene, PODS, 'user', (pod) => pod.spec?.nodeName !== undefined, 'to be bound');
  t.is(bound.spec?.nodeName, name);
  await api.patch(NODES, name, 'json', [{ op: 'remove', path: `/status/capacity/${resource.replace('/', '~1')}` }], { subresource: 'status' });
  await becomes(scene, NODES, name, (live) => !(resource in (live.status?.allocatable ?? {})), 'to offer it no more');
});
