import type { Secret } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Clock } from '#base/clock.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { TokenKeys } from '../pki/token-keys.ts';
import { peekJwt } from './jwt.ts';
import { areAlive, userOf } from './service-account-claims.ts';
import type { TokenAuthenticator } from './token-authenticator.ts';
import { verifyJwt } from './verify-jwt.ts';

/** Whom a token is for, and the secret that holds it. */
export interface SecretToken {
  readonly namespace: string;
  readonly secret: string;
  readonly account: { readonly name: string; readonly uid: string };
}

type TokenSecret = Secret & KubeObject;

export const ACCOUNT_SECRET_TYPE = 'kubernetes.io/service-account-token';
const ISSUER = 'kubernetes/serviceaccount';
const CLAIM = 'kubernetes.io/serviceaccount/';
/** Whoever puts it on a secret ends its token, and has it back by taking it off. */
const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';
/** Signatures are checked again so often at least; the secret and the account are looked at every time. */
const VERIFIED_MS = 10_000;
const MAX_VERIFIED = 10_000;

/** Tokens without an end that stand in secrets, for clients outside of the cluster: they hold as long as their secret holds them, and their account lives. */
export class SecretTokens implements TokenAuthenticator {
  readonly #keys: TokenKeys;
  readonly #cache: WatchCache;
  readonly #clock: Clock;
  readonly #listeners: ((secret: TokenSecret) => void)[] = [];
  readonly #verified = new Map<string, SecretToken & { readonly untilMs: number }>();

  constructor(options: { readonly keys: TokenKeys; readonly cache: WatchCache; readonly clock: Clock }) {
    this.#keys = options.keys;
    this.#cache = options.cache;
    this.#clock = options.clock;
  }

  /** Told of the secret whenever its token lets somebody in. */
  onUse(listener: (secret: TokenSecret) => void): void {
    this.#listeners.push(listener);
  }

  async issue({ namespace, secret, account }: SecretToken): Promise<string> {
    const { SignJWT } = await import('jose');
    const key = this.#keys.signing();
    return new SignJWT({ [`${CLAIM}namespace`]: namespace, [`${CLAIM}secret.name`]: secret, [`${CLAIM}service-account.name`]: account.name, [`${CLAIM}service-account.uid`]: account.uid })
      .setProtectedHeader({ alg: key.algorithm, kid: key.id }).setIssuer(ISSUER).setSubject(subjectOf(namespace, account.name)).sign(key.privateKey);
  }

  authenticate(token: string): UserInfo | undefined | Promise<UserInfo | undefined> {
    const known = this.#verified.get(token);
    if (known && known.untilMs > this.#clock.now()) return this.#userOf(token, known);
    return peekJwt(token)?.issuer === ISSUER ? this.#authenticateNew(token) : undefined;
  }

  async #authenticateNew(token: string): Promise<UserInfo | undefined> {
    const claims = await verifyJwt(token, this.#keys.find(peekJwt(token)?.keyId), { issuer: ISSUER, currentDate: new Date(this.#clock.now()) });
    const found = claims && tokenOf(claims);
    if (found === undefined) return undefined;
    if (this.#verified.size >= MAX_VERIFIED) this.#verified.clear();
    this.#verified.set(token, { ...found, untilMs: this.#clock.now() + VERIFIED_MS });
    return this.#userOf(token, found);
  }

  /** Whoever takes the token out of the secret, or puts another one in, ends it. */
  #userOf(token: string, { namespace, secret: name, account }: SecretToken): UserInfo | undefined {
    const secret = this.#cache.get('secrets', namespace, name)?.object as TokenSecret | undefined;
    if (secret?.type !== ACCOUNT_SECRET_TYPE || Buffer.from(secret.data?.['token'] ?? '', 'base64').toString() !== token) return undefined;
    if (secret.metadata.labels?.[INVALID_SINCE]) return undefined;
    const references = [{ resource: 'secrets', namespace, name, uid: secret.metadata.uid ?? '' }, { resource: 'serviceaccounts', namespace, ...account }];
    if (!areAlive(this.#cache, references, this.#clock.now())) return undefined;
    for (const listener of this.#listeners) listener(secret);
    return userOf({ 'kubernetes.io': { namespace, serviceaccount: account } });
  }
}

const subjectOf = (namespace: string, account: string): string => `system:serviceaccount:${namespace}:${account}`;

/** Undefined for claims that this server does not write. */
function tokenOf(claims: Readonly<Record<string, unknown>>): SecretToken | undefined {
  const [namespace, secret, name, uid] = ['namespace', 'secret.name', 'service-account.name', 'service-account.uid'].map((c) => claims[`${CLAIM}${c}`]);
  if (typeof namespace !== 'string' || typeof secret !== 'string' || typeof name !== 'string' || typeof uid !== 'string') return undefined;
  return claims['sub'] === subjectOf(namespace, name) ? { namespace, secret, account: { name, uid } } : undefined;
}
