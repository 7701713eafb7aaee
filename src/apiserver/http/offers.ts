import type { ResourceType } from '#api/resource-type.ts';
import type { MessageTypes } from '../protobuf/message-types.ts';
import type { ResourceInfo } from '../request-info.ts';
import { streamTypesOf, typesOf, type Offer } from './media-type.ts';

/** Answers that are no object of the resource have no columns. */
const WITHOUT_TABLE: ReadonlySet<string> = new Set(['binding', 'eviction', 'token', 'exec', 'attach', 'portforward', 'proxy', 'log', 'finalize']);

/** A Status has all encodings and no other form. */
export const STATUS_OFFER: Offer = { hasProtobuf: true, hasTable: false, hasMetadata: false, hasDiscovery: false, isStream: false };
/** Groups are told by a handler of its own, all else below `/api` and `/apis` by a router. */
const GROUPS_OFFER: Offer = { ...STATUS_OFFER, hasDiscovery: true };
const ROUTED_OFFER: Offer = { ...STATUS_OFFER, routed: typesOf(STATUS_OFFER) };
const CORE_OFFER: Offer = { ...ROUTED_OFFER, hasDiscovery: true };
const JSON_OFFER: Offer = { ...STATUS_OFFER, isFixed: true, routed: ['application/json'] };

/** What a document that is none of a resource can be asked for as; undefined where Accept means nothing. */
export function offerOfPath(path: string): Offer | undefined {
  if (/^\/version\/*$/.test(path)) return JSON_OFFER;
  if (/^\/api\/*$/.test(path)) return CORE_OFFER;
  if (/^\/apis\/*$/.test(path)) return GROUPS_OFFER;
  if (/^\/apis\/[^/]*\/*$/.test(path)) return STATUS_OFFER;
  return /^\/apis?\//.test(path) ? ROUTED_OFFER : undefined;
}

/** What the endpoints of resources can answer. */
export class Offers {
  readonly #types: MessageTypes;
  readonly #made = new WeakMap<ResourceType, Map<string, Offer>>();

  constructor(types: MessageTypes) {
    this.#types = types;
  }

  of({ resource, subresource, verb }: ResourceInfo): Offer {
    const key = verb === 'watch' || verb === 'list' ? verb : subresource;
    const known = this.#made.get(resource)?.get(key);
    if (known) return known;
    const offer = routed(this.#make(resource, subresource, verb === 'watch'), { resource, verb });
    const offers = this.#made.get(resource) ?? new Map<string, Offer>();
    offers.set(key, offer);
    this.#made.set(resource, offers);
    return offer;
  }

  #make(resource: ResourceType, subresource: string, isStream: boolean): Offer {
    // A Scale is a built-in kind also below custom resources. Kinds that can only be created are a question and its answer.
    const hasTable = resource.verbs.includes('get') && !WITHOUT_TABLE.has(subresource);
    const hasProtobuf = subresource === 'scale' || (resource.facts !== undefined && this.#types.of(resource.facts) !== undefined);
    return { hasProtobuf, hasTable, hasMetadata: true, hasDiscovery: false, isStream, serverVersion: 'v1' };
  }
}

/** Custom resources are behind no router. */
function routed(offer: Offer, { resource, verb }: Pick<ResourceInfo, 'resource' | 'verb'>): Offer {
  if (resource.custom) return offer;
  return { ...offer, routed: [...typesOf(offer), ...(verb === 'list' || verb === 'watch' ? streamTypesOf(offer) : [])] };
}
