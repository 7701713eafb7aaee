import type { Service } from '#api/generated/core/v1.ts';
import type { Endpoint, EndpointSlice } from '#api/generated/discovery/v1.ts';
import { canonicalJson } from '#api/json.ts';
import { controllerReference } from '#api/owner-references.ts';
import { SERVICES } from '#api/resources.ts';
import type { New } from '#client/client.ts';
import { labelsOfService, type EndpointGroup } from './endpoints-of.ts';
import { withHints, type Draft, type HintEvent } from './hinted-drafts.ts';
import type { ZoneShares } from './zone-capacity.ts';

export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
export const MANAGER = 'endpointslice-controller.k8s.io';
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
/** Kubernetes' default. */
const MAX_ENDPOINTS = 100;

export interface SlicePlan {
  readonly create: readonly New<EndpointSlice>[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
  /** What the Service's owner should hear of its hints. */
  readonly events: readonly HintEvent[];
}

export interface SliceSnapshot {
  readonly service: Service;
  readonly groups: readonly EndpointGroup[];
  readonly present: readonly EndpointSlice[];
  /** How much each zone can take; undefined when that is not known. */
  readonly shares?: ZoneShares | undefined;
  nameOf(key: string): string;
}

/** Writes as few slices as possible: endpoints stay in the slice where they are, and new ones fill those with room. */
export function planSlices(snapshot: SliceSnapshot): SlicePlan {
  const { service, present, nameOf } = snapshot;
  const { drafts, events } = withHints(draftsOf(snapshot), snapshot);
  const used = new Set(drafts.map((draft) => draft.present));
  return {
    create: drafts.filter((draft) => draft.present === undefined).map(({ group, endpoints }, i) =>
      newSlice(service, group, endpoints, nameOf(canonicalJson([group.addressType, group.ports, endpoints[0]?.targetRef?.uid ?? '', present.length + i])))),
    update: drafts.flatMap(({ present: slice, endpoints }) => {
      const wanted = slice && withContent(service, slice, endpoints);
      return wanted && contentText(wanted) !== contentText(slice) ? [wanted] : [];
    }),
    remove: present.filter((slice) => !used.has(slice) && slice.metadata.deletionTimestamp === undefined),
    events,
  };
}

const draftsOf = ({ groups, present }: SliceSnapshot): readonly Draft[] => groups.flatMap((group): readonly Draft[] => {
  const mine = present.filter((slice) => slice.addressType === group.addressType && portText(slice.ports) === portText(group.ports) && slice.metadata.deletionTimestamp === undefined);
  const { kept, rest } = keepInPlace(group.endpoints, mine);
  const filled = fill(kept, rest);
  const staying = filled.slices.filter(({ endpoints }, i) => endpoints.length > 0 || (group.endpoints.length === 0 && i === 0));
  const isPlaceholder = group.endpoints.length === 0 && filled.slices.length === 0;
  return [...staying.map(({ slice, endpoints }) => ({ group, present: slice, endpoints })), ...(isPlaceholder ? [[]] : chunks(filled.rest)).map((endpoints) => ({ group, endpoints }))];
});

interface Filling { readonly slice: EndpointSlice; readonly endpoints: Endpoint[] }

function keepInPlace(wanted: readonly Endpoint[], slices: readonly EndpointSlice[]): { readonly kept: readonly Filling[]; readonly rest: readonly Endpoint[] } {
  const left = new Map(wanted.map((e) => [endpointKey(e), e]));
  const kept = slices.map((slice) => {
    const endpoints = (slice.endpoints ?? []).flatMap((e) => {
      const now = left.get(endpointKey(e));
      left.delete(endpointKey(e));
      return now ? [now] : [];
    });
    return { slice, endpoints };
  });
  return { kept, rest: [...left.values()] };
}

function fill(kept: readonly Filling[], rest: readonly Endpoint[]): { readonly slices: readonly Filling[]; readonly rest: readonly Endpoint[] } {
  let at = 0;
  const slices = kept.map(({ slice, endpoints }) => {
    const room = rest.slice(at, at + Math.max(0, MAX_ENDPOINTS - endpoints.length));
    at += room.length;
    return { slice, endpoints: [...endpoints, ...room] };
  });
  return { slices, rest: rest.slice(at) };
}

function chunks(endpoints: readonly Endpoint[]): readonly (readonly Endpoint[])[] {
  return Array.from({ length: Math.ceil(endpoints.length / MAX_ENDPOINTS) }, (_, i) => endpoints.slice(i * MAX_ENDPOINTS, (i + 1) * MAX_ENDPOINTS));
}

const endpointKey = (e: Endpoint): string => `${e.targetRef?.uid} ${e.addresses[0]}`;
const portText = (ports: EndpointSlice['ports']): string => canonicalJson(ports ?? []);
const contentText = (slice: EndpointSlice): string => canonicalJson([slice.metadata.labels ?? {}, slice.endpoints ?? []]);

const labelsOf = (service: Service): Readonly<Record<string, string>> => ({ ...labelsOfService(service), [SERVICE_NAME_LABEL]: service.metadata.name, [MANAGED_BY_LABEL]: MANAGER });

const withContent = (service: Service, slice: EndpointSlice, endpoints: readonly Endpoint[]): EndpointSlice =>
  ({ ...slice, metadata: { ...slice.metadata, labels: labelsOf(service) }, endpoints });

function newSlice(service: Service, { addressType, ports }: EndpointGroup, endpoints: readonly Endpoint[], name: string): New<EndpointSlice> {
  const { namespace } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice',
    metadata: { namespace, name, generateName: `${service.metadata.name}-`, labels: labelsOf(service), ownerReferences: [controllerReference(service, SERVICES)] },
    addressType, ports, endpoints,
  };
}
