import type { Clock } from '#base/clock.ts';
import type { KubeObject } from '#api/object.ts';
import type { UserInfo } from '#api/transport.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { TokenKeys } from '../pki/token-keys.ts';
import { peekJwt } from './jwt.ts';
import { areAlive, type Claims, isWellFormed, type Reference, referencesOf, userOf } from './service-account-claims.ts';
import { MAX_TOKEN_LENGTH, type TokenAuthenticator } from './token-authenticator.ts';
import { verifyJwt } from './verify-jwt.ts';

export interface BoundObject {
  readonly kind: 'Pod' | 'Secret' | 'Node';
  readonly name: string;
  readonly uid: string;
}

export interface TokenRequestInput {
  readonly namespace: string;
  readonly account: KubeObject;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly boundTo?: BoundObject;
  /** The node of the pod that the token is bound to. */
  readonly node?: { readonly name: string; readonly uid?: string };
}

export interface Verified {
  readonly user: UserInfo;
  /** Those of the token that were asked for. */
  readonly audiences: readonly string[];
}

export const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const OWN_AUDIENCE: readonly string[] = [ISSUER];
/** Signatures are checked again so often at least; what a token is bound to is looked at every time. */
const VERIFIED_MS = 10_000;
const MAX_VERIFIED = 10_000;
/** How far the clocks of two servers may be apart; the leeway of Kubernetes. */
const LEEWAY_SECONDS = 60;

interface Known {
  readonly user: UserInfo;
  readonly untilMs: number;
  readonly references: readonly Reference[];
}

/** Issues and verifies tokens of service accounts: JWTs that end with the account, and with the pod, secret or node they are bound to. */
export class ServiceAccountTokens implements TokenAuthenticator {
  readonly #keys: TokenKeys;
  readonly #cache: WatchCache;
  readonly #clock: Clock;
  readonly #verified = new Map<string, Known>();

  constructor(options: { readonly keys: TokenKeys; readonly cache: WatchCache; readonly clock: Clock }) {
    this.#keys = options.keys;
    this.#cache = options.cache;
    this.#clock = options.clock;
  }

  async issue(input: TokenRequestInput): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
    const { SignJWT } = await import('jose');
    const now = Math.floor(this.#clock.now() / 1000);
    const expires = now + input.expirationSeconds;
    const { boundTo, account, namespace, node } = input;
    const own = {
      namespace, serviceaccount: { name: account.metadata.name, uid: account.metadata.uid ?? '' },
      ...(boundTo ? { [boundTo.kind.toLowerCase()]: { name: boundTo.name, uid: boundTo.uid } } : {}), ...(node ? { node } : {}),
    };
    const key = this.#keys.signing();
    const token = await new SignJWT({ 'kubernetes.io': own })
      .setProtectedHeader({ alg: key.algorithm, kid: key.id }).setIssuer(ISSUER).setSubject(`system:serviceaccount:${namespace}:${account.metadata.name}`)
      .setAudience([...(input.audiences.length > 0 ? input.audiences : OWN_AUDIENCE)]).setIssuedAt(now).setNotBefore(now).setExpirationTime(expires).setJti(crypto.randomUUID()).sign(key.privateKey);
    return { token, expiresAtMs: expires * 1000 };
  }

  authenticate(token: string): UserInfo | undefined | Promise<UserInfo | undefined> {
    // The token itself is the key: to hash it would take longer than the rest of a read.
    const known = this.#verified.get(token);
    if (known && known.untilMs > this.#clock.now()) return areAlive(this.#cache, known.references, this.#clock.now()) ? known.user : undefined;
    return peekJwt(token)?.issuer === ISSUER ? this.#authenticateNew(token) : undefined;
  }

  /** For a TokenReview: what the token stands for, for one of `audiences` at least (by default the API server's own). */
  async review(token: string, audiences: readonly string[] = OWN_AUDIENCE): Promise<Verified | undefined> {
    const claims = await this.#claims(token, audiences);
    const references = claims && referencesOf(claims);
    if (!claims || !references || !areAlive(this.#cache, references, this.#clock.now())) return undefined;
    const own = typeof claims.aud === 'string' ? [claims.aud] : (claims.aud as readonly string[]);
    return { user: userOf(claims), audiences: audiences.filter((a) => own.includes(a)) };
  }

  async #authenticateNew(token: string): Promise<UserInfo | undefined> {
    const claims = await this.#claims(token, OWN_AUDIENCE);
    const references = claims && referencesOf(claims);
    if (!claims || !references || !areAlive(this.#cache, references, this.#clock.now())) return undefined;
    const user = userOf(claims);
    if (this.#verified.size >= MAX_VERIFIED) this.#verified.clear();
    this.#verified.set(token, { user, references, untilMs: Math.min(this.#clock.now() + VERIFIED_MS, ((claims.exp ?? 0) + LEEWAY_SECONDS) * 1000) });
    return user;
  }

  async #claims(token: string, audiences: readonly string[]): Promise<Claims | undefined> {
    if (token.length > MAX_TOKEN_LENGTH) return undefined;
    const peeked = peekJwt(token);
    if (peeked?.issuer !== ISSUER) return undefined;
    const claims: Claims | undefined = await verifyJwt(token, this.#keys.find(peeked.keyId), {
      issuer: ISSUER, audience: [...audiences], clockTolerance: LEEWAY_SECONDS, requiredClaims: ['exp', 'sub'], currentDate: new Date(this.#clock.now()),
    });
    return claims && isWellFormed(claims) ? claims : undefined;
  }
}
