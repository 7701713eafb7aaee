import type { OwnerReference } from '#api/generated/meta/v1.ts';
import { keyOf, splitKey, type KubeObject } from '#api/object.ts';
import type { Application } from '#api/headway/v1/types.ts';
import { apiVersionOf, groupResource, type ResourceType } from '#api/resource-type.ts';
import { APPLICATIONS, BUILT_IN_RESOURCES } from '#api/resources.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition, ControllerDependencies, ReconcileContext, ReconcileResult, Reconciler } from '#controller/reconciler.ts';
import type { Lister } from '#client/informer.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { CustomResources } from './custom-resources.ts';
import { EventKeys, type FindResource } from './event-keys.ts';
import { objectKey, OwnerGraph, ownerKey, type Found } from './owner-graph.ts';
import { FOREGROUND_FINALIZER, isDeleting, isOrphaning, isWaitingForDependents, ORPHAN_FINALIZER, planDependent, type OwnedBy, type OwnerState } from './plan.ts';
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
    const custom = new CustomResources(dependencies, graph);
    const find = (apiVersion: string, kind: string): ResourceType | undefined => watched.find((r) => r.kind === kind && apiVersionOf(r) === apiVersion) ?? custom.find(apiVersion, kind);
    const events = new EventKeys(graph, find);
    const builtIn = informers.map((informer) => ({ informer, keysOf: (object: KubeObject, old?: KubeObject) => events.keysOf(informer.resource, object, old) }));
    const ofCustom = (object: KubeObject, old?: KubeObject): readonly string[] => {
      const resource = custom.find(object.apiVersion, object.kind);
      return resource ? events.keysOf(resource, object, old) : [];
    };
    return {
      reconciler: new GarbageCollector({ deps: dependencies, graph, find, applications: dependencies.informers.informer(APPLICATIONS).lister }),
      triggers: [...builtIn, { informer: custom, keysOf: ofCustom }],
    };
  },
};

interface GarbageCollectorOptions {
  readonly deps: ControllerDependencies;
  readonly graph: OwnerGraph;
  readonly find: FindResource;
  readonly applications: Lister<Application>;
}

class GarbageCollector implements Reconciler {
  readonly #deps: ControllerDependencies;
  readonly #graph: OwnerGraph;
  readonly #find: FindResource;
  readonly #applications: Lister<Application>;

  constructor({ deps, graph, find, applications }: GarbageCollectorOptions) {
    this.#deps = deps;
    this.#graph = graph;
    this.#find = find;
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
    for (const { reference, state } of owners) if (state === 'dangling' || state === 'unknown') this.#tellOfStranger(object, reference);
    const dependents = this.#dependentsOf({ resource, object });
    const plan = planDependent(object, owners, dependents.length > 0);
    const { uid, resourceVersion } = object.metadata;
    if (plan.action === 'unlink') await this.#unlink({ resource, object }, plan.references, signal);
    const isInCircle = owners.some(({ state }) => state === 'waiting') && dependents.some((dependent) => isWaitingForDependents(dependent.object));
    if (plan.action === 'delete' && isInCircle) return this.#breakCircle({ resource, object }, signal);
    // The version as well: someone may have adopted the object just now.
    if (plan.action === 'delete') await this.#deps.client.delete(resource, object.metadata, { preconditions: { uid, resourceVersion }, propagationPolicy: plan.policy, signal }).catch(ignoreNotFound);
    return {};
  }

  /** Absence is verified by a live read: a cache may be behind, and what is deleted wrongly is lost. */
  async #stateOf(dependent: KubeObject, reference: OwnerReference, signal: AbortSignal): Promise<OwnerState> {
    const resource = this.#find(reference.apiVersion, reference.kind);
    if (!resource) return this.#graph.isGone(reference.uid) ? 'dangling' : 'unknown';
    // Only one namespace could be meant, and none is: such a reference says nothing.
    if (resource.namespaced && !dependent.metadata.namespace) return 'unknown';
    const key = ownerKey(resource, keyOf(dependent), reference.name);
    const cached = this.#graph.find(objectKey(resource, key))?.object;
    const owner = cached?.metadata.uid === reference.uid ? cached : await this.#deps.client.get(resource, splitKey(key), { signal }).catch(ignoreNotFound);
    if (owner?.metadata.uid !== reference.uid) return 'dangling';
    return isWaitingForDependents(owner) && reference.blockOwnerDeletion === true ? 'waiting' : 'solid';
  }

  /** An owner in another namespace is none, and whoever wrote it down may wonder where the dependent went. */
  #tellOfStranger(dependent: KubeObject, { apiVersion, kind, name, uid }: OwnerReference): void {
    const resource = this.#find(apiVersion, kind);
    if (!resource?.namespaced || this.#graph.isGone(uid) || !this.#graph.isAnywhere(resource, name, uid)) return;
    const { namespace = '' } = dependent.metadata;
    this.#deps.events.event(dependent, { type: 'Warning', reason: 'OwnerRefInvalidNamespace', message: `ownerRef [${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}] does not exist in namespace ${JSON.stringify(namespace)}` });
  }

  /** What waits for this object is owned by it too: it holds nobody back any more, and all of the circle goes. */
  async #breakCircle({ resource, object }: Found, signal: AbortSignal): Promise<ReconcileResult> {
    const { resourceVersion, ownerReferences = [] } = object.metadata;
    const body = { metadata: { resourceVersion, ownerReferences: ownerReferences.map((reference) => ({ ...reference, blockOwnerDeletion: false })) } };
    await this.#deps.client.patch(resource, object.metadata, { type: 'merge', body }, { signal }).catch(ignoreNotFound);
    return {};
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
