import { customResourceType } from '#api/custom-resource-type.ts';
import { formatTime } from '#base/clock.ts';
import type { Namespace } from '#api/generated/core/v1.ts';
import { asError } from '#base/errors.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { API_SERVICES, BUILT_IN_RESOURCES, CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES, PODS } from '#api/resources.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition, ControllerDependencies, ReconcileContext, ReconcileResult, Reconciler } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { deletionConditions, type Emptying, type Remaining } from './conditions.ts';
import { lingering } from './lingering.ts';
import { discoverExtensions, type ExtensionResources } from './extension-resources.ts';

const FINALIZER = 'kubernetes';
/** Pods go when their grace period is over, and nothing tells when a namespace has become empty. */
const RECHECK_MS = 200;
/** For an extension API server to tell what it serves: one that hangs must not keep other namespaces waiting. So long it is waited for when its availability is judged, too. */
const DISCOVERY_TIMEOUT_MS = 5_000;
/** Until an extension API server that did not answer is asked again, unless its APIService tells before. */
const REDISCOVER_MS = 5_000;

/** Empties namespaces that are being deleted, and lets them go. */
export const namespaceController: ControllerDefinition = {
  name: CONTROLLER_NAMES.namespace,
  concurrency: 4,
  build(dependencies) {
    const namespaces = dependencies.informers.informer(NAMESPACES);
    const definitions = dependencies.informers.informer(CUSTOM_RESOURCE_DEFINITIONS);
    const services = dependencies.informers.informer(API_SERVICES);
    const custom = (): readonly ResourceType[] => definitions.lister.list().map(customResourceType).filter((type) => type?.namespaced === true) as readonly ResourceType[];
    const extensions = (signal: AbortSignal): Promise<ExtensionResources> => {
      const timely = AbortSignal.any([signal, AbortSignal.timeout(DISCOVERY_TIMEOUT_MS)]);
      return discoverExtensions(services.lister.list(), (path) => dependencies.client.raw(path, { signal: timely }));
    };
    const goingAway = ({ metadata }: Namespace): readonly string[] => (metadata.deletionTimestamp === undefined ? [] : [metadata.name]);
    return {
      reconciler: new NamespaceReconciler(dependencies, { find: (name) => namespaces.lister.get(name), custom, extensions }),
      triggers: [{ informer: namespaces, keysOf: goingAway }, { informer: services, keysOf: () => namespaces.lister.list().flatMap(goingAway) }],
    };
  },
};

interface Sources {
  find(name: string): Namespace | undefined;
  custom(): readonly ResourceType[];
  extensions(signal: AbortSignal): Promise<ExtensionResources>;
}

class NamespaceReconciler implements Reconciler {
  readonly #deps: ControllerDependencies;
  readonly #sources: Sources;
  /** One of the versions that show the same objects is enough. */
  readonly #resources: readonly ResourceType[] = [...new Map(BUILT_IN_RESOURCES.filter((r) => r.namespaced && r.verbs.includes('list') && r.verbs.includes('delete')).map((r) => [groupResource(r), r])).values()];

  constructor(deps: ControllerDependencies, sources: Sources) {
    this.#deps = deps;
    this.#sources = sources;
  }

  async reconcile(name: string, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const namespace = this.#sources.find(name);
    if (!namespace || namespace.metadata.deletionTimestamp === undefined) return {};
    if (!namespace.spec?.finalizers?.includes(FINALIZER)) return {};
    const emptying = await this.#empty(namespace, signal);
    const { remaining, failures, undiscovered } = emptying;
    if (remaining.length === 0 && failures.length === 0 && undiscovered.length === 0) {
      // Who else holds it should see that it is empty.
      const isHeld = namespace.spec.finalizers.length > 1 || (namespace.metadata.finalizers ?? []).length > 0;
      await this.#finalize(isHeld ? await this.#report(namespace, emptying, signal) : namespace, signal);
      return {};
    }
    await this.#report(namespace, { ...emptying, failures: [...failures, ...lingering(namespace, remaining, this.#deps.clock.now())] }, signal);
    if (failures[0] !== undefined) throw failures[0];
    return { requeueAfterMs: remaining.length > 0 ? RECHECK_MS : REDISCOVER_MS };
  }

