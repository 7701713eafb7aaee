import type { OwnerReference } from '#api/generated/meta/v1.ts';
import { keyOf, splitKey, type KubeObject } from '#api/object.ts';
import type { Application } from '#api/headway/v1/types.ts';
import { apiVersionOf, groupResource, type ResourceType } from '#api/resource-type.ts';
import { APPLICATIONS, BUILT_IN_RESOURCES } from '#api/resources.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition, ControllerDependencies, ReconcileContext, ReconcileResult, Reconciler } from '#controller/reconciler.ts';
import type { Lister } from '#client/informer.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { objectKey, OwnerGraph, ownerKey, type Found } from './owner-graph.ts';
import { FOREGROUND_FINALIZER, isDeleting, isOfInterest, isOrphaning, isWaitingForDependents, ORPHAN_FINALIZER, planDependent, type OwnedBy, type OwnerState } from './plan.ts';
import { mayOwnersReturn } from './restored.ts';

/** Events come in masses, and are owned by nobody. */
const WITHOUT_OWNERS = new Set(['events', 'events.events.k8s.io', 'leases.coordination.k8s.io']);

/** How often an object is looked at whose owners may yet return. */
const RETURN_POLL_MS = 2_000;

/** Deletes what lost its owners, and holds owners back that wait for their dependents or let go of them. */
export const garbageCollector: ControllerDefinition = {
  name: CONTROLLER_NAMES.garbageCollector,
  concurrency: 16,
  build(dependencies) {
    const watched = BUILT_IN_RESOURCES.filter((r) => ['list', 'watch', 'delete'].every((v) => r.verbs.includes(v as 'list')) && !WITHOUT_OWNERS.has(groupResource(r)));
    const resources = [...new Map(watched.map((r) => [groupResource(r), r])).values()];
    const informers = resources.map((resource) => dependencies.informers.informer(resource));
    const graph = new OwnerGraph(informers);
    return {
      reconciler: new GarbageCollector(dependencies, graph, watched, dependencies.informers.informer(APPLICATIONS).lister),
      triggers: informers.map((informer) => ({
        informer,
        keysOf: (object: KubeObject, old?: KubeObject) => keysOfEvent(graph, informer.resource, watched, object, old),
      })),
    };
  },
};

function keysOfEvent(graph: OwnerGraph, resource: ResourceType, all: readonly ResourceType[], object: KubeObject, old: KubeObject | undefined): readonly string[] {
  const key = keyOf(object);
  const isGone = !graph.has(resource, key, object.metadata.uid);
  if (!isGone) return isOfInterest(object, old) && !isPlainAdd(graph, all, object, old) ? [objectKey(resource, key)] : [];
  // Its dependents have lost an owner, and an owner that waits may have lost its last dependent.
  const owners = (object.metadata.ownerReferences ?? []).flatMap((reference) => {
    const owner = resourceOf(all, reference);
    return owner ? [objectKey(owner, ownerKey(owner, key, reference.name))] : [];
  });
  return [...graph.dependents(object.metadata.uid), ...owners.filter((k) => isHeldBack(graph.find(k)?.object))];
}

/** The common case, a new object whose owners are all there: when one of them goes, that is an event of its own. */
const isPlainAdd = (graph: OwnerGraph, all: readonly ResourceType[], object: KubeObject, old: KubeObject | undefined): boolean =>
  old === undefined && !isHeldBack(object) && (object.metadata.ownerReferences ?? []).every((reference) => {
    const owner = resourceOf(all, reference);
    return owner !== undefined && graph.has(owner, ownerKey(owner, keyOf(object), reference.name), reference.uid);
  });

const isHeldBack = (owner: KubeObject | undefined): boolean => owner !== undefined && (isWaitingForDependents(owner) || isOrphaning(owner));
const resourceOf = (all: readonly ResourceType[], { apiVersion, kind }: OwnerReference): ResourceType | undefined =>
  all.find((r) => r.kind === kind && apiVersionOf(r) === apiVersion);

class GarbageCollector implements Reconciler {
  readonly #deps: ControllerDependencies;
  readonly #graph: OwnerGraph;
  readonly #resources: readonly ResourceType[];
  readonly #applications: Lister<Application>;

  constructor(deps: ControllerDependencies, graph: OwnerGraph, resources: readonly ResourceType[], applications: Lister<Application>) {
    this.#deps = deps;
    this.#graph = graph;
    this.#resources = resources;
    this.#applications = applications;
  }

