import type { Endpoint, EndpointSlice } from '#api/generated/discovery/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { isEqual } from '../../storage/equality.ts';
import type { Strategy } from '../strategy.ts';

type Slice = EndpointSlice & KubeObject;

/** Consumers tell states apart by the generation, and find slices by labels: both count. */
export const ENDPOINT_SLICE: Strategy = {
  hasGeneration: true,
  countsAll: true,
  labelsBumpGeneration: true,
  prepareCreate: (slice) => withoutTopology(slice as Slice),
  prepareUpdate: (slice, live) => (isEqual((slice as Slice).endpoints, (live as Slice).endpoints) ? slice : withoutTopology(slice as Slice)),
};

/** A field of the beta, which v1 only shows. */
function withoutTopology(slice: Slice): Slice {
  if (!slice.endpoints?.some(({ deprecatedTopology }) => deprecatedTopology !== undefined)) return slice;
  return { ...slice, endpoints: slice.endpoints.map(withoutField) };
}

function withoutField(endpoint: Endpoint): Endpoint {
  const { deprecatedTopology: _, ...rest } = endpoint;
  return rest;
}
