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

export const ACCOUNT_SECRET_TYPE = 'kubernetes.io/service-account-token';
/** Kubernetes' cleaner of tokens that nobody uses gives each a year of grace under this label before it deletes it. */
const INVALID_SINCE = 'kubernetes.io/legacy-token-invalid-since';
const ISSUER = 'kubernetes/serviceaccount';
const CLAIM = 'kubernetes.io/serviceaccount/';
/** Signatures are checked again so often at least; the secret and the account are looked at every time. */
const VERIFIED_MS = 10_000;
const MAX_VERIFIED = 10_000;

export interface SecretTokensOptions {
  readonly keys: TokenKeys;
  readonly cache: WatchCache;
  readonly clock: Clock;
  /** Called at each use, which waits for nothing. Default: nobody is told. */
  readonly onUse?: (secret: KubeObject) => void;
}

/** Tokens without an end that stand in secrets, for clients outside of the cluster: they hold as long as their secret holds them, and their account lives. */
export class SecretTokens implements TokenAuthenticator {
  readonly #keys: TokenKeys;
  readonly #cache: WatchCache;
  readonly #clock: Clock;
  readonly #onUse: (secret: KubeObject) => void;
  readonly #verified = new Map<string, SecretToken & { readonly untilMs: number }>();

  constructor(options: SecretTokensOptions) {
    this.#keys = options.keys;
    this.#cache = options.cache;
    this.#clock = options.clock;
    this.#onUse = options.onUse ?? (() => {});
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

  /** Whoever takes the token out of the secret, puts another one in or marks it as invalid, ends it. */
  #userOf(token: string, { namespace, secret: name, account }: SecretToken): UserInfo | undefined {
    const secret = this.#cache.get('secrets', namespace, name)?.object as (Secret & KubeObject) | undefined;
    if (secret?.type !== ACCOUNT_SECRET_TYPE || Buffer.from(secret.data?.['token'] ?? '', 'base64').toString() !== token || secret.metadata.labels?.[INVALID_SINCE]) return undefined;
    const references = [{ resource: 'secrets', namespace, name, uid: secret.metadata.uid ?? '' }, { resource: 'serviceaccounts', namespace, ...account }];
    if (!areAlive(this.#cache, references, this.#clock.now())) return undefined;
    this.#onUse(secret);
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