  async reconcile(key: string, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const found = this.#graph.find(key);
    if (!found) return {};
    if (isOrphaning(found.object)) await this.#orphanDependents(found, signal);
    else if (isWaitingForDependents(found.object)) await this.#awaitDependents(found, signal);
    else if (!isDeleting(found.object)) return this.#checkOwners(found, signal);
    return {};
  }

  async #checkOwners({ resource, object }: Found, signal: AbortSignal): Promise<ReconcileResult> {
    const owners = await Promise.all((object.metadata.ownerReferences ?? []).map(async (reference): Promise<OwnedBy> => ({ reference, state: await this.#stateOf(object, reference, signal) })));
    const areMissing = owners.some(({ state }) => state === 'dangling');
    if (areMissing && mayOwnersReturn(object, this.#applications.list(), this.#deps.clock.now())) return { requeueAfterMs: RETURN_POLL_MS };
    const plan = planDependent(object, owners, this.#graph.dependents(object.metadata.uid).length > 0);
    const { uid, resourceVersion } = object.metadata;
    if (plan.action === 'unlink') await this.#unlink({ resource, object }, plan.references, signal);
    // The version as well: someone may have adopted the object just now.
    if (plan.action === 'delete') await this.#deps.client.delete(resource, object.metadata, { preconditions: { uid, resourceVersion }, propagationPolicy: plan.policy, signal }).catch(ignoreNotFound);
    return {};
  }

  /** Absence is verified by a live read: a cache may be behind, and what is deleted wrongly is lost. */
  async #stateOf(dependent: KubeObject, reference: OwnerReference, signal: AbortSignal): Promise<OwnerState> {
    const resource = resourceOf(this.#resources, reference);
    if (!resource) return 'unknown';
    const key = ownerKey(resource, keyOf(dependent), reference.name);
    const cached = this.#graph.find(objectKey(resource, key))?.object;
    const owner = cached?.metadata.uid === reference.uid ? cached : await this.#deps.client.get(resource, splitKey(key), { signal }).catch(ignoreNotFound);
    if (owner?.metadata.uid !== reference.uid) return 'dangling';
    return isWaitingForDependents(owner) && reference.blockOwnerDeletion === true ? 'waiting' : 'solid';
  }

  async #awaitDependents(owner: Found, signal: AbortSignal): Promise<void> {
    const blocking = this.#dependentsOf(owner).filter(({ object }) =>
      object.metadata.ownerReferences?.some((r) => r.uid === owner.object.metadata.uid && r.blockOwnerDeletion === true));
    if (blocking.length === 0) return this.#removeFinalizer(owner, FOREGROUND_FINALIZER, signal);
    await Promise.all(blocking.filter(({ object }) => !isDeleting(object)).map((dependent) => this.#checkOwners(dependent, signal)));
  }

  async #orphanDependents(owner: Found, signal: AbortSignal): Promise<void> {
    const references = [{ uid: owner.object.metadata.uid ?? '' }];
    await Promise.all(this.#dependentsOf(owner).map((dependent) => this.#unlink(dependent, references, signal)));
    await this.#removeFinalizer(owner, ORPHAN_FINALIZER, signal);
  }

  #dependentsOf({ object }: Found): readonly Found[] {
    return this.#graph.dependents(object.metadata.uid).flatMap((key) => this.#graph.find(key) ?? []);
  }

  async #unlink({ resource, object }: Found, references: readonly Pick<OwnerReference, 'uid'>[], signal: AbortSignal): Promise<void> {
    const gone = new Set(references.map(({ uid }) => uid));
    const { resourceVersion, ownerReferences = [] } = object.metadata;
    const body = { metadata: { resourceVersion, ownerReferences: ownerReferences.filter(({ uid }) => !gone.has(uid)) } };
    await this.#deps.client.patch(resource, object.metadata, { type: 'merge', body }, { signal }).catch(ignoreNotFound);
  }

  async #removeFinalizer({ resource, object }: Found, finalizer: string, signal: AbortSignal): Promise<void> {
    const { resourceVersion, finalizers = [] } = object.metadata;
    const body = { metadata: { resourceVersion, finalizers: finalizers.filter((f) => f !== finalizer) } };
    await this.#deps.client.patch(resource, object.metadata, { type: 'merge', body }, { signal }).catch(ignoreNotFound);
  }
}
