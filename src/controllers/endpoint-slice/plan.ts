import type { Service } from '#api/generated/core/v1.ts';
import type { Endpoint, EndpointSlice } from '#api/generated/discovery/v1.ts';
import { canonicalJson } from '#api/json.ts';
import { controllerOf, controllerReference } from '#api/owner-references.ts';
import { SERVICES } from '#api/resources.ts';
import type { New } from '#client/client.ts';
import { labelsOfService, type EndpointGroup } from './endpoints-of.ts';
import { fill, keepInPlace, chunks, type Filling } from './filling.ts';
import { withHints, type Draft, type HintEvent } from './hinted-drafts.ts';
import { withoutHints } from './hints.ts';
import type { ZoneShares } from './zone-capacity.ts';

export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
export const MANAGER = 'endpointslice-controller.k8s.io';
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
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

/** Writes as few slices as possible: endpoints stay in the slice where they are, and new ones fill those that are written anyhow, or one with room for all. */
export function planSlices(snapshot: SliceSnapshot): SlicePlan {
  const { service, present, nameOf } = snapshot;
  const { drafts, events } = withHints(draftsOf(snapshot), snapshot);
  const used = new Set(drafts.map((draft) => draft.present));
  const create = drafts.filter((draft) => draft.present === undefined).map(({ group, endpoints }, i) =>
    newSlice(service, group, endpoints, nameOf(canonicalJson([group.addressType, group.ports, endpoints[0]?.targetRef?.uid ?? '', present.length + i]))));
  const update = drafts.flatMap(({ present: slice, endpoints }) => {
    const wanted = slice && withContent(service, slice, endpoints);
    return wanted && contentText(wanted) !== contentText(slice) ? [wanted] : [];
  });
  const remove = present.filter((slice) => !used.has(slice) && slice.metadata.deletionTimestamp === undefined);
  return { ...recycled(service, { create, update, remove }), events };
}

/** A slice of the Service's own that would go becomes one that would be made: one write instead of two, and no moment without. */
function recycled(service: Service, { create, update, remove }: Omit<SlicePlan, 'events'>): Omit<SlicePlan, 'events'> {
  const made = [...create];
  const rewritten = remove.flatMap((slice) => {
    const next = made.at(-1);
    if (next?.addressType !== slice.addressType || controllerOf(slice)?.uid !== service.metadata.uid) return [];
    made.pop();
    return [{ slice, wanted: { ...slice, metadata: { ...slice.metadata, labels: next.metadata.labels }, ports: next.ports, endpoints: next.endpoints } as EndpointSlice }];
  });
  const taken = new Set(rewritten.map(({ slice }) => slice));
  return { create: made, update: [...update, ...rewritten.map(({ wanted }) => wanted)], remove: remove.filter((slice) => !taken.has(slice)) };
}

const draftsOf = ({ service, groups, present }: SliceSnapshot): readonly Draft[] => groups.flatMap((group): readonly Draft[] => {
  const mine = present.filter((slice) => slice.addressType === group.addressType && portText(slice.ports) === portText(group.ports) && slice.metadata.deletionTimestamp === undefined);
  const { kept, rest } = keepInPlace(group.endpoints, mine);
  const filled = fill(kept.map((filling) => ({ ...filling, isChanged: isChanged(service, filling) })), rest);
  const staying = filled.slices.filter(({ endpoints }, i) => endpoints.length > 0 || (group.endpoints.length === 0 && i === 0));
  const isPlaceholder = group.endpoints.length === 0 && filled.slices.length === 0;
  return [...staying.map(({ slice, endpoints }) => ({ group, present: slice, endpoints })), ...(isPlaceholder ? [[]] : chunks(filled.rest)).map((endpoints) => ({ group, endpoints }))];
});

/** Whether the slice is written, whatever comes into it. */
const isChanged = (service: Service, { slice, endpoints }: Filling): boolean =>
  contentText(withContent(service, slice, endpoints.map(withoutHints))) !== contentText({ ...slice, endpoints: (slice.endpoints ?? []).map(withoutHints) });

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