  /** What can be deleted is, whatever cannot. */
  async #empty({ metadata: { name } }: Namespace, signal: AbortSignal): Promise<Emptying> {
    const { resources, undiscovered } = await this.#sources.extensions(signal);
    const found = await this.#remaining(name, resources, signal);
    const deleted = await Promise.allSettled(found.remaining.map((r) => this.#deleteAll(r, signal)));
    // What could not be deleted is told of as that, and not as what remains.
    const left = await this.#listAll(found.remaining.filter((_, i) => deleted[i]?.status === 'fulfilled').map(({ resource }) => resource), name, signal);
    // Pods that have just gone were all that was looked for.
    const hadPods = found.remaining.some(({ resource }) => resource === PODS);
    const next = hadPods && left.remaining.length === 0 && failuresOf(deleted).length === 0 ? await this.#remaining(name, resources, signal) : left;
    return { undiscovered, remaining: next.remaining, failures: [...found.failures, ...failuresOf(deleted), ...next.failures] };
  }

  /** Pods first: what else is there may be what protects others from them, such as network policies. */
  async #remaining(name: string, extensions: readonly ResourceType[], signal: AbortSignal): Promise<Pick<Emptying, 'remaining' | 'failures'>> {
    const pods = await this.#list(PODS, name, signal);
    if (pods.objects.length > 0) return { remaining: [pods], failures: [] };
    return this.#listAll([...this.#resources, ...this.#sources.custom(), ...extensions], name, signal);
  }

  async #listAll(resources: readonly ResourceType[], name: string, signal: AbortSignal): Promise<Pick<Emptying, 'remaining' | 'failures'>> {
    const listed = await Promise.allSettled(resources.map((resource) => this.#list(resource, name, signal)));
    return { remaining: listed.flatMap((l) => (l.status === 'fulfilled' && l.value.objects.length > 0 ? [l.value] : [])), failures: failuresOf(listed) };
  }

  async #list(resource: ResourceType, namespace: string, signal: AbortSignal): Promise<Remaining> {
    // A definition may go while its objects are looked for.
    const found = await this.#deps.client.list(resource, { namespace, signal }).catch(ignoreNotFound);
    return { resource, objects: found?.items ?? [] };
  }

  async #deleteAll({ resource, objects }: Remaining, signal: AbortSignal): Promise<void> {
    const live = objects.filter((o) => o.metadata.deletionTimestamp === undefined);
    await Promise.all(live.map((o) => this.#deps.client.delete(resource, o.metadata, { preconditions: { uid: o.metadata.uid }, propagationPolicy: 'Background', signal }).catch(ignoreNotFound)));
  }

  async #finalize(namespace: Namespace, signal: AbortSignal): Promise<void> {
    const finalizers = (namespace.spec?.finalizers ?? []).filter((f) => f !== FINALIZER);
    await this.#deps.client.update(NAMESPACES, { ...namespace, spec: { ...namespace.spec, finalizers } }, { subresource: 'finalize', signal }).catch(ignoreNotFound);
  }

  async #report(namespace: Namespace, emptying: Emptying, signal: AbortSignal): Promise<Namespace> {
    const now = formatTime(this.#deps.clock.now());
    const conditions = deletionConditions(namespace.status?.conditions, emptying, now);
    if (conditions === undefined || conditions === namespace.status?.conditions) return namespace;
    return this.#deps.client.update(NAMESPACES, { ...namespace, status: { ...namespace.status, conditions } }, { subresource: 'status', signal });
  }
}

const failuresOf = (results: readonly PromiseSettledResult<unknown>[]): readonly Error[] => results.flatMap((r) => (r.status === 'rejected' ? [asError(r.reason)] : []));
