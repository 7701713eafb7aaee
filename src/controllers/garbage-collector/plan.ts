import type { OwnerReference } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';

export const ORPHAN_FINALIZER = 'orphan';
export const FOREGROUND_FINALIZER = 'foregroundDeletion';

/** What is known of an owner: it lives; it is gone (or another object has its name); it waits for its dependents to go. */
export type OwnerState = 'solid' | 'dangling' | 'waiting' | 'unknown';

export interface OwnedBy {
  readonly reference: OwnerReference;
  readonly state: OwnerState;
}

export type DependentPlan =
  | { readonly action: 'keep' }
  | { readonly action: 'unlink'; readonly references: readonly OwnerReference[] }
  | { readonly action: 'delete'; readonly policy: 'Background' | 'Foreground' | 'Orphan' };

/** A dependent lives as long as one of its owners does. An owner whose kind cannot be asked for counts as alive. */
export function planDependent(object: KubeObject, owners: readonly OwnedBy[], hasDependents: boolean): DependentPlan {
  if (owners.length === 0) return { action: 'keep' };
  const gone = owners.filter(({ state }) => state === 'dangling' || state === 'waiting');
  if (gone.length === 0) return { action: 'keep' };
  if (gone.length < owners.length) return { action: 'unlink', references: gone.map(({ reference }) => reference) };
  const finalizers = object.metadata.finalizers ?? [];
  // An owner that waits wants its dependents' dependents gone too before it goes.
  if (owners.some(({ state }) => state === 'waiting') && hasDependents) return { action: 'delete', policy: 'Foreground' };
  if (finalizers.includes(ORPHAN_FINALIZER)) return { action: 'delete', policy: 'Orphan' };
  return { action: 'delete', policy: finalizers.includes(FOREGROUND_FINALIZER) ? 'Foreground' : 'Background' };
}

export const isDeleting = (object: KubeObject): boolean => object.metadata.deletionTimestamp !== undefined;
export const isWaitingForDependents = (object: KubeObject): boolean => isDeleting(object) && (object.metadata.finalizers?.includes(FOREGROUND_FINALIZER) ?? false);
export const isOrphaning = (object: KubeObject): boolean => isDeleting(object) && (object.metadata.finalizers?.includes(ORPHAN_FINALIZER) ?? false);

/** Whether an event of the object can mean work; `old` is absent for objects that were added or deleted. */
export function isOfInterest(object: KubeObject, old: KubeObject | undefined): boolean {
  if (isWaitingForDependents(object) || isOrphaning(object)) return true;
  if ((object.metadata.ownerReferences ?? []).length === 0) return false;
  return old === undefined || JSON.stringify(object.metadata.ownerReferences) !== JSON.stringify(old.metadata.ownerReferences);
}
