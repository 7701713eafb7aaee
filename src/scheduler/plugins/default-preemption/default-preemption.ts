import { summary, type Diagnosis } from '../../framework/diagnosis.ts';
import type { NodeInfo } from '../../framework/node-info.ts';
import type { FilterPlugin, SchedulingCycle } from '../../framework/plugin.ts';
import type { PodInfo } from '../../framework/pod-info.ts';
import { selectVictims, startOf, type Victims } from './victims.ts';

/** What to do for a pod that fits nowhere. */
export type Preemption =
  | { readonly type: 'evict'; readonly nodeName: string; readonly victims: readonly PodInfo[] }
  | { readonly type: 'none'; readonly message: string };

/** So many candidates (or a tenth of the nodes, if that is more) are enough to choose from. */
const MIN_CANDIDATES = 100;
const CANDIDATE_SHARE = 0.1;

/** Looks for the node where making room for the pod does the least harm. Pure: the caller evicts. */
export function preempt(cycle: SchedulingCycle, diagnosis: Diagnosis, options: { readonly filters: readonly FilterPlugin[]; readonly random: () => number }): Preemption {
  const ineligible = ineligibility(cycle);
  if (ineligible !== undefined) return { type: 'none', message: ineligible };
  const helpful = diagnosis.rejections.filter(({ rejection }) => rejection.isResolvable).map(({ node }) => node);
  const candidates = findCandidates(cycle, options, helpful);
  const best = candidates.reduce<Victims | undefined>((a, b) => (a === undefined || isLessHarm(b, a) ? b : a), undefined);
  if (best) return { type: 'evict', nodeName: best.node.name, victims: best.pods };
  const counts = new Map([
    ['Preemption is not helpful for scheduling', diagnosis.totalNodes - helpful.length],
    ['No preemption victims found for incoming pod', helpful.length],
  ].filter((entry): entry is [string, number] => Number(entry[1]) > 0));
  return { type: 'none', message: summary(diagnosis.totalNodes, counts) };
}

function ineligibility({ pod, snapshot }: SchedulingCycle): string | undefined {
  if (pod.pod.spec?.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.';
  const nominated = snapshot.node(pod.pod.status?.nominatedNodeName ?? '');
  const isUnderWay = [...(nominated?.pods.values() ?? [])].some((other) => other.isTerminating && other.priority < pod.priority);
  return isUnderWay ? 'not eligible due to a terminating pod on the nominated node.' : undefined;
}

function findCandidates(
  cycle: SchedulingCycle, { filters, random }: { readonly filters: readonly FilterPlugin[]; readonly random: () => number }, nodes: readonly NodeInfo[],
): readonly Victims[] {
  const enough = Math.max(MIN_CANDIDATES, Math.floor(nodes.length * CANDIDATE_SHARE));
  const start = Math.floor(random() * nodes.length);
  const found: Victims[] = [];
  for (let i = 0; i < nodes.length && found.length < enough; i += 1) {
    const victims = selectVictims(cycle, filters, nodes[(start + i) % nodes.length] as NodeInfo);
    if (victims) found.push(victims);
  }
  return found;
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
