import { summary, type Diagnosis } from '../../framework/diagnosis.ts';
import type { NodeInfo } from '../../framework/node-info.ts';
import type { FilterPlugin, SchedulingCycle } from '../../framework/plugin.ts';
import type { PodInfo } from '../../framework/pod-info.ts';
import { selectVictims, startOf, type Victims } from './victims.ts';

/** What to do for a pod that fits nowhere. */
export type Preemption =
  | { readonly type: 'evict'; readonly nodeName: string; readonly victims: readonly PodInfo[] }
  /** `isTried`: no node was found, so that an earlier promise holds no more. */
  | { readonly type: 'none'; readonly message: string; readonly isTried: boolean };

/** So many candidates (or a tenth of the nodes, if that is more) are enough to choose from. */
const MIN_CANDIDATES = 100;
const CANDIDATE_SHARE = 0.1;

/** Looks for the node where making room for the pod does the least harm. Pure: the caller evicts. */
export function preempt(cycle: SchedulingCycle, diagnosis: Diagnosis, options: { readonly filters: readonly FilterPlugin[]; readonly random: () => number }): Preemption {
  const ineligible = ineligibility(cycle, diagnosis);
  if (ineligible !== undefined) return { type: 'none', message: ineligible, isTried: false };
  const helpful = diagnosis.rejections.filter(({ rejection }) => rejection.isResolvable).map(({ node }) => node);
  const { candidates, reasons } = findCandidates(cycle, options, helpful);
  const best = candidates.reduce<Victims | undefined>((a, b) => (a === undefined || isLessHarm(b, a) ? b : a), undefined);
  if (best) return { type: 'evict', nodeName: best.node.name, victims: best.pods };
  const unhelpful = diagnosis.totalNodes - helpful.length;
  if (unhelpful > 0) reasons.set('Preemption is not helpful for scheduling', unhelpful);
  return { type: 'none', message: summary(diagnosis.totalNodes, reasons), isTried: true };
}

function ineligibility({ pod, snapshot }: SchedulingCycle, { rejections }: Diagnosis): string | undefined {
  if (pod.pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = snapshot.node(pod.pod.status?.nominatedNodeName ?? '');
  // Nothing that goes there will help: it may look elsewhere.
  if (rejections.some(({ node, rejection }) => node === nominated && !rejection.isResolvable)) return undefined;
  const isUnderWay = [...(nominated?.pods.values() ?? [])].some((other) => other.priority < pod.priority && isPreempted(other));
  return isUnderWay ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

function findCandidates(
  cycle: SchedulingCycle, { filters, random }: { readonly filters: readonly FilterPlugin[]; readonly random: () => number }, nodes: readonly NodeInfo[],
): { readonly candidates: readonly Victims[]; readonly reasons: Map<string, number> } {
  const enough = Math.max(MIN_CANDIDATES, Math.floor(nodes.length * CANDIDATE_SHARE));
  const start = Math.floor(random() * nodes.length);
  const candidates: Victims[] = [];
  const reasons = new Map<string, number>();
  for (let i = 0; i < nodes.length && candidates.length < enough; i += 1) {
    const victims = selectVictims(cycle, filters, nodes[(start + i) % nodes.length] as NodeInfo);
    if ('pods' in victims) candidates.push(victims);
    else for (const reason of victims.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return { candidates, reasons };
}

/** Going away for another pod, and not for a reason of its own. */
function isPreempted({ pod, isTerminating }: PodInfo): boolean {
  const told = pod.status?.conditions?.find(({ type }) => type === 'DisruptionTarget');
  return isTerminating && told?.status === 'True' && told.reason === 'PreemptionByScheduler';
}

/**
 * Fewer broken budgets, then a less important worst victim, a lower sum of priorities, fewer victims, and at last the worst victim
 * that started later.
 */
function isLessHarm(a: Victims, b: Victims): boolean {
  const difference = a.violations - b.violations || highest(a) - highest(b) || sumOf(a) - sumOf(b) || a.pods.length - b.pods.length;
  return difference !== 0 ? difference < 0 : earliestStart(a) > earliestStart(b);
}

const highest = ({ pods }: Victims): number => pods[0]?.priority ?? -Infinity;
/** Shifted so that priorities below zero do not make more victims look better. */
const sumOf = ({ pods }: Victims): number => pods.reduce((sum, pod) => sum + pod.priority + 2 ** 31, 0);
const earliestStart = (victims: Victims): string =>
  victims.pods.filter((pod) => pod.priority === highest(victims)).map(startOf).reduce((a, b) => (a < b ? a : b));
