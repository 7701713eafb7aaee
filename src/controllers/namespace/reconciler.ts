import { customResourceType } from '#api/custom-resource-type.ts';
import { formatTime } from '#base/clock.ts';
import type { Namespace, NamespaceCondition } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { BUILT_IN_RESOURCES, CUSTOM_RESOURCE_DEFINITIONS, NAMESPACES, PODS } from '#api/resources.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import { withCondition } from '#controller/conditions.ts';
import type { ControllerDefinition, ControllerDependencies, ReconcileContext, ReconcileResult, Reconciler } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';

const FINALIZER = 'kubernetes';
/** Pods go when their grace period is over, and nothing tells when a namespace has become empty. */
const RECHECK_MS = 200;

/** Empties namespaces that are being deleted, and lets them go. */
export const namespaceController: ControllerDefinition = {
  name: CONTROLLER_NAMES.namespace,
  concurrency: 4,
  build(dependencies) {
    const namespaces = dependencies.informers.informer(NAMESPACES);
    const definitions = dependencies.informers.informer(CUSTOM_RESOURCE_DEFINITIONS);
    const custom = (): readonly ResourceType[] => definitions.lister.list().map(customResourceType).filter((type) => type?.namespaced === true) as readonly ResourceType[];
    return {
      reconciler: new NamespaceReconciler(dependencies, (name) => namespaces.lister.get(name), custom),
      triggers: [{ informer: namespaces, keysOf: ({ metadata }) => (metadata.deletionTimestamp === undefined ? [] : [metadata.name]) }],
    };
  },
};

interface Remaining { readonly resource: ResourceType; readonly objects: readonly KubeObject[] }

class NamespaceReconciler implements Reconciler {
  readonly #deps: ControllerDependencies;
  readonly #find: (name: string) => Namespace | undefined;
  readonly #custom: () => readonly ResourceType[];
  /** One of the versions that show the same objects is enough. */
  readonly #resources: readonly ResourceType[] = [...new Map(BUILT_IN_RESOURCES.filter((r) => r.namespaced && r.verbs.includes('list') && r.verbs.includes('delete')).map((r) => [groupResource(r), r])).values()];

  constructor(deps: ControllerDependencies, find: (name: string) => Namespace | undefined, custom: () => readonly ResourceType[]) {
    this.#deps = deps;
    this.#find = find;
    this.#custom = custom;
  }

  async reconcile(name: string, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const namespace = this.#find(name);
    if (!namespace || namespace.metadata.deletionTimestamp === undefined) return {};
    if (!namespace.spec?.finalizers?.includes(FINALIZER)) return {};
    const found = await this.#remaining(name, signal);
    await Promise.all(found.map((remaining) => this.#deleteAll(remaining, signal)));
    if (found.length === 0) {
      await this.#finalize(namespace, signal);
      return {};
    }
    await this.#report(namespace, found, signal);
    return { requeueAfterMs: RECHECK_MS };
  }

  /** Pods first: what else is there may be what protects others from them, such as network policies. */
  async #remaining(name: string, signal: AbortSignal): Promise<readonly Remaining[]> {
    const pods = await this.#list(PODS, name, signal);
    if (pods.objects.length > 0) return [pods];
    const resources = [...this.#resources, ...this.#custom()];
    return (await Promise.all(resources.map((resource) => this.#list(resource, name, signal)))).filter((r) => r.objects.length > 0);
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

  async #report(namespace: Namespace, found: readonly Remaining[], signal: AbortSignal): Promise<void> {
    const now = formatTime(this.#deps.clock.now());
    const conditions = deletionConditions(namespace.status?.conditions, found, now);
    if (conditions === namespace.status?.conditions) return;
    await this.#deps.client.update(NAMESPACES, { ...namespace, status: { ...namespace.status, conditions } }, { subresource: 'status', signal });
  }
}

function deletionConditions(present: readonly NamespaceCondition[] | undefined, found: readonly Remaining[], now: string): readonly NamespaceCondition[] {
  const contents = found.map(({ resource, objects }) => `${groupResource(resource)}. has ${objects.length} resource instances`).join(', ');
  const finalizers = Map.groupBy(found.flatMap(({ objects }) => objects.flatMap((o) => o.metadata.finalizers ?? [])), (f) => f);
  const remaining = withCondition(present, {
    type: 'NamespaceContentRemaining', status: 'True', reason: 'SomeResourcesRemain', message: `Some resources are remaining: ${contents}`, lastTransitionTime: now,
  });
  if (finalizers.size === 0) return remaining;
  const texts = [...finalizers].map(([finalizer, all]) => `${finalizer} in ${all.length} resource instances`).join(', ');
  return withCondition(remaining, {
    type: 'NamespaceFinalizersRemaining', status: 'True', reason: 'SomeFinalizersRemain', message: `Some content in the namespace has finalizers remaining: ${texts}`, lastTransitionTime: now,
  });
}
