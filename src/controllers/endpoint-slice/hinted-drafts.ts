import type { Service } from '#api/generated/core/v1.ts';
import type { Endpoint, EndpointSlice } from '#api/generated/discovery/v1.ts';
import { canonicalJson } from '#api/json.ts';
import { hintedByCapacity } from './capacity-hints.ts';
import type { EndpointGroup } from './endpoints-of.ts';
import { hintedNearby, trafficPreference, withoutHints } from './hints.ts';
import type { ZoneShares } from './zone-capacity.ts';

/** A slice as it is to be, made anew unless it is `present`. */
export interface Draft {
  readonly group: EndpointGroup;
  readonly present?: EndpointSlice;
  readonly endpoints: readonly Endpoint[];
}

export interface HintEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'TopologyAwareHintsEnabled' | 'TopologyAwareHintsDisabled';
  readonly message: string;
}

interface Hinted {
  readonly drafts: readonly Draft[];
  readonly events: readonly HintEvent[];
}

/** The drafts, whose endpoints have no hints yet, with those that the Service asks for. */
export function withHints(drafts: readonly Draft[], { service, shares }: { readonly service: Service; readonly shares?: ZoneShares | undefined }): Hinted {
  const preference = trafficPreference(service);
  if (preference === 'none') return { drafts, events: [] };
  if (preference !== 'by-capacity') return { drafts: drafts.map((draft) => ({ ...draft, endpoints: draft.endpoints.map((e) => hintedNearby(e, preference)) })), events: [] };
  const all = [...Map.groupBy(drafts, ({ group }) => group.addressType).values()].map((mine) => sharedOut(mine, shares));
  return { drafts: all.flatMap((hinted) => hinted.drafts), events: all.flatMap(({ events }) => events) };
}

/** Of one address family: another one may have its pods elsewhere. */
function sharedOut(drafts: readonly Draft[], shares: ZoneShares | undefined): Hinted {
  const ending = `, addressType: ${drafts[0]?.group.addressType}`;
  const hinted = hintedByCapacity(drafts.map((draft) => ({ endpoints: draft.endpoints, unchanged: unchangedEndpoints(draft) })), shares);
  if (typeof hinted === 'string') return { drafts, events: [{ type: 'Warning', reason: 'TopologyAwareHintsDisabled', message: `${hinted}${ending}` }] };
  const had = drafts.some(({ present }) => present?.endpoints?.some(({ hints }) => hints !== undefined));
  return {
    drafts: drafts.map((draft, i) => ({ ...draft, endpoints: hinted[i] ?? [] })),
    events: had ? [] : [{ type: 'Normal', reason: 'TopologyAwareHintsEnabled', message: `Topology Aware Hints has been enabled${ending}` }],
  };
}

function unchangedEndpoints({ present, endpoints }: Draft): readonly Endpoint[] | undefined {
  const now = present?.endpoints ?? [];
  return present !== undefined && canonicalJson(now.map(withoutHints)) === canonicalJson(endpoints) ? now : undefined;
}
