import { controllerOf, controllerReference } from '#api/owner-references.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { isStatus } from '#api/status-error.ts';
import type { LabelPredicate } from '#api/selectors/labels.ts';
import type { Client } from '#client/client.ts';

export interface ClaimPlan<T> {
  /** Owned already, and selected. */
  readonly own: readonly T[];
  /** Selected, and without a controller. */
  readonly adopt: readonly T[];
  /** Owned, but no longer selected. */
  readonly release: readonly T[];
}

/** Who belongs to the owner. Objects of other controllers, and those that are being deleted while unowned, are left alone. */
export function planClaims<T extends KubeObject>(owner: KubeObject, matches: LabelPredicate, candidates: readonly T[]): ClaimPlan<T> {
  const isOwn = (o: T): boolean => controllerOf(o)?.uid === owner.metadata.uid;
  const isGoing = owner.metadata.deletionTimestamp !== undefined;
  const selected = candidates.filter((o) => matches(o.metadata.labels));
  return {
    own: selected.filter(isOwn),
    adopt: isGoing ? [] : selected.filter((o) => controllerOf(o) === undefined && o.metadata.deletionTimestamp === undefined),
    release: isGoing ? [] : candidates.filter((o) => isOwn(o) && !matches(o.metadata.labels)),
  };
}

export interface ClaimOptions<T extends KubeObject> {
  readonly client: Client;
  readonly resource: ResourceType<T>;
  readonly ownerResource: ResourceType;
  readonly owner: KubeObject;
  readonly matches: LabelPredicate;
  readonly candidates: readonly T[];
  /** Which adopted objects get, and released ones lose. Default: none. */
  readonly finalizer?: string;
  readonly signal: AbortSignal;
}

/** Carries out {@link planClaims} and returns what the owner then owns. */
export async function claim<T extends KubeObject>(options: ClaimOptions<T>): Promise<readonly T[]> {
  const plan = planClaims(options.owner, options.matches, options.candidates);
  await Promise.all(plan.release.map((object) => release(options, object)));
  if (plan.adopt.length === 0 || !(await ownerLives(options))) return plan.own;
  const adopted = await Promise.all(plan.adopt.map((object) => adopt(options, object)));
  return [...plan.own, ...adopted.filter((object) => object !== undefined)];
}

/** The cache may be behind: an owner that was deleted, or replaced under its name, must adopt nothing. */
async function ownerLives({ client, ownerResource, owner, signal }: ClaimOptions<KubeObject>): Promise<boolean> {
  const live = await client.get(ownerResource, owner.metadata, { signal }).catch(ignoreNotFound);
  return live?.metadata.uid === owner.metadata.uid && live?.metadata.deletionTimestamp === undefined;
}

async function adopt<T extends KubeObject>({ client, resource, ownerResource, owner, finalizer, signal }: ClaimOptions<T>, object: T): Promise<T | undefined> {
  const body = { metadata: { uid: object.metadata.uid, ownerReferences: [controllerReference(owner, ownerResource)], ...(finalizer ? { finalizers: [finalizer] } : {}) } };
  return client.patch(resource, object.metadata, { type: 'strategic', body }, { signal }).catch(ignoreNotFound);
}

async function release<T extends KubeObject>({ client, resource, owner, finalizer, signal }: ClaimOptions<T>, object: T): Promise<void> {
  const body = { metadata: { uid: object.metadata.uid, ownerReferences: [{ $patch: 'delete', uid: owner.metadata.uid }], ...(finalizer ? { '$deleteFromPrimitiveList/finalizers': [finalizer] } : {}) } };
  await client.patch(resource, object.metadata, { type: 'strategic', body }, { signal }).catch(ignoreNotFound);
}

/** For `catch`: what is gone needs nothing any more. */
export function ignoreNotFound(error: unknown): undefined {
  if (!isStatus(error, 'NotFound')) throw error;
}
