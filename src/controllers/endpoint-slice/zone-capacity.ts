import type { Node } from '#api/generated/core/v1.ts';
import { milli, parseQuantity } from '#api/quantity.ts';

/** The share of each zone in the CPU of the ready nodes, of at least two zones. They sum up to 1. */
export type ZoneShares = ReadonlyMap<string, number>;

/** How many endpoints a zone should get. */
export interface Allocation {
  /** More would leave the others fewer than keep their load within {@link OVERLOAD}. */
  readonly maximum: number;
  readonly desired: number;
}

/** How much more than its share an endpoint may get; Kubernetes' own. */
const OVERLOAD = 0.2;
export const ZONE_LABEL = 'topology.kubernetes.io/zone';
const CONTROL_PLANE_LABELS = ['node-role.kubernetes.io/control-plane', 'node-role.kubernetes.io/master'];

const isCounted = ({ metadata, status }: Node): boolean =>
  !CONTROL_PLANE_LABELS.some((label) => label in (metadata.labels ?? {})) && status?.conditions?.find((c) => c.type === 'Ready')?.status === 'True';

const zoneOf = ({ metadata }: Node): string => metadata.labels?.[ZONE_LABEL] ?? '';
const cpuOf = ({ status }: Node): number => milli(parseQuantity(status?.allocatable?.['cpu'] ?? 0));

/** What of a node counts here, as text. */
export const capacityFacts = (node: Node): string => (isCounted(node) ? `${zoneOf(node)} ${cpuOf(node)}` : '');

/** Undefined when a node tells too little of itself, or all are in one zone. Nodes of the control plane, and those that are not ready, do not count. */
export function zoneShares(nodes: readonly Node[]): ZoneShares | undefined {
  const counted = nodes.filter(isCounted);
  if (counted.some((node) => zoneOf(node) === '' || cpuOf(node) === 0)) return undefined;
  const zones = Map.groupBy(counted, zoneOf);
  if (zones.size < 2) return undefined;
  const total = counted.reduce((sum, node) => sum + cpuOf(node), 0);
  return new Map([...zones].map(([zone, all]) => [zone, all.reduce((sum, node) => sum + cpuOf(node), 0) / total]));
}

/** What `ready` endpoints are to each zone, or why they cannot be shared out, in Kubernetes' words. */
export function allocate(shares: ZoneShares | undefined, ready: number): ReadonlyMap<string, Allocation> | string {
  if (shares === undefined) return 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes';
  const counts = `(${ready} endpoints, ${shares.size} zones)`;
  if (shares.size > ready) return `Insufficient number of endpoints ${counts}`;
  const minima = new Map([...shares].map(([zone, share]) => [zone, Math.ceil(share * ready * (1 / (1 + OVERLOAD)))]));
  const spare = ready - [...minima.values()].reduce((sum, minimum) => sum + minimum, 0);
  if (spare < 0) return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${counts}`;
  return new Map([...minima].map(([zone, minimum]) => [zone, { maximum: minimum + spare, desired: Math.max((shares.get(zone) ?? 0) * ready, minimum) }]));
}
