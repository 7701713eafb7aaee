import { ZONE_LABEL, type NodeInfo } from '../framework/node-info.ts';

/** One node of each zone in turn, so that any run of neighbours covers all zones. Zones and nodes keep their order of arrival. */
export function interleaveZones<N extends NodeInfo>(nodes: Iterable<N>): readonly N[] {
  const zones = [...Map.groupBy(nodes, (node) => node.labels[ZONE_LABEL] ?? '').values()];
  const longest = Math.max(0, ...zones.map((zone) => zone.length));
  return Array.from({ length: longest }, (_, index) => zones.flatMap((zone) => zone.slice(index, index + 1))).flat();
}
