import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Clock } from '#base/clock.ts';
import type { UserInfo } from '#api/transport.ts';
import type { KubeObject } from '#api/object.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { Pki } from '../pki/pki.ts';

export interface TokenRequestInput {
  readonly namespace: string;
  readonly account: KubeObject;
  readonly audiences: readonly string[];
  readonly expirationSeconds: number;
  readonly boundTo?: { readonly kind: 'Pod' | 'Secret' | 'Node'; readonly name: string; readonly uid: string };
}

export const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const OWN_AUDIENCE: readonly string[] = [ISSUER];
/** Verified tokens are kept so long at most, so that a deleted pod's token soon ends. */
const VERIFIED_MS = 10_000;
const MAX_VERIFIED = 10_000;

interface Claims {
  readonly aud?: unknown;
  readonly exp?: number | undefined;
  readonly jti?: string | undefined;
  readonly 'kubernetes.io'?: {
    readonly namespace: string;
    readonly serviceaccount: { readonly name: string; readonly uid: string };
    readonly pod?: { readonly name: string; readonly uid: string };
    readonly secret?: { readonly name: string; readonly uid: string };
    readonly node?: { readonly name: string; readonly uid: string };
  };
}

/** Issues and verifies tokens of service accounts: JWTs signed ES256 that end with the account, and with the pod they are bound to. */
export class ServiceAccountTokens {
  readonly #key: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #keyId: string;
  readonly #cache: WatchCache;
  readonly #clock: Clock;
  readonly #verified = new Map<string, { readonly user: UserInfo; readonly until: number }>();

  constructor(options: { readonly pki: Pick<Pki, 'serviceAccountKey' | 'serviceAccountKeyId'>; readonly cache: WatchCache; readonly clock: Clock }) {
    this.#key = options.pki.serviceAccountKey;
    this.#publicKey = createPublicKey(options.pki.serviceAccountKey);
    this.#keyId = options.pki.serviceAccountKeyId;
    this.#cache = options.cache;
    this.#clock = options.clock;
  }

  async issue(input: TokenRequestInput): Promise<{ readonly token: string; readonly expiresAtMs: number }> {
    const { SignJWT } = await import('jose');
    const now = Math.floor(this.#clock.now() / 1000);
    const expires = now + input.expirationSeconds;
    const { boundTo, account, namespace } = input;
    const own = {
      namespace, serviceaccount: { name: account.metadata.name, uid: account.metadata.uid ?? '' },
      ...(boundTo ? { [boundTo.kind.toLowerCase()]: { name: boundTo.name, uid: boundTo.uid } } : {}),
    };
    const token = await new SignJWT({ 'kubernetes.io': own })
      .setProtectedHeader({ alg: 'ES256', kid: this.#keyId }).setIssuer(ISSUER).setSubject(`system:serviceaccount:${namespace}:${account.metadata.name}`)
      .setAudience([...(input.audiences.length > 0 ? input.audiences : [ISSUER])]).setIssuedAt(now).setNotBefore(now).setExpirationTime(expires).setJti(crypto.randomUUID()).sign(this.#key);
    return { token, expiresAtMs: expires * 1000 };
  }

  /** The account that the token stands for; undefined when it is forged, over, for another audience, or its object is gone. */
  verify(token: string, audiences: readonly string[] = OWN_AUDIENCE): UserInfo | undefined | Promise<UserInfo | undefined> {
    // Only what is asked at every request is kept. The token itself is the key: to hash it would take longer than the rest of a read.
    const known = audiences === OWN_AUDIENCE ? this.#verified.get(token) : undefined;
    return known && known.until > this.#clock.now() ? known.user : this.#verifyNew(token, audiences);
  }

  async #verifyNew(token: string, audiences: readonly string[]): Promise<UserInfo | undefined> {
    const claims = await this.#claims(token, audiences);
    const user = claims && this.#userOf(claims);
    if (!user || audiences !== OWN_AUDIENCE) return user;
    if (this.#verified.size >= MAX_VERIFIED) this.#verified.clear();
    this.#verified.set(token, { user, until: Math.min(this.#clock.now() + VERIFIED_MS, (claims.exp ?? 0) * 1000) });
    return user;
  }

  async #claims(token: string, audiences: readonly string[]): Promise<Claims | undefined> {
    const { jwtVerify, errors } = await import('jose');
    try {
      const { payload } = await jwtVerify(token, this.#publicKey, { issuer: ISSUER, audience: [...audiences], algorithms: ['ES256'], currentDate: new Date(this.#clock.now()) });
      return payload as Claims;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }

  #userOf(claims: Claims): UserInfo | undefined {
    const own = claims['kubernetes.io'];
    if (own === undefined || !this.#isAlive('serviceaccounts', own.namespace, own.serviceaccount)) return undefined;
    if (own.pod && !this.#isAlive('pods', own.namespace, own.pod)) return undefined;
    if (own.secret && !this.#isAlive('secrets', own.namespace, own.secret)) return undefined;
    if (own.node && !this.#isAlive('nodes', '', own.node)) return undefined;
    return {
      name: `system:serviceaccount:${own.namespace}:${own.serviceaccount.name}`, uid: own.serviceaccount.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${own.namespace}`, 'system:authenticated'],
      extra: {
        ...(claims.jti ? { 'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`] } : {}),
        ...(own.pod ? { 'authentication.kubernetes.io/pod-name': [own.pod.name], 'authentication.kubernetes.io/pod-uid': [own.pod.uid] } : {}),
      },
    };
  }

  #isAlive(resource: string, namespace: string, reference: { readonly name: string; readonly uid: string }): boolean {
    return this.#cache.get(resource, namespace, reference.name)?.object.metadata.uid === reference.uid;
  }
}
