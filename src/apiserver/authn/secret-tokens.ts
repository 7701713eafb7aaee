import type { Secret } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Clock } from '#base/clock.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { TokenKeys } from '../pki/token-keys.ts';
import { peekJwt } from './jwt.ts';
import { areAlive, userOf, whyEnded } from './service-account-claims.ts';
import type { TokenAuthenticator } from './token-authenticator.ts';
import { unverified, verifyJwt } from './verify-jwt.ts';

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

  async whyRefused(token: string): Promise<string | undefined> {
    if (peekJwt(token)?.issuer !== ISSUER) return undefined;
    const found = await this.#verify(token);
    return 'why' in found ? found.why : this.#fault(token, found);
  }

  async #authenticateNew(token: string): Promise<UserInfo | undefined> {
    const found = await this.#verify(token);
    if ('why' in found) return undefined;
    if (this.#verified.size >= MAX_VERIFIED) this.#verified.clear();
    this.#verified.set(token, { ...found, untilMs: this.#clock.now() + VERIFIED_MS });
    return this.#userOf(token, found);
  }

  async #verify(token: string): Promise<SecretToken | { readonly why: string }> {
    const keys = this.#keys.find(peekJwt(token)?.keyId);
    const claims = await verifyJwt(token, keys, { issuer: ISSUER, currentDate: new Date(this.#clock.now()) });
    return claims ? tokenOf(claims) : { why: unverified(keys) };
  }

  #userOf(token: string, found: SecretToken): UserInfo | undefined {
    if (this.#fault(token, found) !== undefined) return undefined;
    this.#onUse(this.#cache.get('secrets', found.namespace, found.secret)?.object as KubeObject);
    return userOf({ 'kubernetes.io': { namespace: found.namespace, serviceaccount: found.account } });
  }

  /** Whoever takes the token out of the secret, puts another one in or marks it as invalid, ends it. In the words of Kubernetes. */
  #fault(token: string, { namespace, secret: name, account }: SecretToken): string | undefined {
    const secret = this.#cache.get('secrets', namespace, name)?.object as (Secret & KubeObject) | undefined;
    const references = [{ resource: 'secrets', namespace, name, uid: secret?.metadata.uid ?? '' }];
    if (secret?.type !== ACCOUNT_SECRET_TYPE || !areAlive(this.#cache, references, this.#clock.now())) return 'Token has been invalidated';
    if (Buffer.from(secret.data?.['token'] ?? '', 'base64').toString() !== token) return "Token does not match server's copy";
    const ended = whyEnded(this.#cache, [{ resource: 'serviceaccounts', namespace, ...account }], this.#clock.now());
    if (ended !== undefined) return ended.replace(/^service account/, 'ServiceAccount');
    if (!secret.metadata.labels?.[INVALID_SINCE]) return undefined;
    return `the token in secret ${namespace}/${name} for service account ${namespace}/${account.name} has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the '${INVALID_SINCE}' label from the secret to temporarily allow use of this token`;
  }
}

const subjectOf = (namespace: string, account: string): string => `system:serviceaccount:${namespace}:${account}`;

/** Why not for claims that this server does not write. */
function tokenOf(claims: Readonly<Record<string, unknown>>): SecretToken | { readonly why: string } {
  const text = (claim: string): string => (typeof claims[claim] === 'string' ? claims[claim] : '');
  const { sub } = claims;
  if (typeof sub !== 'string' || sub === '') return { why: 'sub claim is missing' };
  const [namespace, secret, name, uid] = ['namespace', 'secret.name', 'service-account.name', 'service-account.uid'].map((c) => text(`${CLAIM}${c}`));
  if (!namespace) return { why: 'namespace claim is missing' };
  if (!secret) return { why: 'secretName claim is missing' };
  if (!name) return { why: 'serviceAccountName claim is missing' };
  if (!uid) return { why: 'serviceAccountUID claim is missing' };
  return sub === subjectOf(namespace, name) ? { namespace, secret, account: { name, uid } } : { why: 'sub claim is invalid' };
}
