import type { LabelSelector } from '#api/generated/meta/v1.ts';
import { joinKey, keyOf, type KubeObject } from '#api/object.ts';
import { controllerOf } from '#api/owner-references.ts';
import { NAMESPACES, POD_DISRUPTION_BUDGETS, REPLICA_SETS, REPLICATION_CONTROLLERS, SERVICES, STATEFUL_SETS } from '#api/resources.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import type { Informer, InformerFactory, Lister } from '#client/informer.ts';
import type { ClusterFacts } from './cache/cluster-cache.ts';
import type { PodInfo } from './framework/pod-info.ts';
import type { Budget } from './framework/snapshot.ts';

const NO_LABELS = {};

/** Answers the cache's questions from informers. */
export class InformerFacts implements ClusterFacts {
  readonly informers: readonly Pick<Informer<KubeObject>, 'synced'>[];
  readonly #namespaces;
  readonly #services;
  readonly #budgets;
  readonly #replicaSets;
  readonly #statefulSets;
  readonly #replicationControllers;

  constructor(informers: InformerFactory) {
    const all = {
      namespaces: informers.informer(NAMESPACES), services: informers.informer(SERVICES), budgets: informers.informer(POD_DISRUPTION_BUDGETS),
      replicaSets: informers.informer(REPLICA_SETS), statefulSets: informers.informer(STATEFUL_SETS),
      replicationControllers: informers.informer(REPLICATION_CONTROLLERS),
    };
    this.informers = Object.values(all);
    this.#namespaces = all.namespaces.lister;
    this.#services = all.services.lister;
    this.#budgets = all.budgets.lister;
    this.#replicaSets = all.replicaSets.lister;
    this.#statefulSets = all.statefulSets.lister;
    this.#replicationControllers = all.replicationControllers.lister;
  }

  namespaceLabels(namespace: string): Readonly<Record<string, string>> {
    return this.#namespaces.get(namespace)?.metadata.labels ?? NO_LABELS;
  }

  workloadSelector(pod: PodInfo): LabelSelector | undefined {
    const selectors = this.#services.list(pod.namespace).map((service) => service.spec?.selector ?? NO_LABELS).filter((s) => selects(s, pod.labels));
    const owner = this.#ownerSelector(pod);
    if (selectors.length === 0 && owner === undefined) return undefined;
    return { ...owner, matchLabels: Object.assign({}, ...selectors, owner?.matchLabels) as Record<string, string> };
  }

  budgets(pod: PodInfo): readonly Budget[] {
    return this.#budgets.list(pod.namespace)
      // One that selects everything protects nothing here, and an eviction that was granted is in the number already.
      .filter(({ spec, status }) => !isEmptySelector(spec?.selector) && Object.keys(pod.labels).length > 0 && labelSelectorPredicate(spec?.selector)(pod.labels) && status?.disruptedPods?.[pod.pod.metadata.name] === undefined)
      .map((budget) => ({ key: keyOf(budget), allowed: budget.status?.disruptionsAllowed ?? 0 }));
  }

  #ownerSelector({ pod, namespace }: PodInfo): LabelSelector | undefined {
    const owner = controllerOf(pod);
    if (owner === undefined) return undefined;
    const find = <T extends KubeObject>(lister: Lister<T>): T | undefined => lister.get(joinKey(namespace, owner.name));
    switch (owner.kind) {
      case 'ReplicaSet': return find(this.#replicaSets)?.spec?.selector;
      case 'StatefulSet': return find(this.#statefulSets)?.spec?.selector;
      case 'ReplicationController': {
        const selector = find(this.#replicationControllers)?.spec?.selector;
        return selector && { matchLabels: selector };
      }
      default: return undefined;
    }
  }
}

const isEmptySelector = (selector: LabelSelector | undefined): boolean => Object.keys(selector?.matchLabels ?? {}).length === 0 && (selector?.matchExpressions ?? []).length === 0;

/** A service without a selector selects nothing. */
function selects(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  const entries = Object.entries(selector);
  return entries.length > 0 && entries.every(([key, value]) => labels[key] === value);
}
