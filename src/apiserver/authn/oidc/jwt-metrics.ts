import { createHash } from 'node:crypto';
import type { Exposition } from '#base/exposition.ts';
import { Histogram } from '#base/histogram.ts';

type Result = 'success' | 'failure';

/** Seconds, as in Kubernetes. */
const LATENCY_BOUNDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface IssuerFigures {
  readonly latencies: Partial<Record<Result, Histogram>>;
  /** Milliseconds since the epoch. */
  readonly fetchedAt: Partial<Record<Result, number>>;
  /** Of the keys that it told last. */
  keySet?: string;
}

/** How issuers of tokens answer, by the hash of their URL, under Kubernetes' names. */
export class JwtMetrics {
  readonly #serverId: string;
  readonly #issuers = new Map<string, IssuerFigures>();

  constructor(serverId: string) {
    this.#serverId = hashOf(serverId);
  }

  authenticated(issuer: string, result: Result, seconds: number): void {
    (this.#of(issuer).latencies[result] ??= new Histogram(LATENCY_BOUNDS)).observe(seconds);
  }

  /** `keySet` is the text of what was told; undefined when nothing was. */
  fetched(issuer: string, atMs: number, keySet: string | undefined): void {
    const figures = this.#of(issuer);
    figures.fetchedAt[keySet === undefined ? 'failure' : 'success'] = atMs;
    if (keySet !== undefined) figures.keySet = hashOf(keySet);
  }

  /** Others are configured no longer. */
  keep(issuers: readonly string[]): void {
    for (const issuer of this.#issuers.keys()) if (!issuers.includes(issuer)) this.#issuers.delete(issuer);
  }

  write(out: Exposition): void {
    const all = [...this.#issuers].map(([issuer, figures]) => ({ labels: { jwt_issuer_hash: hashOf(issuer) }, figures }));
    const each = <T, S>(of: (figures: IssuerFigures) => Partial<Record<Result, T>>, sample: (labels: { readonly result: Result; readonly jwt_issuer_hash: string }, value: T) => S): readonly S[] =>
      all.flatMap(({ labels, figures }) => (Object.entries(of(figures)) as [Result, T][]).map(([result, value]) => sample({ result, ...labels }, value)));
    out.histogram('apiserver_authentication_jwt_authenticator_latency_seconds', 'Time that tokens of issuers elsewhere took that were not known yet.', each((f) => f.latencies, (labels, histogram) => ({ labels, histogram })));
    out.gauge('apiserver_authentication_jwt_authenticator_jwks_fetch_last_timestamp_seconds', 'When an issuer was last asked for its keys, by whether it told them.',
      each((f) => f.fetchedAt, (labels, ms) => ({ labels: { ...labels, apiserver_id_hash: this.#serverId }, value: ms / 1000 })));
    out.gauge('apiserver_authentication_jwt_authenticator_jwks_fetch_last_key_set_info', 'The keys that an issuer told last, by their hash.',
      all.flatMap(({ labels, figures: { keySet } }) => (keySet === undefined ? [] : [{ labels: { ...labels, apiserver_id_hash: this.#serverId, hash: keySet }, value: 1 }])));
  }

  #of(issuer: string): IssuerFigures {
    const known = this.#issuers.get(issuer) ?? { latencies: {}, fetchedAt: {} };
    this.#issuers.set(issuer, known);
    return known;
  }
}

const hashOf = (text: string): string => (text === '' ? '' : `sha256:${createHash('sha256').update(text).digest('hex')}`);
