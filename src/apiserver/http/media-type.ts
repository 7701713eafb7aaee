import { StatusError } from '#api/status-error.ts';

/** The form in which a client wants its answer. */
export interface MediaType {
  readonly encoding: 'json' | 'yaml';
  readonly as: 'object' | 'Table' | 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** Takes aggregated discovery. */
  readonly isAggregatedDiscovery: boolean;
}

const PLAIN: MediaType = { encoding: 'json', as: 'object', isAggregatedDiscovery: false };
const CONTENT_TYPES = { json: 'application/json', yaml: 'application/yaml' } as const;
export const contentTypeOf = (media: MediaType): string => CONTENT_TYPES[media.encoding];

/** The first of the accepted forms that is served. @throws StatusError NotAcceptable */
export function negotiate(accept: string | undefined): MediaType {
  if (accept === undefined || accept === '' || accept === '*/*' || accept === 'application/json') return PLAIN;
  const ranked = accept.split(',').map(parseRange).filter((r) => r.quality > 0).toSorted((a, b) => b.quality - a.quality);
  for (const range of ranked) {
    const media = mediaOf(range);
    if (media) return media;
  }
  throw new StatusError('NotAcceptable', 'only the following media types are accepted: application/json, application/yaml', { details: {} });
}

interface Range {
  readonly type: string;
  readonly quality: number;
  readonly parameters: Readonly<Record<string, string>>;
}

function parseRange(text: string): Range {
  const [type = '', ...rest] = text.split(';').map((p) => p.trim());
  const parameters = Object.fromEntries(rest.map((p) => p.split('=', 2) as [string, string?]).map(([k, v = '']) => [k, v]));
  return { type: type.toLowerCase(), quality: parameters['q'] === undefined ? 1 : Number(parameters['q']), parameters };
}

function mediaOf({ type, parameters }: Range): MediaType | undefined {
  const encoding = encodingOf(type);
  if (encoding === undefined) return undefined;
  const { as, g: group, v: version } = parameters;
  if (as === undefined) return { ...PLAIN, encoding };
  if (group === 'meta.k8s.io' && (version === 'v1' || version === 'v1beta1') && (as === 'Table' || as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList')) return { ...PLAIN, encoding, as };
  return group === 'apidiscovery.k8s.io' && version === 'v2' && as === 'APIGroupDiscoveryList' ? { ...PLAIN, encoding, isAggregatedDiscovery: true } : undefined;
}

function encodingOf(type: string): MediaType['encoding'] | undefined {
  switch (type) {
    case '*/*': case 'application/*': case 'application/json': case 'text/plain': return 'json';
    case 'application/yaml': return 'yaml';
    default: return undefined;
  }
}
