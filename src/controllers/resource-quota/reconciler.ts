import type { CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import type { ResourceQuota } from '#api/generated/core/v1.ts';
import { canonicalJson } from '#api/json.ts';
import { keyOf, type KubeObject } from '#api/object.ts';
import { textOf } from '#api/quota/amounts.ts';
import { evaluatorOf, isInScopes } from '#api/quota/quota.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { BUILT_IN_RESOURCES, CUSTOM_RESOURCE_DEFINITIONS, RESOURCE_QUOTAS } from '#api/resources.ts';
import type { Informer } from '#client/informer.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition, ControllerDependencies, ReconcileContext, ReconcileResult, Reconciler, Trigger } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { CustomObjects } from './custom-objects.ts';
import { nextReleaseMs, usedOf, type Counted } from './usage.ts';

const COUNT = 'count/';

/** Every namespaced kind that counts, once, whatever versions show it. */
const countedResources = (): readonly ResourceType[] =>
  [...new Map(BUILT_IN_RESOURCES.filter((r) => r.namespaced && r.verbs.includes('list') && r.verbs.includes('watch') && evaluatorOf(groupResource(r))).map((r) => [groupResource(r), r])).values()];

/**
 * Counts what the objects of a namespace use, and writes it with the limits into the status of its quotas. Admission charges what is
 * new at once; here goes off what is gone, and quotas that are new or changed are counted.
 */
export const resourceQuotaController: ControllerDefinition = {
  name: CONTROLLER_NAMES.resourceQuota,
  concurrency: 4,
  build(dependencies) {
    const { informers } = dependencies;
    const quotas = informers.informer(RESOURCE_QUOTAS);
    const custom = new CustomObjects(informers);
    const resources = countedResources();
    return {
      reconciler: new ResourceQuotaReconciler(dependencies, quotas, resources, custom),
      triggers: [
        { informer: quotas, keysOf: (quota: ResourceQuota, old?: ResourceQuota) => (old && isCounted(quota, old) ? [] : [keyOf(quota)]) },
        { informer: informers.informer(CUSTOM_RESOURCE_DEFINITIONS), keysOf: (definition: CustomResourceDefinition) => quotasThatCount(quotas, definition) },
        { informer: custom, keysOf: ({ metadata }) => quotas.lister.list(metadata.namespace).map(keyOf) },
        ...resources.map((resource) => objectTrigger(quotas, informers.informer(resource), resource)),
      ],
    };
  },
};

/** Admission alone has changed what is used; somebody who wrote other limits into the status is corrected. */
const isCounted = (quota: ResourceQuota, old: ResourceQuota): boolean =>
  canonicalJson(old.spec) === canonicalJson(quota.spec) && canonicalJson(quota.status?.hard ?? {}) === canonicalJson(quota.spec?.hard ?? {});

const quotasThatCount = (quotas: Informer<ResourceQuota>, { metadata }: CustomResourceDefinition): readonly string[] =>
  quotas.lister.list().filter(({ spec }) => spec?.hard?.[COUNT + metadata.name] !== undefined).map(keyOf);

function objectTrigger(quotas: Informer<ResourceQuota>, informer: Informer<KubeObject>, resource: ResourceType): Trigger {
  const evaluator = evaluatorOf(groupResource(resource));
  const names = (quota: ResourceQuota): boolean => Object.keys(quota.spec?.hard ?? {}).some((name) => evaluator?.counts(name));
  const isSame = (quota: ResourceQuota, object: KubeObject, old: KubeObject): boolean => {
    if (evaluator === undefined) return true;
    if (object.metadata.deletionTimestamp !== old.metadata.deletionTimestamp) return false;
    const [usage, before] = [object, old].map((o) => evaluator.usage(o, 0));
    const isSameUsage = usage === before || textOf(usage ?? {}) === textOf(before ?? {});
    return isSameUsage && isInScopes(quota, evaluator, object) === isInScopes(quota, evaluator, old);
  };
  return {
    informer,
    keysOf: (object, old) => quotas.lister.list(object.metadata.namespace).filter((quota) => names(quota) && !(old && isSame(quota, object, old))).map(keyOf),
  };
}

class ResourceQuotaReconciler implements Reconciler {
  readonly #deps: ControllerDependencies;
  readonly #quotas: Informer<ResourceQuota>;
  readonly #resources: readonly ResourceType[];
  readonly #custom: CustomObjects;

  constructor(deps: ControllerDependencies, quotas: Informer<ResourceQuota>, resources: readonly ResourceType[], custom: CustomObjects) {
    this.#deps = deps;
    this.#quotas = quotas;
    this.#resources = resources;
    this.#custom = custom;
  }

  /**
   * The objects are listed after the quota was read, and the status is written only when the quota is still as it was read. An object
   * that was charged in between has changed the quota: so no charge is ever overwritten.
   */
  async reconcile(key: string, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const quota = this.#quotas.lister.get(key);
    if (!quota) return {};
    const counted = await Promise.all(this.#resourcesOf(quota).map((resource) => this.#list(resource, quota.metadata.namespace ?? '', signal)));
    const nowMs = this.#deps.clock.now();
    const status = { hard: quota.spec?.hard ?? {}, used: usedOf(quota, counted, nowMs) };
    if (canonicalJson(status) !== canonicalJson({ hard: quota.status?.hard ?? null, used: quota.status?.used ?? null })) {
      await this.#deps.client.update(RESOURCE_QUOTAS, { ...quota, status }, { subresource: 'status', signal }).catch(ignoreNotFound);
    }
    const releaseMs = nextReleaseMs(counted.filter(({ evaluator }) => evaluator.resource === 'pods').flatMap(({ objects }) => objects), nowMs);
    return releaseMs === undefined ? {} : { requeueAfterMs: releaseMs - nowMs };
  }

  #resourcesOf({ spec }: ResourceQuota): readonly ResourceType[] {
    const names = Object.keys(spec?.hard ?? {});
    const builtIn = this.#resources.filter((resource) => names.some((name) => evaluatorOf(groupResource(resource))?.counts(name)));
    const custom = names.filter((name) => name.startsWith(COUNT)).map((name) => this.#custom.follow(name.slice(COUNT.length)));
    return [...builtIn, ...custom.filter((resource) => resource !== undefined)];
  }

  async #list(resource: ResourceType, namespace: string, signal: AbortSignal): Promise<Counted> {
    const evaluator = evaluatorOf(groupResource(resource));
    if (evaluator === undefined) throw new TypeError(`${resource.plural} never count`);
    return { evaluator, objects: (await this.#deps.client.list(resource, { namespace, signal })).items };
  }
}
