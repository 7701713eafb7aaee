import { randomUUID } from 'node:crypto';
import { isSameResource } from '#api/resource-type.ts';
import { SERVICES } from '#api/resources.ts';
import { formatTime } from '#base/clock.ts';
import type { Write } from '#store/object-store.ts';
import type { Environment } from '../environment.ts';
import { type Allocation, allocationId, allocationKey, allocationsOf, type AnyService, claimFor, type Claim, ownerOf, serviceKey } from '../registry/core/service/allocations.ts';
import type { AdmissionPlugin } from './plugin.ts';

/** Writes what a Service holds of addresses and node ports, and takes away what it gives up, in the transaction that writes the Service. */
export const SERVICE_ALLOCATION: AdmissionPlugin = {
  name: 'ServiceAllocation',
  handles: ({ resource, subresource }) => subresource === '' && isSameResource(resource, SERVICES),
  async reserve({ operation, object, live }, env) {
    const wanted = operation === 'DELETE' || object === undefined ? [] : allocationsOf(object as AnyService);
    const held = live === undefined ? [] : allocationsOf(live as AnyService);
    const dropped = without(held, wanted);
    // What is held and has no key, because it is older than keys or was deleted by hand, gets one.
    const added = [...without(wanted, held), ...without(held, dropped).filter((allocation) => env.services.stored(allocation) === undefined)];
    // A Service that was read from the store itself may be newer than the cache.
    if (dropped.some((allocation) => env.services.stored(allocation) === undefined)) await env.cache.sync();
    return [...added.map((allocation) => take(allocation, object as AnyService, env)), ...dropped.flatMap((allocation) => release(allocation, live as AnyService, env))];
  },
};

function without(all: readonly Allocation[], others: readonly Allocation[]): readonly Allocation[] {
  const ids = new Set(others.map(allocationId));
  return all.filter((allocation) => !ids.has(allocationId(allocation)));
}

/** The key must be absent, or be one that nobody holds any longer. */
function take(allocation: Allocation, service: AnyService, env: Environment): Write {
  const stored = env.services.stored(allocation);
  const mayTakeOver = stored !== undefined && (ownerOf(stored.object as Claim) === serviceKey(service) || env.services.isLeftOver(allocation));
  const claim = claimFor(allocation, service, { uid: randomUUID(), now: formatTime(env.clock.now()) });
  return { type: 'put', key: allocationKey(allocation), value: JSON.stringify(claim), expect: mayTakeOver ? stored.revision : 'absent' };
}

function release(allocation: Allocation, service: AnyService, env: Environment): readonly Write[] {
  const stored = env.services.stored(allocation);
  if (stored === undefined || ownerOf(stored.object as Claim) !== serviceKey(service)) return [];
  return [{ type: 'delete', key: allocationKey(allocation), expect: stored.revision }];
}
