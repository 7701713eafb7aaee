import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { CONFIG_MAPS, DEPLOYMENTS } from '#api/resources.ts';
import { deletionConditions, type Emptying } from '#controllers/namespace/conditions.ts';

const NOW = '2026-01-02T03:04:05Z';
const held = (name: string, finalizers: readonly string[] = []): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...(finalizers.length > 0 ? { finalizers } : {}) } });
const told = (emptying: Omit<Emptying, 'undiscovered'>, undiscovered: readonly string[] = []): Readonly<Record<string, string>> =>
  Object.fromEntries((deletionConditions(undefined, { ...emptying, undiscovered }, NOW) ?? []).map(({ type, status, reason, message }) => [type, `${status} ${reason ?? ''}: ${message ?? ''}`]));

test('of a namespace that is empty all five conditions say so', (t) => {
  t.deepEqual(told({ remaining: [], failures: [] }), {
    NamespaceDeletionDiscoveryFailure: 'False ResourcesDiscovered: All resources successfully discovered',
    NamespaceDeletionGroupVersionParsingFailure: 'False ParsedGroupVersions: All legacy kube types successfully parsed',
    NamespaceDeletionContentFailure: 'False ContentDeleted: All content successfully deleted, may be waiting on finalization',
    NamespaceContentRemaining: 'False ContentRemoved: All content successfully removed',
    NamespaceFinalizersRemaining: 'False ContentHasNoFinalizers: All content-preserving finalizers finished',
  });
});

test('what is left, what holds it and what failed is told', (t) => {
  const remaining = [{ resource: DEPLOYMENTS, objects: [held('a')] }, { resource: CONFIG_MAPS, objects: [held('b', ['x/y']), held('c', ['x/y', 'a/b'])] }];
  t.like(told({ remaining, failures: [new Error('no'), new Error('denied'), new Error('no')] }), {
    NamespaceDeletionContentFailure: 'True ContentDeletionFailed: Failed to delete all resource types, 3 remaining: denied, no',
    NamespaceContentRemaining: 'True SomeResourcesRemain: Some resources are remaining: configmaps. has 2 resource instances, deployments.apps has 1 resource instances',
    NamespaceFinalizersRemaining: 'True SomeFinalizersRemain: Some content in the namespace has finalizers remaining: a/b in 1 resource instances, x/y in 2 resource instances',
  });
});

test('a finalizer that has gone is told of no more, and nothing changes without a reason', (t) => {
  const before = deletionConditions(undefined, { undiscovered: [], remaining: [{ resource: CONFIG_MAPS, objects: [held('a', ['x/y'])] }], failures: [] }, NOW);
  const after = deletionConditions(before, { undiscovered: [], remaining: [{ resource: CONFIG_MAPS, objects: [held('a')] }], failures: [] }, 'later');
  t.like(after?.find((c) => c.type === 'NamespaceFinalizersRemaining'), { status: 'False', lastTransitionTime: 'later' });
  t.like(after?.find((c) => c.type === 'NamespaceContentRemaining'), { status: 'True', lastTransitionTime: NOW });
  t.is(deletionConditions(after, { undiscovered: [], remaining: [{ resource: CONFIG_MAPS, objects: [held('a')] }], failures: [] }, 'later still'), after);
});

test('extension API servers that do not answer are told of', (t) => {
  t.is(told({ remaining: [], failures: [] }, ['a.example.com/v1', 'metrics.k8s.io/v1beta1'])['NamespaceDeletionDiscoveryFailure'],
    'True DiscoveryFailed: Discovery failed for some groups, 2 failing: unable to retrieve the complete list of server APIs: a.example.com/v1: stale GroupVersion discovery: a.example.com/v1, metrics.k8s.io/v1beta1: stale GroupVersion discovery: metrics.k8s.io/v1beta1');
});
