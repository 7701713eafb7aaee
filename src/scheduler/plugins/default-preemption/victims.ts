import { firstRejection, prepareFilters } from '../../framework/fit.ts';
import type { NodeInfo } from '../../framework/node-info.ts';
import type { FilterPlugin, Rejection, SchedulingCycle } from '../../framework/plugin.ts';
import type { PodInfo } from '../../framework/pod-info.ts';

/** The pods that must go so that a pod fits on a node. */
export interface Victims {
  readonly node: NodeInfo;
  /** Most important first; never empty. */
  readonly pods: readonly PodInfo[];
  /** How many of them a disruption budget would spare. */
  readonly violations: number;
}

const NO_VICTIMS: Pick<Rejection, 'reasons'> = { reasons: ['No preemption victims found for incoming pod'] };

/** As few and as unimportant pods as possible; or why the pod does not fit even without all less important ones. */
export function selectVictims(cycle: SchedulingCycle, filters: readonly FilterPlugin[], node: NodeInfo): Victims | Pick<Rejection, 'reasons'> {
  const candidates = [...node.pods.values()].filter((pod) => pod.priority < cycle.pod.priority).sort(byImportance);
  if (candidates.length === 0) return NO_VICTIMS;
  const rejectionWithout = (absent: readonly PodInfo[]): Rejection | undefined =>
    cycle.snapshot.supposing(node, { absent }, () => firstRejection(prepareFilters(filters, cycle), node)?.rejection);
  const rejected = rejectionWithout(candidates);
  if (rejected) return rejected;
  const isViolating = budgetViolations(cycle, candidates);
  let victims: readonly PodInfo[] = candidates;
  // Those that a budget protects are spared first, then the most important.
  for (const pod of [...candidates.filter((p) => isViolating.has(p)), ...candidates.filter((p) => !isViolating.has(p))]) {
    const fewer = victims.filter((victim) => victim !== pod);
    if (rejectionWithout(fewer) === undefined) victims = fewer;
  }
  return victims.length === 0 ? NO_VICTIMS : { node, pods: victims, violations: victims.filter((pod) => isViolating.has(pod)).length };
}

/** Counting from the most important: the pods whose eviction a budget no longer allows. */
function budgetViolations({ snapshot }: SchedulingCycle, pods: readonly PodInfo[]): ReadonlySet<PodInfo> {
  const left = new Map<string, number>();
  const violating = new Set<PodInfo>();
  for (const pod of pods) {
    for (const { key, allowed } of snapshot.budgets(pod)) {
      const rest = (left.get(key) ?? allowed) - 1;
      left.set(key, rest);
      if (rest < 0) violating.add(pod);
    }
  }
  return violating;
}

export const startOf = (pod: PodInfo): string => pod.pod.status?.startTime ?? pod.pod.metadata.creationTimestamp ?? '';

/** Higher priority first, then the one that runs longer. */
const byImportance = (a: PodInfo, b: PodInfo): number =>
  b.priority - a.priority || (startOf(a) < startOf(b) ? -1 : startOf(a) > startOf(b) ? 1 : a.uid < b.uid ? -1 : 1);
