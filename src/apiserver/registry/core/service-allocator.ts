import { createHash } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import type { Service } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';

const FIRST_NODE_PORT = 30_000;
const NODE_PORT_COUNT = 2_768;
/** An allocation that no cached Service shows after this time belonged to a write that failed. */
const PENDING_MS = 10_000;

export interface AllocatorOptions {
  readonly cache: WatchCache;
  readonly clock: Clock;
  /** `10.96.0.0/16`; its first address is the API server's. */
  readonly cidr: string;
}

interface Probe {
  /** `namespace/name` of the Service. */
  readonly owner: string;
  readonly seed: string;
  readonly count: number;
  readonly used: ReadonlySet<string>;
  readonly valueAt: (index: number) => string;
}

/**
 * Gives Services their addresses and node ports. Both follow from a hash of namespace and name, so that a Service that is made
 * again after the store was lost gets its old ones, unless two collide: then the next free one is taken.
 */
export class ServiceAllocator {
  readonly #options: AllocatorOptions;
  readonly #base: number;
  readonly #size: number;
  /** Given out, but perhaps not yet in the cache. Its owner may have it again: a dry run comes before the write, a re-creation after a deletion. */
  readonly #pending = new Map<string, { readonly owner: string; readonly until: number }>();

  constructor(options: AllocatorOptions) {
    this.#options = options;
    const [address = '', bits = '32'] = options.cidr.split('/');
    this.#size = 2 ** (32 - Number(bits));
    this.#base = toNumber(address);
  }

  /** The API server's own address, the first of the range. */
  get apiServerAddress(): string {
    return toAddress(this.#base + 1);
  }

  contains(address: string): boolean {
    const offset = toNumber(address) - this.#base;
    return offset > 0 && offset < this.#size - 1;
  }

  /** Undefined when the range is full. */
  allocateAddress(namespace: string, name: string): string | undefined {
    const used = this.#used((s) => s.spec?.clusterIPs ?? (s.spec?.clusterIP ? [s.spec.clusterIP] : []));
    // Network, API server and broadcast address are never given.
    const count = this.#size - 3;
    return this.#probe({ owner: `${namespace}/${name}`, seed: `address/${namespace}/${name}`, count, used, valueAt: (i) => toAddress(this.#base + 2 + i) });
  }

  /** Undefined when the range is full. */
  allocateNodePort(namespace: string, name: string, port: string): number | undefined {
    const used = this.#used((s) => (s.spec?.ports ?? []).flatMap((p) => (p.nodePort ? [String(p.nodePort)] : [])));
    const found = this.#probe({ owner: `${namespace}/${name}`, seed: `port/${namespace}/${name}/${port}`, count: NODE_PORT_COUNT, used, valueAt: (i) => String(FIRST_NODE_PORT + i) });
    return found === undefined ? undefined : Number(found);
  }

  /** Whether another Service has the address or port; takes it for `owner` when not. */
  claim(value: string, owner: string): boolean {
    const isTaken = this.#services().some((s) => `${s.metadata.namespace ?? ''}/${s.metadata.name}` !== owner && (s.spec?.clusterIP === value || (s.spec?.ports ?? []).some((p) => String(p.nodePort) === value)));
    if (!isTaken) this.#reserve(value, owner);
    return !isTaken;
  }

  #probe({ owner, seed, count, used, valueAt }: Probe): string | undefined {
    const start = createHash('sha256').update(seed).digest().readUInt32BE(0) % count;
    for (let i = 0; i < count; i++) {
      const value = valueAt((start + i) % count);
      const pending = this.#pending.get(value);
      if (used.has(value) || (pending && pending.owner !== owner)) continue;
      this.#reserve(value, owner);
      return value;
    }
    return undefined;
  }

  #reserve(value: string, owner: string): void {
    this.#pending.set(value, { owner, until: this.#options.clock.monotonic() + PENDING_MS });
  }

  #used(valuesOf: (service: Service) => readonly string[]): ReadonlySet<string> {
    const now = this.#options.clock.monotonic();
    for (const [value, { until }] of this.#pending) if (until < now) this.#pending.delete(value);
    return new Set(this.#services().flatMap(valuesOf));
  }

  #services(): readonly (Service & KubeObject)[] {
    return this.#options.cache.list('services').items.map((i) => i.object as Service & KubeObject);
  }
}

const toNumber = (address: string): number => address.split('.').reduce((n, part) => n * 256 + Number(part), 0);
const toAddress = (n: number): string => [24, 16, 8, 0].map((shift) => Math.floor(n / 2 ** shift) % 256).join('.');
