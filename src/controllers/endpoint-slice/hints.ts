import type { Service } from '#api/generated/core/v1.ts';
import type { Endpoint } from '#api/generated/discovery/v1.ts';

/** Where a Service wants its traffic to stay: with endpoints of the client's node, of its zone, or shared out among the zones by their CPU. */
export type TrafficPreference = 'none' | 'same-node' | 'same-zone' | 'by-capacity';

/** The annotation is the older way, and goes before the field. */
export function trafficPreference({ metadata, spec }: Service): TrafficPreference {
  const { 'service.kubernetes.io/topology-mode': mode, 'service.kubernetes.io/topology-aware-hints': hints = mode } = metadata.annotations ?? {};
  if (hints === 'Auto' || hints === 'auto') return 'by-capacity';
  if (spec?.trafficDistribution === 'PreferSameNode') return 'same-node';
  return spec?.trafficDistribution === 'PreferClose' || spec?.trafficDistribution === 'PreferSameZone' ? 'same-zone' : 'none';
}

export const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready === true;
export const inZone = (endpoint: Endpoint, zone: string): Endpoint => ({ ...endpoint, hints: { forZones: [{ name: zone }] } });

export function withoutHints(endpoint: Endpoint): Endpoint {
  const { hints: _, ...rest } = endpoint;
  return rest;
}

/** A ready endpoint is for the clients of its own zone, and of its own node; who knows no hints for nodes still keeps to the zone. */
export function hintedNearby(endpoint: Endpoint, preference: 'same-node' | 'same-zone'): Endpoint {
  const { zone, nodeName } = endpoint;
  const hints = { ...(zone ? { forZones: [{ name: zone }] } : {}), ...(preference === 'same-node' && nodeName ? { forNodes: [{ name: nodeName }] } : {}) };
  return isReady(endpoint) && Object.keys(hints).length > 0 ? { ...endpoint, hints } : endpoint;
}
