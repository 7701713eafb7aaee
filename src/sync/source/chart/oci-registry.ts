import { SourceError } from '../../errors.ts';
import type { WebAnswer } from '../../web/web-request.ts';
import type { ChartRegistry, PublishedChart } from './chart-registry.ts';
import { secondsOf } from './helm-repository.ts';
import { bodyOf, callRegistry, checkDigest, documentOf, MAX_ARCHIVE_BYTES, type ReadCredentials } from './registry-call.ts';

export interface OciRegistryOptions {
  /** `oci://host/path`; the chart's repository is below it. */
  readonly url: string;
  readonly chart: string;
  readonly credentials: ReadCredentials;
}

interface Manifest {
  readonly layers?: readonly { readonly mediaType?: string; readonly digest?: string }[];
  readonly annotations?: Readonly<Record<string, string>>;
}

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
/** https://helm.sh/docs/topics/registries: the layer that is the archive. */
const CHART_TYPE = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
const PAGE_SIZE = 1000;
const MAX_PAGES = 50;

/** A chart in a registry of OCI artifacts: https://github.com/opencontainers/distribution-spec, versions being tags in which `_` stands for `+`. */
export class OciRegistry implements ChartRegistry {
  readonly #options: OciRegistryOptions;
  readonly #api: string;
  /** What the registry's token service gave for the last challenge. */
  #token: string | undefined;

  constructor(options: OciRegistryOptions) {
    this.#options = options;
    const { host, pathname } = new URL(options.url);
    this.#api = `https://${host}/v2${pathname.replace(/\/+$/, '')}/${options.chart}`;
  }

  async versions(signal: AbortSignal): Promise<readonly string[]> {
    const tags: string[] = [];
    let url: string | undefined = `${this.#api}/tags/list?n=${PAGE_SIZE}`;
    for (let page = 0; url !== undefined && page < MAX_PAGES; page++) {
      const answer: WebAnswer = await this.#call(url, signal);
      if (answer.status === 404) throw new SourceError('ChartNotFound', `the registry has no ${this.#options.url}/${this.#options.chart}`);
      tags.push(...(documentOf<{ readonly tags?: readonly string[] | null }>(answer, url).tags ?? []));
      url = nextOf(answer, url);
    }
    return tags.map((tag) => tag.replaceAll('_', '+'));
  }

  async find(version: string, signal: AbortSignal): Promise<PublishedChart> {
    const at = `${this.#api}/manifests/${version.replaceAll('+', '_')}`;
    const { layers = [], annotations } = documentOf<Manifest>(await this.#call(at, signal, { accept: MANIFEST_TYPE }), at);
    const digest = layers.find(({ mediaType }) => mediaType === CHART_TYPE)?.digest;
    if (digest === undefined || !/^sha256:[0-9a-f]{64}$/.test(digest)) throw new SourceError('InvalidChart', `${this.#options.url}/${this.#options.chart}:${version} is no Helm chart`);
    const url = `${this.#api}/blobs/${digest}`;
    return {
      version, digest, url, time: secondsOf(annotations?.['org.opencontainers.image.created']),
      load: async (asked) => checkDigest(bodyOf(await this.#call(url, asked, {}, MAX_ARCHIVE_BYTES), url), digest, url),
    };
  }

  /** A registry that wants a token says where it is given: https://distribution.github.io/distribution/spec/auth/token. */
  async #call(url: string, signal: AbortSignal, headers: Readonly<Record<string, string>> = {}, maxBytes = MAX_DOCUMENT_BYTES): Promise<WebAnswer> {
    const credentials = await this.#options.credentials();
    const ask = (): Promise<WebAnswer> => callRegistry({ url, credentials, signal, maxBytes, headers: { ...headers, ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }) } });
    const answer = await ask();
    const challenge = readChallenge(answer);
    if (!challenge) return answer;
    const granted = documentOf<{ readonly token?: string; readonly access_token?: string }>(await callRegistry({ url: challenge, credentials, signal, maxBytes: MAX_DOCUMENT_BYTES }), challenge);
    this.#token = granted.token ?? granted.access_token;
    return ask();
  }
}

/** Address of the token service, with the question for it. Only https: the credentials go there. */
export function readChallenge({ status, headers }: Pick<WebAnswer, 'status' | 'headers'>): string | undefined {
  const challenge = status === 401 ? /^Bearer\s+(.*)$/i.exec(headers.get('www-authenticate') ?? '')?.[1] : undefined;
  if (challenge === undefined) return undefined;
  const { realm, ...query } = Object.fromEntries([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]));
  const url = URL.parse(realm ?? '');
  if (url?.protocol !== 'https:') return undefined;
  for (const name of ['service', 'scope']) if (query[name] !== undefined) url.searchParams.set(name, query[name]);
  return url.href;
}

/** The next page is at the same registry. */
function nextOf({ headers }: WebAnswer, url: string): string | undefined {
  const target = /<([^>]+)>;\s*rel="?next"?/.exec(headers.get('link') ?? '')?.[1];
  const next = target === undefined ? null : URL.parse(target, url);
  return next?.origin === new URL(url).origin ? next.href : undefined;
}
