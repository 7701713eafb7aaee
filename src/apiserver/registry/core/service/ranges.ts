import type { ServiceCIDR } from '#api/generated/networking/v1.ts';
import { type Cidr, parseCidr } from '#api/ip.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource } from '#api/resource-type.ts';
import { SERVICE_CIDRS } from '#api/resources.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';

/** The ranges from which Services may have addresses at present: those of the ServiceCIDRs that stay and that nobody calls not ready; before there are any, the server's own. */
export class ServiceRanges {
  readonly #cache: WatchCache;
  readonly #own: Cidr;
  readonly #parsed = new WeakMap<KubeObject, readonly Cidr[]>();

  constructor(cache: WatchCache, own: string) {
    this.#cache = cache;
    const cidr = parseCidr(own);
    if (cidr === undefined) throw new TypeError(`${own} is no range of addresses`);
    this.#own = cidr;
  }

  get own(): Cidr {
    return this.#own;
  }

  /** The server's own first. */
  all(): readonly Cidr[] {
    const objects = this.#cache.list(groupResource(SERVICE_CIDRS)).items.map((item) => item.object as ServiceCIDR & KubeObject);
    if (objects.length === 0) return [this.#own];
    const ranges = objects.filter(isUsable).flatMap((object) => this.#parse(object));
    const isOwn = (cidr: Cidr): number => (cidr.first === this.#own.first && cidr.size === this.#own.size ? 0 : 1);
    return ranges.toSorted((a, b) => isOwn(a) - isOwn(b));
  }

  #parse(object: ServiceCIDR & KubeObject): readonly Cidr[] {
    let ranges = this.#parsed.get(object);
    if (ranges === undefined) this.#parsed.set(object, (ranges = (object.spec?.cidrs ?? []).map(parseCidr).filter((cidr) => cidr !== undefined && cidr.family === this.#own.family) as readonly Cidr[]));
    return ranges;
  }
}

const isUsable = ({ metadata, status }: ServiceCIDR & KubeObject): boolean => metadata.deletionTimestamp === undefined && (status?.conditions ?? []).every((c) => c.type !== 'Ready' || c.status === 'True');
