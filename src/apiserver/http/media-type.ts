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
  /** Takes aggregated discovery. */
  readonly isDiscovery?: true;
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
  /** As it was named. */
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

  /** Whoever takes aggregated discovery is given it, whatever he would rather have. */
  #choose(accept: string, offer: Offer): MediaType | undefined {
    const ranges = this.#rangesOf(accept);
    requireNamed(ranges, offer);
    if (offer.isFixed) return PLAIN;
    return (offer.hasDiscovery ? firstOf(ranges, discoveryOf) : undefined) ?? firstOf(ranges, (encoding, parameters) => formOf(encoding, parameters, offer));
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

/** So many are put in order one by one; a header may have thousands. */
const INSERTED = 12;

/** What an Accept header takes, the best first. */
export function acceptedRanges(accept: string): readonly Range[] {
  const ranges = accept.split(',').flatMap((part) => parseRange(part) ?? []);
  // Which of them comes first is no order, as quality and exactness count alike: it takes Go's way of sorting, which inserts so few, to come to Go's result.
  if (ranges.length > INSERTED) return ranges.toSorted((a, b) => b.quality - a.quality);
  for (let i = 1; i < ranges.length; i++) {
    for (let at = i; at > 0 && isBefore(ranges[at] as Range, ranges[at - 1] as Range); at--) ranges.splice(at - 1, 2, ranges[at] as Range, ranges[at - 1] as Range);
  }
  return ranges;
}

const isBefore = (a: Range, b: Range): boolean =>
  a.quality > b.quality || (!isAny(a) && isAny(b)) || (!a.type.endsWith('/*') && b.type.endsWith('/*'));
const isAny = ({ type }: Pick<Range, 'type'>): boolean => type === '*' || type.startsWith('*/');

/** The most frequent texts need no negotiation. */
const isPlain = (accept: string | undefined): boolean => accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json';

/** Undefined of what is no type. */
function parseRange(text: string): Range | undefined {
  const [type = '', ...rest] = text.split(';').map((part) => part.trim());
  if (!TYPE.test(type)) return undefined;
  const pairs = rest.map((part) => part.split('=')).filter((pair) => pair.length === 2 && pair[1] !== '');
  const { q, ...parameters } = Object.fromEntries(pairs.map(([key = '', value = '']) => [key.trim(), value.trim()]));
  const encodings = type === '*' || type === '*/*' || type === 'application/*' ? ENCODINGS : ENCODINGS.filter((encoding) => CONTENT_TYPES[encoding] === type);
  return { type, encodings, quality: q === undefined ? 1 : Number(q) || 0, parameters };
}
const TYPE = /^(?:\*|[^/]*\/[^/]+)$/;

type Parameters = Readonly<Record<string, string>>;

function firstOf(ranges: readonly Range[], form: (encoding: Encoding, parameters: Parameters) => MediaType | undefined): MediaType | undefined {
  for (const { encodings, parameters } of ranges) {
    for (const encoding of encodings) {
      const media = form(encoding, parameters);
      if (media) return parameters['pretty'] === '1' ? { ...media, isPretty: true } : media;
    }
  }
  return undefined;
}

const discoveryOf = (encoding: Encoding, { as, g: group, v: version }: Parameters): MediaType | undefined =>
  (as === 'APIGroupDiscoveryList' && group === 'apidiscovery.k8s.io' && version === 'v2' ? { ...PLAIN, encoding, isDiscovery: true } : undefined);

function formOf(encoding: Encoding, { as, g: group, v: version, stream, sv }: Parameters, offer: Offer): MediaType | undefined {
  if (sv && sv !== offer.serverVersion) return undefined;
  if (stream !== undefined && (stream !== 'watch' || encoding === 'yaml')) return undefined;
  if (as === undefined && group === undefined && version === undefined) {
    return encoding === 'protobuf' && !offer.hasProtobuf ? undefined : { ...PLAIN, encoding };
  }
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
