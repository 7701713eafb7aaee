import test from 'ava';
import { CONFIG_MAPS, CUSTOM_RESOURCE_DEFINITIONS, EVENTS, NAMESPACES, PODS } from '#api/resources.ts';
import { planDeletion } from '#apiserver/verbs/deletion.ts';

const NOW = Date.UTC(2026, 0, 1);
const pod = (nodeName?: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n' }, spec: { ...(nodeName ? { nodeName } : {}), containers: [], terminationGracePeriodSeconds: 7 } });

test('a pod that no node has goes at once', (t) => {
  t.is(planDeletion(PODS, pod(), {}, NOW).type, 'remove');
});

test('a pod on a node is marked with its time of grace, which later requests can only shorten', (t) => {
  const first = planDeletion(PODS, pod('a'), {}, NOW);
  t.is(first.type, 'put');
  if (first.type !== 'put') return;
  t.is(first.object.metadata.deletionTimestamp, '2026-01-01T00:00:07Z');
  t.is(planDeletion(PODS, first.object, { gracePeriodSeconds: 60 }, NOW).type, 'keep');
  t.is(planDeletion(PODS, first.object, { gracePeriodSeconds: 0 }, NOW).type, 'remove');
});

test('of a definition the time of its deletion is marked, and nothing counted', (t) => {
  const definition = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'd', generation: 3, finalizers: ['x/y'] } };
  const first = planDeletion(CUSTOM_RESOURCE_DEFINITIONS, definition, {}, NOW);
  t.is(first.type, 'put');
  if (first.type === 'put') t.deepEqual(first.object.metadata, { name: 'd', generation: 3, finalizers: ['x/y', 'customresourcecleanup.apiextensions.k8s.io'], deletionTimestamp: '2026-01-01T00:00:00Z' });
});

test('a shorter time of grace ends now when it would be over already', (t) => {
  const going = { ...pod('a'), metadata: { name: 'p', namespace: 'n', finalizers: ['x/y'], deletionTimestamp: '2025-12-31T23:59:00Z', deletionGracePeriodSeconds: 60 } };
  for (const [gracePeriodSeconds, deletionGracePeriodSeconds] of [[50, 1], [0, 0]] as const) {
    t.like(planDeletion(PODS, going, { gracePeriodSeconds }, NOW), { type: 'put', object: { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds } } });
  }
});

test('while its time of grace runs a deletion changes nothing else, also of a pod that has ended', (t) => {
  const first = planDeletion(PODS, { ...pod('a'), metadata: { name: 'p', namespace: 'n', finalizers: ['x/y'] } }, {}, NOW);
  t.is(first.type, 'put');
  if (first.type !== 'put') return;
  const ended = { ...first.object, status: { phase: 'Succeeded' } };
  for (const object of [first.object, ended]) {
    t.deepEqual(planDeletion(PODS, object, { propagationPolicy: 'Orphan' }, NOW), { type: 'keep', object });
    t.deepEqual(planDeletion(PODS, object, { propagationPolicy: 'Foreground', gracePeriodSeconds: 7 }, NOW), { type: 'keep', object });
    t.deepEqual(planDeletion(PODS, object, {}, NOW), { type: 'keep', object });
  }
  const shorter = planDeletion(PODS, ended, { propagationPolicy: 'Orphan', gracePeriodSeconds: -1 }, NOW);
  t.is(shorter.type, 'put');
  if (shorter.type === 'put') t.like(shorter.object.metadata, { deletionGracePeriodSeconds: 1, deletionTimestamp: '2026-01-01T00:00:01Z', finalizers: ['x/y', 'orphan'] });
  const forced = planDeletion(PODS, first.object, { gracePeriodSeconds: 0 }, NOW);
  t.is(forced.type, 'put');
  // Nothing is left but finalizers.
  if (forced.type === 'put') t.like(planDeletion(PODS, forced.object, { propagationPolicy: 'Orphan' }, NOW), { type: 'put', object: { metadata: { finalizers: ['x/y', 'orphan'] } } });
});

test('finalizers and the policy of propagation keep an object', (t) => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'n' } };
  const decision = planDeletion(CONFIG_MAPS, object, { propagationPolicy: 'Foreground' }, NOW);
  t.is(decision.type, 'put');
  if (decision.type === 'put') t.deepEqual(decision.object.metadata.finalizers, ['foregroundDeletion']);
});

test('finalizers that are there already keep their order', (t) => {
  const of = (finalizers: readonly string[], propagationPolicy: 'Orphan' | 'Foreground') => {
    const decision = planDeletion(CONFIG_MAPS, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'n', finalizers } }, { propagationPolicy }, NOW);
    return decision.type === 'put' ? decision.object.metadata.finalizers : undefined;
  };
  t.deepEqual(of(['foo.com/x', 'orphan', 'bar.com/y'], 'Orphan'), ['foo.com/x', 'orphan', 'bar.com/y']);
  t.deepEqual(of(['foo.com/x', 'orphan', 'bar.com/y'], 'Foreground'), ['foo.com/x', 'bar.com/y', 'foregroundDeletion']);
});

test('what goes at once goes as it was, but a pod with the time of its deletion', (t) => {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', namespace: 'n', generation: 1, finalizers: ['orphan'] } };
  t.deepEqual(planDeletion(CONFIG_MAPS, object, { propagationPolicy: 'Background' }, NOW), { type: 'remove', last: object });
  t.like(planDeletion(PODS, pod(), {}, NOW), { type: 'remove', last: { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 } } });
});

test('an event has no dependents to wait for', (t) => {
  const event = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e', namespace: 'n', finalizers: ['orphan'] } };
  for (const propagationPolicy of ['Foreground', 'Orphan', 'Background'] as const) t.is(planDeletion(EVENTS, event, { propagationPolicy }, NOW).type, 'remove', propagationPolicy);
  t.is(planDeletion(EVENTS, event, {}, NOW).type, 'remove');
});

test('a namespace waits for its content', (t) => {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } };
  const decision = planDeletion(NAMESPACES, namespace, {}, NOW);
  t.is(decision.type, 'put');
  if (decision.type !== 'put') return;
  t.deepEqual(decision.object, { ...namespace, metadata: { name: 'n', deletionTimestamp: '2026-01-01T00:00:00Z' }, status: { phase: 'Terminating' } });
  const object = decision.object;
  t.deepEqual(planDeletion(NAMESPACES, object, { propagationPolicy: 'Foreground' }, NOW), { type: 'keep', object }, 'a deletion that has begun is changed by no other');
  t.is(planDeletion(NAMESPACES, { ...object, spec: {} } as never, {}, NOW).type, 'remove');
});
