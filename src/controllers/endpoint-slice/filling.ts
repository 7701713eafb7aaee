import type { Endpoint, EndpointSlice } from '#api/generated/discovery/v1.ts';

/** Kubernetes' default. */
const MAX_ENDPOINTS = 100;

/** A slice that is there, and the endpoints that it is to have. */
export interface Filling {
  readonly slice: EndpointSlice;
  readonly endpoints: readonly Endpoint[];
}

interface Kept extends Filling {
  /** It is written anyhow. */
  readonly isChanged: boolean;
}

const endpointKey = (e: Endpoint): string => `${e.targetRef?.uid} ${e.addresses[0]}`;

export function keepInPlace(wanted: readonly Endpoint[], slices: readonly EndpointSlice[]): { readonly kept: readonly Filling[]; readonly rest: readonly Endpoint[] } {
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

/** Slices that are written anyhow take what they can, the fullest first; what is left goes into one of the others that has room for all of it, the fuller the better. */
export function fill(kept: readonly Kept[], rest: readonly Endpoint[]): { readonly slices: readonly Filling[]; readonly rest: readonly Endpoint[] } {
  let left = rest;
  const filled = new Map<Kept, readonly Endpoint[]>();
  for (const filling of kept.filter(({ isChanged, endpoints }) => isChanged && endpoints.length > 0).toSorted((a, b) => b.endpoints.length - a.endpoints.length)) {
    const room = Math.max(0, MAX_ENDPOINTS - filling.endpoints.length);
    filled.set(filling, [...filling.endpoints, ...left.slice(0, room)]);
    left = left.slice(room);
  }
  const last = left.length % MAX_ENDPOINTS;
  const fitting = kept.filter(({ isChanged, endpoints }) => !isChanged && endpoints.length > 0 && endpoints.length + last <= MAX_ENDPOINTS);
  const fullest = fitting.toSorted((a, b) => b.endpoints.length - a.endpoints.length)[0];
  if (last > 0 && fullest) {
    filled.set(fullest, [...fullest.endpoints, ...left.slice(left.length - last)]);
    left = left.slice(0, left.length - last);
  }
  return { slices: kept.map((filling) => ({ slice: filling.slice, endpoints: filled.get(filling) ?? filling.endpoints })), rest: left };
}

export function chunks(endpoints: readonly Endpoint[]): readonly (readonly Endpoint[])[] {
  return Array.from({ length: Math.ceil(endpoints.length / MAX_ENDPOINTS) }, (_, i) => endpoints.slice(i * MAX_ENDPOINTS, (i + 1) * MAX_ENDPOINTS));
}
