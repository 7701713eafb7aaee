import { parseYaml } from '#api/yaml.ts';
import { asError } from '#base/errors.ts';
import { SourceError } from '../../errors.ts';
import type { ChartRegistry, PublishedChart } from './chart-registry.ts';
import { bodyOf, callRegistry, checkDigest, MAX_ARCHIVE_BYTES, type ReadCredentials } from './registry-call.ts';

export interface HelmRepositoryOptions {
  /** Below it is `index.yaml`. */
  readonly url: string;
  readonly chart: string;
  readonly credentials: ReadCredentials;
}

interface Index {
  /** For the question whether it is another one by now. */
  readonly etag: string | undefined;
  readonly published: ReadonlyMap<string, IndexEntry>;
}
interface IndexEntry {
  readonly url: string;
  readonly digest: string | undefined;
  readonly time: number;
}

/** Those of large public repositories have some 20 MB. */
const MAX_INDEX_BYTES = 64 * 1024 * 1024;

/** A chart of a Helm chart repository: https://helm.sh/docs/topics/chart_repository. Of its index only this chart's entries are kept. */
export class HelmRepository implements ChartRegistry {
  readonly #options: HelmRepositoryOptions;
  #index: Index | undefined;

  constructor(options: HelmRepositoryOptions) {
    this.#options = options;
  }

  async versions(signal: AbortSignal): Promise<readonly string[]> {
    const url = `${base(this.#options.url)}index.yaml`;
    const { etag } = this.#index ?? {};
    const answer = await callRegistry({ url, credentials: await this.#options.credentials(), headers: etag === undefined ? {} : { 'if-none-match': etag }, signal, maxBytes: MAX_INDEX_BYTES });
    if (answer.status !== 304 || !this.#index) this.#index = { etag: answer.headers.get('etag') ?? undefined, published: readIndex(bodyOf(answer, url).toString(), this.#options) };
    return [...this.#index.published.keys()];
  }

  async find(version: string): Promise<PublishedChart> {
    const entry = this.#index?.published.get(version);
    if (!entry) throw new SourceError('NoMatchingVersion', `the chart repository has no ${this.#options.chart} ${version}`);
    return { version, ...entry, load: (signal) => this.#load(entry, signal) };
  }

  /** Archives may lie with somebody else, who is not shown the credentials. */
  async #load({ url, digest }: IndexEntry, signal: AbortSignal): Promise<Buffer> {
    const credentials = await this.#options.credentials();
    const isOurs = new URL(url).origin === new URL(this.#options.url).origin;
    const answer = await callRegistry({ url, credentials: isOurs ? credentials : { type: 'none' }, signal, maxBytes: MAX_ARCHIVE_BYTES });
    return checkDigest(bodyOf(answer, url), digest, url);
  }
}

/**
 * By version, what the index says of one chart.
 * @throws SourceError InvalidIndex, ChartNotFound
 */
export function readIndex(text: string, { url, chart }: Pick<HelmRepositoryOptions, 'url' | 'chart'>): ReadonlyMap<string, IndexEntry> {
  const entries = fieldOf(parse(text), 'entries');
  if (!isMap(entries)) throw new SourceError('InvalidIndex', 'index.yaml of the chart repository has no entries');
  const versions = Object.hasOwn(entries, chart) ? entries[chart] : undefined;
  if (!Array.isArray(versions)) throw new SourceError('ChartNotFound', `the chart repository has no chart ${JSON.stringify(chart)}`);
  return new Map(versions.flatMap((item: unknown): readonly (readonly [string, IndexEntry])[] => {
    const [version, digest, created, urls] = ['version', 'digest', 'created', 'urls'].map((name) => fieldOf(item, name));
    const archive = Array.isArray(urls) && typeof urls[0] === 'string' ? URL.parse(urls[0], base(url)) : null;
    if (typeof version !== 'string' || !archive || !/^https?:$/.test(archive.protocol)) return [];
    return [[version, { url: archive.href, digest: digestOf(digest), time: secondsOf(created) }]];
  }));
}

function parse(text: string): unknown {
  try {
    return parseYaml(text).value;
  } catch (error) {
    throw new SourceError('InvalidIndex', `index.yaml of the chart repository cannot be read: ${asError(error).message}`, { cause: error });
  }
}

/** What is there and makes no sense is no digest of anything. */
const digestOf = (digest: unknown): string | undefined => (digest === undefined || digest === null || digest === '' ? undefined : `sha256:${String(digest).replace(/^sha256:/, '')}`);

/** Seconds since the epoch; 0 for what is no time. */
export const secondsOf = (time: unknown): number => Math.max(0, Math.floor(Date.parse(String(time)) / 1000) || 0);

const base = (url: string): string => url.replace(/\/*$/, '/');
const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const fieldOf = (value: unknown, name: string): unknown => (isMap(value) ? value[name] : undefined);
