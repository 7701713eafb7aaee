import type { NamespaceCondition } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { withCondition } from '#controller/conditions.ts';

/** Objects of one resource that are still in a namespace. */
export interface Remaining {
  readonly resource: ResourceType;
  readonly objects: readonly KubeObject[];
}

/** What is known of a namespace that goes away. */
export interface Emptying {
  /** Versions of extension API servers that do not tell what they hold: `metrics.example.com/v1`. */
  readonly undiscovered: readonly string[];
  readonly remaining: readonly Remaining[];
  /** What kept objects from being listed or deleted. */
  readonly failures: readonly Error[];
}

type Condition = Pick<NamespaceCondition, 'status' | 'reason' | 'message'>;

/** The five conditions of a namespace that goes away, in the words of Kubernetes; `present` itself when none changes. */
export function deletionConditions(present: readonly NamespaceCondition[] | undefined, emptying: Emptying, now: string): readonly NamespaceCondition[] | undefined {
  const all: Readonly<Record<string, Condition>> = {
    NamespaceDeletionDiscoveryFailure: discoveryFailure(emptying.undiscovered),
    NamespaceDeletionGroupVersionParsingFailure: { status: 'False', reason: 'ParsedGroupVersions', message: 'All legacy kube types successfully parsed' },
    NamespaceDeletionContentFailure: contentFailure(emptying.failures),
    NamespaceContentRemaining: contentRemaining(emptying.remaining),
    NamespaceFinalizersRemaining: finalizersRemaining(emptying.remaining),
  };
  return Object.entries(all).reduce<readonly NamespaceCondition[] | undefined>((conditions, [type, condition]) => withCondition(conditions, { type, ...condition, lastTransitionTime: now }), present);
}

function discoveryFailure(undiscovered: readonly string[]): Condition {
  if (undiscovered.length === 0) return { status: 'False', reason: 'ResourcesDiscovered', message: 'All resources successfully discovered' };
  const texts = undiscovered.map((groupVersion) => `${groupVersion}: stale GroupVersion discovery: ${groupVersion}`);
  return { status: 'True', reason: 'DiscoveryFailed', message: `Discovery failed for some groups, ${texts.length} failing: unable to retrieve the complete list of server APIs: ${texts.join(', ')}` };
}

function contentFailure(failures: readonly Error[]): Condition {
  if (failures.length === 0) return { status: 'False', reason: 'ContentDeleted', message: 'All content successfully deleted, may be waiting on finalization' };
  const texts = [...new Set(failures.map(({ message }) => message))].toSorted();
  return { status: 'True', reason: 'ContentDeletionFailed', message: `Failed to delete all resource types, ${failures.length} remaining: ${texts.join(', ')}` };
}

function contentRemaining(remaining: readonly Remaining[]): Condition {
  if (remaining.length === 0) return { status: 'False', reason: 'ContentRemoved', message: 'All content successfully removed' };
  const texts = remaining.map(({ resource, objects }) => `${resource.plural}.${resource.group} has ${objects.length} resource instances`);
  return { status: 'True', reason: 'SomeResourcesRemain', message: `Some resources are remaining: ${texts.toSorted().join(', ')}` };
}

function finalizersRemaining(remaining: readonly Remaining[]): Condition {
  const finalizers = Map.groupBy(remaining.flatMap(({ objects }) => objects.flatMap(({ metadata }) => metadata.finalizers ?? [])), (finalizer) => finalizer);
  if (finalizers.size === 0) return { status: 'False', reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' };
  const texts = [...finalizers].map(([finalizer, all]) => `${finalizer} in ${all.length} resource instances`);
  return { status: 'True', reason: 'SomeFinalizersRemain', message: `Some content in the namespace has finalizers remaining: ${texts.toSorted().join(', ')}` };
}
