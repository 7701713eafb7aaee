import type { Clock } from '#base/clock.ts';
import type { Exposition } from '#base/exposition.ts';
import type { KubeObject } from '#api/object.ts';
import type { UserInfo } from '#api/transport.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { TokenKeys } from '../pki/token-keys.ts';
import { peekJwt } from './jwt.ts';
import { areAlive, type Claims, isWellFormed, type Reference, referencesOf, userOf, whyEnded } from './service-account-claims.ts';
import { MAX_TOKEN_LENGTH, type TokenAuthenticator } from './token-authenticator.ts';
import { unverified, verifyJwt } from './verify-jwt.ts';

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
  /** After so many seconds a use counts as one of a stale token. Absent: it has ended by then. */
  readonly warnAfterSeconds?: number | undefined;
  readonly boundTo?: BoundObject;
  /** The node of the pod that the token is bound to. */
  readonly node?: { readonly name: string; readonly uid?: string };
}

export interface Verified {
  readonly user: UserInfo;
  /** Those of the token that were asked for. */
  readonly audiences: readonly string[];
}

/** It was issued here, and is valid no more, or not for what was asked. */
export interface Refused {
  readonly why: string;
}

/** What admission asks for in the volume that it gives each pod: an hour, and a bit that tells it from what somebody has asked for. */
export const POD_TOKEN_SECONDS = 3_607;
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const OWN_AUDIENCE: readonly string[] = [ISSUER];
/** Signatures are checked again so often at least; what a token is bound to is looked at every time. */
const VERIFIED_MS = 10_000;
const MAX_VERIFIED = 10_000;
/** How far the clocks of two servers may be apart; the leeway of Kubernetes. */
const LEEWAY_SECONDS = 60;
/** Longer than any token is from now: its time is looked at afterwards, to say what is wrong with it. */
const ANY_TIME_SECONDS = Number.MAX_SAFE_INTEGER;

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
  readonly #used = { stale: 0, valid: 0 };

  /** Whether the token that every pod gets is good for longer than it says. */
  readonly areExtended: boolean;

  /** `areExtended`: by default they are, as in Kubernetes. */
  constructor(options: { readonly keys: TokenKeys; readonly cache: WatchCache; readonly clock: Clock; readonly areExtended?: boolean | undefined }) {
    this.areExtended = options.areExtended ?? true;
    this.#keys = options.keys;
    this.#cache = options.cache;
    this.#clock = options.clock;
  }

  async issue(input: TokenRequestInput): Promise<string> {
    const { SignJWT } = await import('jose');
    const now = Math.floor(this.#clock.now() / 1000);
    const expires = now + input.expirationSeconds;
    const { boundTo, account, namespace, node } = input;
    const own = {
      namespace, serviceaccount: { name: account.metadata.name, uid: account.metadata.uid ?? '' },
      ...(boundTo ? { [boundTo.kind.toLowerCase()]: { name: boundTo.name, uid: boundTo.uid } } : {}), ...(node ? { node } : {}), ...(input.warnAfterSeconds ? { warnafter: now + input.warnAfterSeconds } : {}),
    };
    const key = this.#keys.signing();
    return new SignJWT({ 'kubernetes.io': own })
      .setProtectedHeader({ alg: key.algorithm, kid: key.id }).setIssuer(ISSUER).setSubject(`system:serviceaccount:${namespace}:${account.metadata.name}`)
      .setAudience([...(input.audiences.length > 0 ? input.audiences : OWN_AUDIENCE)]).setIssuedAt(now).setNotBefore(now).setExpirationTime(expires).setJti(crypto.randomUUID()).sign(key.privateKey);
  }

  writeMetrics(out: Exposition): void {
    out.counter('serviceaccount_stale_tokens_total', 'Uses of tokens of service accounts that should have been exchanged for new ones.', [{ labels: {}, value: this.#used.stale }]);
    out.counter('serviceaccount_valid_tokens_total', 'Uses of tokens of service accounts that are to be exchanged for new ones later.', [{ labels: {}, value: this.#used.valid }]);
  }

  authenticate(token: string): UserInfo | undefined | Promise<UserInfo | undefined> {
    // The token itself is the key: to hash it would take longer than the rest of a read.
    const known = this.#verified.get(token);
    if (known && known.untilMs > this.#clock.now()) return areAlive(this.#cache, known.references, this.#clock.now()) ? known.user : undefined;
    return peekJwt(token)?.issuer === ISSUER ? this.#authenticateNew(token) : undefined;
  }

  /** For a TokenReview: what the token stands for, for one of `audiences` at least (by default the API server's own), or why for nobody. Undefined when this server has not issued it. */
  async review(token: string, audiences: readonly string[] = OWN_AUDIENCE): Promise<Verified | Refused | undefined> {
    const claims = await this.#claims(token);
    const references = claims && referencesOf(claims);
    if (!claims || !references) return this.#whyUnverified(token);
    const why = this.#fault(claims, audiences) ?? whyEnded(this.#cache, references, this.#clock.now());
    return why === undefined ? { user: userOf(claims), audiences: audiences.filter((a) => audiencesOf(claims).includes(a)) } : { why };
  }

  /** Undefined for a token of another issuer. */
  #whyUnverified(token: string): Refused | undefined {
    const peeked = token.length > MAX_TOKEN_LENGTH ? undefined : peekJwt(token);
    return peeked?.issuer === ISSUER ? { why: unverified(this.#keys.find(peeked.keyId)) } : undefined;
  }

  async #authenticateNew(token: string): Promise<UserInfo | undefined> {
    const claims = await this.#claims(token);
    const references = claims && referencesOf(claims);
    if (!claims || !references || this.#fault(claims, OWN_AUDIENCE) !== undefined || !areAlive(this.#cache, references, this.#clock.now())) return undefined;
    const user = userOf(claims);
    this.#count(claims);
    if (this.#verified.size >= MAX_VERIFIED) this.#verified.clear();
    this.#verified.set(token, { user, references, untilMs: Math.min(this.#clock.now() + VERIFIED_MS, ((claims.exp ?? 0) + LEEWAY_SECONDS) * 1000) });
    return user;
  }

  /** Of a token that this server has issued, whenever and for whomever. */
  async #claims(token: string): Promise<Claims | undefined> {
    if (token.length > MAX_TOKEN_LENGTH) return undefined;
    const peeked = peekJwt(token);
    if (peeked?.issuer !== ISSUER) return undefined;
    const claims: Claims | undefined = await verifyJwt(token, this.#keys.find(peeked.keyId), { issuer: ISSUER, clockTolerance: ANY_TIME_SECONDS, requiredClaims: ['exp', 'sub'] });
    return claims && isWellFormed(claims) ? claims : undefined;
  }

  /** What is wrong with the time or the audience, in the words of Kubernetes. */
  #fault(claims: Claims, audiences: readonly string[]): string | undefined {
    const now = this.#clock.now() / 1000;
    const own = audiencesOf(claims);
    if (!own.some((audience) => audiences.includes(audience))) return `token audiences ${goList(own)} is invalid for the target audiences ${goList(audiences)}`;
    if ((claims.exp ?? 0) <= now - LEEWAY_SECONDS) return 'service account token has expired';
    return (claims.nbf ?? 0) > now + LEEWAY_SECONDS ? 'service account token is not valid yet' : undefined;
  }

  #count({ 'kubernetes.io': own }: Claims): void {
    if (own?.warnafter === undefined) return;
    this.#used[own.warnafter * 1000 < this.#clock.now() ? 'stale' : 'valid'] += 1;
  }
}

const audiencesOf = ({ aud }: Claims): readonly string[] => (typeof aud === 'string' ? [aud] : Array.isArray(aud) ? (aud as readonly string[]) : []);
const goList = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`;
