import type { Lease } from '#api/generated/coordination/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { Strategy } from '../strategy.ts';

type AnyLease = Lease & KubeObject;

export const LEASE: Strategy = {
  allowsCreateOnUpdate: true,
  requiresResourceVersion: true,
  prepareCreate: (lease) => withoutElection(lease as AnyLease),
  prepareUpdate: (lease) => withoutElection(lease as AnyLease),
};

/** Leaders that the server chooses are off by default: the fields are dropped as where nobody knows them. */
function withoutElection(lease: AnyLease): AnyLease {
  const { strategy, preferredHolder, ...spec } = lease.spec ?? {};
  return strategy === undefined && preferredHolder === undefined ? lease : { ...lease, spec };
}
