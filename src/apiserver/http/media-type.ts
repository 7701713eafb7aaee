import { StatusError } from '#api/status-error.ts';

export type Encoding = 'json' | 'yaml' | 'protobuf';
type Form = 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';

/** The form in which a client wants its answer. */
export interface MediaType {
  readonly encoding: Encoding;
  readonly as: Form;
  /** Of `meta.k8s.io`, when {@link as} is not the object itself. */
  readonly version: 'v1' | 'v1beta1';
  /** JSON is wanted in lines. */
  readonly isPretty?: true;
  /** Takes aggregated discovery, in this version of `apidiscovery.k8s.io`. */
  readonly discovery?: 'v2' | 'v2beta1';
}

/** What an endpoint can answer. */
export interface Offer {
  readonly hasProtobuf: boolean;
  readonly hasTable: boolean;
  /** Bare metadata, which has a protobuf form also where the object has none. */
  readonly hasMetadata: boolean;
  readonly hasDiscovery: boolean;
  /** Is a stream of events: YAML has no form for one. */
  readonly isStream: boolean;
  /** The types of which a client must name one before anything else counts. Default: none. */
  readonly routed?: readonly string[];
  /** It has one form, JSON, whatever else the client says. */
  readonly isFixed?: true;
  /** The version of the server's own objects in which it can be asked for. Default: none. */
  readonly serverVersion?: 'v1';
}

export const PLAIN: MediaType = { encoding: 'json', as: 'object', version: 'v1' };
const CONTENT_TYPES: Readonly<Record<Encoding, string>> = { json: 'application/json', yaml: 'application/yaml', protobuf: 'application/vnd.kubernetes.protobuf' };
export const contentTypeOf = (media: MediaType): string => CONTENT_TYPES[media.encoding];

const META = 'meta.k8s.io';
const ENCODINGS = Object.keys(CONTENT_TYPES) as readonly Encoding[];
/** Clients send few distinct texts; a hostile one shall not fill the memory. */
const MAX_KEPT_HEADERS = 256;

/** What one part of an Accept header takes. */
export interface Range {
  readonly type: string;
  readonly encodings: readonly Encoding[];
  readonly quality: number;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Chooses the form of answers by the Accept header, as Kubernetes does. */
export class Negotiator {
  readonly #parsed = new Map<string, readonly Range[]>();

  /** The best of the accepted forms that are offered. @throws StatusError NotAcceptable */
  negotiate(accept: string | undefined, offer: Offer): MediaType {
    const media = isPlain(accept) ? PLAIN : this.#choose(accept ?? '', offer);
    if (media === undefined) throw notAcceptable(typesOf(offer));
    if (offer.isStream && media.encoding === 'yaml') throw notAcceptable(streamTypesOf(offer));
    return media;
  }

  #choose(accept: string, offer: Offer): MediaType | undefined {
    const ranges = this.#rangesOf(accept);
    requireNamed(ranges, offer);
    if (offer.isFixed) return PLAIN;
    for (const { encodings, parameters } of ranges) {
      for (const encoding of encodings) {
        const media = mediaOf(encoding, parameters, offer);
        if (media) return media;
      }
    }
    return undefined;
  }

  #rangesOf(accept: string): readonly Range[] {
    const known = this.#parsed.get(accept);
    if (known) return known;
    const ranges = acceptedRanges(accept);
    if (this.#parsed.size >= MAX_KEPT_HEADERS) this.#parsed.clear();
    this.#parsed.set(accept, ranges);
    return ranges;
  }
}

/** The router in front looks at the names of types alone: not at their qualities and parameters, and it knows no `application/*`. */
function requireNamed(ranges: readonly Range[], { routed }: Offer): void {
  if (routed === undefined || ranges.some(({ type }) => type === '*/*' || routed.includes(type))) return;
  throw new StatusError('NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${routed.join(', ')}`, { details: {} });
}

/** What an Accept header takes, the best first. */
export function acceptedRanges(accept: string): readonly Range[] {
  const sorted: Range[] = [];
  for (const range of accept.split(',').map(parseRange)) {
    let at = sorted.length;
    while (at > 0 && isBefore(range, sorted[at - 1] as Range)) at -= 1;
    sorted.splice(at, 0, range);
  }
  return sorted;
}

/** No order, for two can each be before the other: what is put in its place by it part by part, Kubernetes' clients depend on. */
const isBefore = (a: Range, b: Range): boolean =>
  a.quality > b.quality || (!isAnyType(a) && isAnyType(b)) || (!a.type.endsWith('/*') && b.type.endsWith('/*'));
const isAnyType = ({ type }: Range): boolean => type === '*' || type.startsWith('*/');

/** The most frequent texts need no negotiation. */
const isPlain = (accept: string | undefined): boolean => accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json';

function parseRange(text: string): Range {
  const [type = '', ...rest] = text.split(';').map((p) => p.trim());
  // Values are never quoted; of what is no name and value nothing is known.
  const parameters = Object.fromEntries(rest.map((p) => p.split('=')).filter(([, value, ...more]) => value !== undefined && value !== '' && more.length === 0).map(([k = '', v = '']) => [k.trim(), v.trim()]));
  const isAny = type === '*/*' || type === '*' || type === 'application/*';
  const quality = parameters['q'] === undefined ? 1 : Number(parameters['q']) || 0;
  return { type, encodings: isAny ? ENCODINGS : ENCODINGS.filter((e) => CONTENT_TYPES[e] === type), quality, parameters };
}

function mediaOf(encoding: Encoding, parameters: Readonly<Record<string, string>>, offer: Offer): MediaType | undefined {
  const media = formOf(encoding, parameters, offer);
  return media && parameters['pretty'] === '1' ? { ...media, isPretty: true } : media;
}

function formOf(encoding: Encoding, { as, g: group, v: version, stream, sv }: Readonly<Record<string, string>>, offer: Offer): MediaType | undefined {
  if (sv && sv !== offer.serverVersion) return undefined;
  if (stream !== undefined && stream !== '' && stream !== 'watch') return undefined;
  if (as === undefined && group === undefined && version === undefined) {
    return encoding === 'protobuf' && !offer.hasProtobuf ? undefined : { ...PLAIN, encoding };
  }
  if (as === 'APIGroupDiscoveryList' && group === 'apidiscovery.k8s.io') return offer.hasDiscovery && (version === 'v2' || version === 'v2beta1') ? { ...PLAIN, encoding, discovery: version } : undefined;
  if (group !== META || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  if (as === 'Table') return offer.hasTable && encoding !== 'protobuf' ? { encoding, as, version } : undefined;
  return offer.hasMetadata && (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') ? { encoding, as, version } : undefined;
}

export const notAcceptable = (types: readonly string[]): StatusError => notAcceptableBecause(`only the following media types are accepted: ${types.join(', ')}`);

export const notAcceptableBecause = (message: string): StatusError => new StatusError('NotAcceptable', message);
export const unsupportedBody = (offer: Offer): StatusError =>
  new StatusError('UnsupportedMediaType', `the body of the request was in an unknown format - accepted media types include: ${typesOf({ ...offer, hasMetadata: false }).join(', ')}`);

export const typesOf = ({ hasProtobuf, hasMetadata }: Offer): readonly string[] => ENCODINGS.filter((e) => e !== 'protobuf' || hasProtobuf || hasMetadata).map((e) => CONTENT_TYPES[e]);
export const streamTypesOf = (offer: Offer): readonly string[] => typesOf(offer).filter((type) => type !== CONTENT_TYPES.yaml).map((type) => `${type};stream=watch`);
