import type { Lease } from '#api/generated/coordination/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { Strategy } from '../strategy.ts';

export const LEASE: Strategy = {
  allowsCreateOnUpdate: true,
  requiresResourceVersion: true,
  prepareCreate: withoutElection,
  prepareUpdate: withoutElection,
};

/** Leaders that the server chooses are off by default: the fields are dropped as where nobody knows them. */
function withoutElection(lease: KubeObject): KubeObject {
  const { strategy, preferredHolder, ...spec } = (lease as Lease & KubeObject).spec ?? {};
  return strategy === undefined && preferredHolder === undefined ? lease : { ...lease, spec } as KubeObject;
}
