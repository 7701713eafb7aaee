import type { ResourceType } from '#api/resource-type.ts';
import type { MessageTypes } from '../protobuf/message-types.ts';
import type { ResourceInfo } from '../request-info.ts';
import type { Offer } from './media-type.ts';

/** Answers that are no object of the resource have no columns. */
const WITHOUT_TABLE: ReadonlySet<string> = new Set(['binding', 'eviction', 'token', 'exec', 'attach', 'portforward', 'proxy', 'log', 'finalize']);

/** A Status has all encodings and no other form. */
export const STATUS_OFFER: Offer = { hasProtobuf: true, hasTable: false, hasMetadata: false, hasDiscovery: false, isStream: false };
export const DISCOVERY_OFFER: Offer = { ...STATUS_OFFER, hasDiscovery: true };

/** What the endpoints of resources can answer. */
export class Offers {
  readonly #types: MessageTypes;
  readonly #made = new WeakMap<ResourceType, Map<string, Offer>>();

  constructor(types: MessageTypes) {
    this.#types = types;
  }

  of({ resource, subresource, verb }: ResourceInfo): Offer {
    const key = verb === 'watch' ? 'watch' : subresource;
    const known = this.#made.get(resource)?.get(key);
    if (known) return known;
    const offer = this.#make(resource, subresource, verb === 'watch');
    const offers = this.#made.get(resource) ?? new Map<string, Offer>();
    offers.set(key, offer);
    this.#made.set(resource, offers);
    return offer;
  }

  #make(resource: ResourceType, subresource: string, isStream: boolean): Offer {
    // A Scale is a built-in kind also below custom resources. Kinds that can only be created are a question and its answer.
    const hasTable = resource.verbs.includes('get') && !WITHOUT_TABLE.has(subresource);
    const hasProtobuf = subresource === 'scale' || (resource.facts !== undefined && this.#types.of(resource.facts) !== undefined);
    return { hasProtobuf, hasTable, hasMetadata: true, hasDiscovery: false, isStream };
  }
}
