import { createHash } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import { addressNumber, addressText, type Cidr, contains } from '#api/ip.ts';
import type { CachedObject, WatchCache } from '#watchcache/watch-cache.ts';
import { addressAllocation, type Allocation, allocationId, allocationsOf, type AnyService, type Claim, ownerOf, portAllocation } from './allocations.ts';
import type { NodePortRange } from './node-ports.ts';
import { ServiceRanges } from './ranges.ts';

/** An allocation that the cache does not show after this time belonged to a write that failed. */
const PENDING_MS = 10_000;

export interface AllocatorOptions {
  readonly cache: WatchCache;
  readonly clock: Clock;
  /** `10.96.0.0/16`; its first address is the API server's. */
  readonly cidr: string;
  readonly nodePorts: NodePortRange;
}

/** A node port that is wanted. */
export interface WantedPort {
  /** Of the Service. */
  readonly namespace: string;
  readonly name: string;
  /** Tells the ports of one Service apart. */
  readonly label: string;
  /** Numbers that the Service has for something else. */
  readonly used: ReadonlySet<number>;
}

interface Probe {
  /** `namespace/name` of the Service. */
  readonly owner: string;
  readonly seed: string;
  readonly count: number;
  /** Undefined for one that is not to be had. */
  readonly valueAt: (index: number) => Allocation | undefined;
}

/**
 * Chooses addresses and node ports for Services. Both follow from a hash of namespace and name, so that a Service that is made
 * again after the store was lost gets its old ones, unless two collide: then the next free one is taken. The choice is a proposal:
 * it holds when the store takes the key of the allocation together with the Service.
 */
export class ServiceAllocator {
  readonly #options: AllocatorOptions;
  readonly #ranges: ServiceRanges;
  /** Given out, but perhaps not yet in the cache. Its owner may have it again: a dry run comes before the write, a re-creation after a deletion. */
  readonly #pending = new Map<string, { readonly owner: string; readonly until: number }>();

  constructor(options: AllocatorOptions) {
    this.#options = options;
    this.#ranges = new ServiceRanges(options.cache, options.cidr);
  }

  /** The API server's own address, the first of the range. */
  get apiServerAddress(): string {
    const { first, family } = this.#ranges.own;
    return addressText(first + 1n, family);
  }

  contains(address: string): boolean {
    return this.#ranges.all().some((range) => contains(range, address) && isUsable(range, addressNumber(address)));
  }

  get nodePorts(): NodePortRange {
    return this.#options.nodePorts;
  }

  /** Undefined when all ranges are full. */
  allocateAddress(namespace: string, name: string): string | undefined {
    for (const range of this.#ranges.all()) {
      // Network, API server and broadcast address are never given.
      const count = Number(range.size - 3n < 2n ** 31n ? range.size - 3n : 2n ** 31n);
      const valueAt = (i: number): Allocation => addressAllocation(addressText(range.first + 2n + BigInt(i), range.family));
      const found = this.#probe({ owner: `${namespace}/${name}`, seed: `address/${namespace}/${name}`, count, valueAt });
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Undefined when the range is full. */
  allocateNodePort({ namespace, name, label, used }: WantedPort): number | undefined {
    const { first, last } = this.nodePorts;
    const valueAt = (i: number): Allocation | undefined => (used.has(first + i) ? undefined : portAllocation(first + i));
    const found = this.#probe({ owner: `${namespace}/${name}`, seed: `port/${namespace}/${name}/${label}`, count: last - first + 1, valueAt });
    return found === undefined ? undefined : Number(found);
  }

  /** Whether no other Service has the address or port; keeps it for `owner` then. What was given up a moment ago counts as free. */
  async claim(allocation: Allocation, owner: string): Promise<boolean> {
    if (!this.#isFree(allocation, owner)) await this.#options.cache.sync();
    const isFree = this.#isFree(allocation, owner);
    if (isFree) this.#reserve(allocation, owner);
    return isFree;
  }

  /** What is stored under the allocation's key. */
  stored(allocation: Allocation): CachedObject | undefined {
    return this.#options.cache.get(allocation.resource, '', allocation.name);
  }

  /** Whether the key is there and its owner is not, or holds it no longer: then anybody may take it over. */
  isLeftOver(allocation: Allocation): boolean {
    const stored = this.stored(allocation);
    const owner = stored && ownerOf(stored.object as Claim);
    return owner !== undefined && !this.#holds(owner, allocation);
  }

  #isFree(allocation: Allocation, owner: string): boolean {
    const stored = this.stored(allocation);
    return stored === undefined || ownerOf(stored.object as Claim) === owner || this.isLeftOver(allocation);
  }

  #holds(owner: string, allocation: Allocation): boolean {
    const [namespace = '', name = ''] = owner.split('/');
    const service = this.#options.cache.get('services', namespace, name);
    return service !== undefined && allocationsOf(service.object as AnyService).some((held) => allocationId(held) === allocationId(allocation));
  }

  #probe({ owner, seed, count, valueAt }: Probe): string | undefined {
    if (count <= 0) return undefined;
    this.#dropStale();
    const start = createHash('sha256').update(seed).digest().readUInt32BE(0) % count;
    for (let i = 0; i < count; i++) {
      const allocation = valueAt((start + i) % count);
      if (allocation === undefined) continue;
      const pending = this.#pending.get(allocationId(allocation));
      if ((pending && pending.owner !== owner) || !this.#isFree(allocation, owner)) continue;
      this.#reserve(allocation, owner);
      return allocation.name;
    }
    return undefined;
  }

  #reserve(allocation: Allocation, owner: string): void {
    this.#pending.set(allocationId(allocation), { owner, until: this.#options.clock.monotonic() + PENDING_MS });
  }

  #dropStale(): void {
    const now = this.#options.clock.monotonic();
    for (const [id, { until }] of this.#pending) if (until < now) this.#pending.delete(id);
  }
}

/** The first and the last address of a range name the range itself. */
function isUsable({ first, size }: Cidr, address: bigint): boolean {
  return size <= 2n || (address > first && address < first + size - 1n);
}
