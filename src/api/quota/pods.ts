import type { Container, Pod, PodAffinityTerm, ResourceRequirements } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { isPodTerminal } from '#api/pods.ts';
import { parseQuantity, type Quantity } from '#api/quantity.ts';
import { type Amounts, ONE, type ResourceList } from './amounts.ts';
import { meets, type QuotaEvaluator, type ScopeRequirement } from './evaluator.ts';
import { POD_LEVEL, podAmounts } from './pod-amounts.ts';

const COUNT = 'count/pods';
const NAMES: ReadonlySet<string> = new Set([
  COUNT, 'pods', 'cpu', 'memory', 'ephemeral-storage', 'requests.cpu', 'requests.memory', 'requests.ephemeral-storage', 'limits.cpu', 'limits.memory', 'limits.ephemeral-storage',
]);
/** A quota of these demands that every container says how much of them it takes. */
const DEMANDED: ReadonlySet<string> = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']);
const STANDARD = ['cpu', 'memory', 'ephemeral-storage'] as const;
const REQUESTS = 'requests.';

export const PODS_EVALUATOR: QuotaEvaluator = {
  resource: 'pods',
  // It may move to other quotas, by its scope.
  countsUpdate: (object, live) => isTerminating(object as Pod & KubeObject) !== isTerminating(live as Pod & KubeObject),
  subresource: 'resize',
  counts: (name) => NAMES.has(name) || name.startsWith('hugepages-') || name.startsWith(`${REQUESTS}hugepages-`) || (name.startsWith(REQUESTS) && !isNative(name)),
  isInScope: (requirement, object) => isInScope(requirement, object as Pod & KubeObject),
  usage(object, nowMs) {
    const pod = object as Pod & KubeObject;
    if (isOver(pod, nowMs)) return { [COUNT]: ONE };
    return { [COUNT]: ONE, ...amountsByName(podAmounts(pod, 'requests'), podAmounts(pod, 'limits')) };
  },
  missing: (names, object) => missing(names.filter((name) => DEMANDED.has(name)), object as Pod & KubeObject),
};

/** Ended, or deleted and past its time of grace: only its object still counts. */
function isOver(pod: Pod & KubeObject, nowMs: number): boolean {
  if (isPodTerminal(pod)) return true;
  const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
  return deletionTimestamp !== undefined && deletionGracePeriodSeconds !== undefined && Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1_000 < nowMs;
}

function amountsByName(requests: Amounts, limits: Amounts): Amounts {
  const result: Record<string, Quantity> = { pods: ONE };
  for (const name of STANDARD) {
    if (requests[name]) result[name] = result[REQUESTS + name] = requests[name];
    if (limits[name]) result[`limits.${name}`] = limits[name];
  }
  for (const [name, amount] of Object.entries(requests)) {
    if (name.startsWith('hugepages-')) result[name] = result[REQUESTS + name] = amount;
    else if (!isNative(name)) result[REQUESTS + name] = amount;
  }
  return result;
}

/** Native resources have no domain, or Kubernetes' own; the others are extended. */
const isNative = (name: string): boolean => !name.includes('/') || name.includes('kubernetes.io/');

function isInScope(requirement: ScopeRequirement, pod: Pod & KubeObject): boolean {
  switch (requirement.scopeName) {
    case 'Terminating': return isTerminating(pod);
    case 'NotTerminating': return !isTerminating(pod);
    case 'BestEffort': return isBestEffort(pod);
    case 'NotBestEffort': return !isBestEffort(pod);
    case 'PriorityClass': return meets(requirement, pod.spec?.priorityClassName ? [pod.spec.priorityClassName] : []);
    case 'CrossNamespacePodAffinity': return affinityTerms(pod).some((term) => (term.namespaces ?? []).length > 0 || term.namespaceSelector !== undefined);
    case 'VolumeAttributesClass': return false;
  }
}

const isTerminating = (pod: Pod): boolean => (pod.spec?.activeDeadlineSeconds ?? -1) >= 0;

function isBestEffort({ spec }: Pod): boolean {
  const holders = [...(spec?.containers ?? []), ...(spec?.initContainers ?? []), ...(spec?.resources ? [{ resources: spec.resources }] : [])];
  return holders.every(({ resources }) => ['cpu', 'memory'].every((name) => !asks(resources?.requests, name) && !asks(resources?.limits, name)));
}
const asks = (list: ResourceList | undefined, name: string): boolean => list?.[name] !== undefined && parseQuantity(list[name]).nanos > 0n;

function affinityTerms({ spec }: Pod): readonly PodAffinityTerm[] {
  return [spec?.affinity?.podAffinity, spec?.affinity?.podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((weighted) => weighted.podAffinityTerm),
  ]);
}

function missing(names: readonly string[], { spec }: Pod): string | undefined {
  // What is asked for the pod as a whole counts in the place of what its containers ask for.
  if (isAskedAsWhole(spec?.resources)) return undefined;
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const parts = names.toSorted().flatMap((name) => {
    const silent = containers.filter((container) => !says(container, name)).map((container) => container.name).toSorted();
    return silent.length === 0 ? [] : [`${name} for: ${[...new Set(silent)].join(',')}`];
  });
  return parts.length === 0 ? undefined : `must specify ${parts.join('; ')}`;
}

const isAskedAsWhole = (resources: ResourceRequirements | undefined): boolean => [resources?.requests, resources?.limits].some((list) => Object.keys(list ?? {}).some((name) => POD_LEVEL.test(name)));

function says({ resources }: Container, name: string): boolean {
  const [list, resource] = name.startsWith('limits.') ? [resources?.limits, name.slice('limits.'.length)] : [resources?.requests, name.replace(REQUESTS, '')];
  return list?.[resource] !== undefined;
}
