import { createPublicKey, type KeyObject } from 'node:crypto';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import type { Clock } from '#base/clock.ts';
import { fetchJson, fetchText } from './fetch.ts';
import type { JwtIssuer } from './configuration.ts';
import type { JwtMetrics } from './jwt-metrics.ts';

/** An issuer that does not answer keeps its own users waiting so long, and nobody else. */
const TIMEOUT_MS = 10_000;
/** However many tokens come that no key has signed, the issuer is asked no more often. */
const MIN_REFRESH_MS = 10_000;

/** A public key of an issuer, by the name under which it signs; empty for one without. */
export interface IssuerKey {
  readonly id: string;
  readonly key: KeyObject;
}

type KeyIssuer = Pick<JwtIssuer['issuer'], 'url' | 'discoveryURL' | 'certificateAuthority'>;

/** The public keys of one issuer, found by OpenID Connect Discovery, kept until none of them has signed a token. */
export class IssuerKeys {
  readonly #issuer: KeyIssuer;
  readonly #clock: Clock;
  readonly #metrics: JwtMetrics | undefined;
  #keys: readonly IssuerKey[] | undefined;
  #loading: Promise<readonly IssuerKey[]> | undefined;
  #triedAtMs = -Infinity;

  constructor(issuer: KeyIssuer, clock: Clock, metrics?: JwtMetrics) {
    this.#issuer = issuer;
    this.#clock = clock;
    this.#metrics = metrics;
  }

  /** @throws Error when they are not known and the issuer does not tell */
  get(): Promise<readonly IssuerKey[]> {
    return this.#keys ? Promise.resolve(this.#keys) : this.#refresh();
  }

  /** Newer keys; undefined when they were asked for a moment ago. @throws Error when the issuer does not tell */
  async newer(): Promise<readonly IssuerKey[] | undefined> {
    return this.#loading !== undefined || this.#clock.monotonic() - this.#triedAtMs >= MIN_REFRESH_MS ? this.#refresh() : undefined;
  }

  #refresh(): Promise<readonly IssuerKey[]> {
    if (this.#loading === undefined && this.#clock.monotonic() - this.#triedAtMs < MIN_REFRESH_MS) return Promise.reject(new Error(`issuer ${this.#issuer.url} did not answer a moment ago`));
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(): Promise<readonly IssuerKey[]> {
    this.#triedAtMs = this.#clock.monotonic();
    const { url, discoveryURL, certificateAuthority: ca } = this.#issuer;
    const found = await fetchJson(discoveryURL ?? `${url.replace(/\/$/, '')}/.well-known/openid-configuration`, { ca, timeoutMs: TIMEOUT_MS });
    if (!isJsonObject(found) || found['issuer'] !== url) throw new Error(`the discovery document of issuer ${url} names another issuer`);
    const address = found['jwks_uri'];
    if (typeof address !== 'string' || !address.startsWith('https://')) throw new Error(`the discovery document of issuer ${url} has no jwks_uri with https`);
    let told: string | undefined;
    try {
      const text = await fetchText(address, { accept: 'application/json' }, { ca, timeoutMs: TIMEOUT_MS });
      this.#keys = readKeys(JSON.parse(text));
      told = text;
    } finally {
      this.#metrics?.fetched(url, this.#clock.now(), told);
    }
    return this.#keys;
  }
}

function readKeys(set: unknown): readonly IssuerKey[] {
  const keys = isJsonObject(set) && Array.isArray(set['keys']) ? set['keys'] : [];
  return keys.filter(isJsonObject).flatMap(readKey);
}

/** Of what the issuer says of a key, what it is for counts no more than for Kubernetes. A key of a kind that nobody knows makes the others no worse. */
function readKey(jwk: JsonObject): readonly IssuerKey[] {
  try {
    return [{ id: typeof jwk['kid'] === 'string' ? jwk['kid'] : '', key: createPublicKey({ key: jwk, format: 'jwk' }) }];
  } catch {
    return [];
  }
}
