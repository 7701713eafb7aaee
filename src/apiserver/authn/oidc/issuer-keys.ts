import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import { isJsonObject } from '#api/json.ts';
import type { Clock } from '#base/clock.ts';
import { fetchJson } from './fetch.ts';
import type { JwtIssuer } from './configuration.ts';

/** An issuer that does not answer keeps its own users waiting so long, and nobody else. */
const TIMEOUT_MS = 10_000;
/** However many tokens come that no key has signed, the issuer is asked no more often. */
const MIN_REFRESH_MS = 10_000;

type KeyIssuer = Pick<JwtIssuer['issuer'], 'url' | 'discoveryURL' | 'certificateAuthority'>;

/** The public keys of one issuer, found by OpenID Connect Discovery, kept until none of them has signed a token. */
export class IssuerKeys {
  readonly #issuer: KeyIssuer;
  readonly #clock: Clock;
  #keys: JWTVerifyGetKey | undefined;
  #loading: Promise<JWTVerifyGetKey> | undefined;
  #triedAtMs = -Infinity;

  constructor(issuer: KeyIssuer, clock: Clock) {
    this.#issuer = issuer;
    this.#clock = clock;
  }

  /** @throws Error when they are not known and the issuer does not tell */
  get(): Promise<JWTVerifyGetKey> {
    return this.#keys ? Promise.resolve(this.#keys) : this.#refresh();
  }

  /** Newer keys; undefined when they were asked for a moment ago. @throws Error when the issuer does not tell */
  async newer(): Promise<JWTVerifyGetKey | undefined> {
    return this.#loading !== undefined || this.#clock.monotonic() - this.#triedAtMs >= MIN_REFRESH_MS ? this.#refresh() : undefined;
  }

  #refresh(): Promise<JWTVerifyGetKey> {
    if (this.#loading === undefined && this.#clock.monotonic() - this.#triedAtMs < MIN_REFRESH_MS) return Promise.reject(new Error(`issuer ${this.#issuer.url} did not answer a moment ago`));
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #load(): Promise<JWTVerifyGetKey> {
    this.#triedAtMs = this.#clock.monotonic();
    const { url, discoveryURL, certificateAuthority: ca } = this.#issuer;
    const found = await fetchJson(discoveryURL ?? `${url.replace(/\/$/, '')}/.well-known/openid-configuration`, { ca, timeoutMs: TIMEOUT_MS });
    if (!isJsonObject(found) || found['issuer'] !== url) throw new Error(`the discovery document of issuer ${url} names another issuer`);
    const address = found['jwks_uri'];
    if (typeof address !== 'string' || !address.startsWith('https://')) throw new Error(`the discovery document of issuer ${url} has no jwks_uri with https`);
    const { createLocalJWKSet } = await import('jose');
    this.#keys = createLocalJWKSet((await fetchJson(address, { ca, timeoutMs: TIMEOUT_MS })) as JSONWebKeySet);
    return this.#keys;
  }
}
