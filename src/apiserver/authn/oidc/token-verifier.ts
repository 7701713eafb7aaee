import type { JWTVerifyGetKey } from 'jose';
import type { JsonObject } from '#api/json.ts';
import type { Clock } from '#base/clock.ts';
import { decodeJwt } from '../jwt.ts';
import type { IssuerKeys } from './issuer-keys.ts';

/** The claims of a token that the issuer has signed for us, or why it does not count, in the words of Kubernetes. */
export type VerifiedToken = { readonly claims: JsonObject } | { readonly problem: string };

export interface TokenVerifierOptions {
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly algorithms: readonly string[];
  readonly keys: Pick<IssuerKeys, 'get' | 'newer'>;
  readonly clock: Clock;
}

/** How far the issuer's clock may be ahead; the leeway of Kubernetes. */
const NOT_BEFORE_LEEWAY_SECONDS = 60;
const GOOGLE = 'accounts.google.com';

/** Some tokens of Google name their issuer without the scheme. */
export const issuerOf = (issuer: unknown): unknown => (issuer === GOOGLE ? `https://${GOOGLE}` : issuer);

/** Checks what a token says, then who has signed it. */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions;

  constructor(options: TokenVerifierOptions) {
    this.#options = options;
  }

  /** @throws Error when the issuer does not tell its keys */
  async verify(token: string): Promise<VerifiedToken> {
    const decoded = decodeJwt(token);
    if (decoded === undefined) return { problem: 'oidc: malformed jwt' };
    const { header, claims } = decoded;
    const { algorithms, keys } = this.#options;
    const problem = this.#fault(claims) ?? (algorithms.includes(String(header['alg'])) ? undefined : `oidc: id token signed with unsupported algorithm, expected ${goList(algorithms)} got ${JSON.stringify(header['alg'] ?? '')}`);
    if (problem !== undefined) return { problem };
    const isSigned = (await this.#isSigned(token, await keys.get())) || (await this.#isSignedByNewer(token));
    return isSigned ? { claims } : { problem: 'failed to verify signature: failed to verify id token signature' };
  }

  #fault(claims: JsonObject): string | undefined {
    const { issuer, audiences } = this.#options;
    const { iss, aud, exp, nbf, _claim_names: names, _claim_sources: sources } = claims;
    const own = typeof aud === 'string' ? [aud] : (aud ?? []);
    const isRead = Array.isArray(own) && own.every((a) => typeof a === 'string') && [exp, nbf].every((time) => time === undefined || time === null || typeof time === 'number');
    if (!isRead) return 'oidc: failed to unmarshal claims';
    if (Object.values((names ?? {}) as JsonObject).some((source) => !Object.hasOwn((sources ?? {}) as JsonObject, String(source)))) return 'oidc: source does not exist';
    if (issuerOf(iss) !== issuer) return `oidc: id token issued by a different provider, expected ${JSON.stringify(issuer)} got ${JSON.stringify(iss ?? '')}`;
    if (!audiences.some((audience) => own.includes(audience))) return `oidc: expected audience ${audiences.length === 1 ? JSON.stringify(audiences[0]) : `in ${goList(audiences.toSorted())}`} got ${goList(own as readonly string[])}`;
    return this.#faultOfTime(exp as number | undefined, nbf as number | undefined);
  }

  #faultOfTime(exp: number | null | undefined, nbf: number | null | undefined): string | undefined {
    const now = this.#options.clock.now() / 1000;
    if ((exp ?? -Infinity) < now) return `oidc: token is expired (Token Expiry: ${goTime(exp ?? undefined)})`;
    return (nbf ?? 0) > now + NOT_BEFORE_LEEWAY_SECONDS ? `oidc: current time ${goTime(now)} before the nbf (not before) time: ${goTime(nbf ?? undefined)}` : undefined;
  }

  async #isSignedByNewer(token: string): Promise<boolean> {
    const newer = await this.#options.keys.newer();
    return newer !== undefined && this.#isSigned(token, newer);
  }

  async #isSigned(token: string, keys: JWTVerifyGetKey): Promise<boolean> {
    const { compactVerify, errors } = await import('jose');
    const algorithms = [...this.#options.algorithms];
    try {
      return Boolean(await compactVerify(token, keys, { algorithms }));
    } catch (error) {
      if (error instanceof errors.JWKSMultipleMatchingKeys) {
        // The token does not say which of them.
        for await (const key of error) if (await compactVerify(token, key, { algorithms }).catch(() => undefined)) return true;
        return false;
      }
      if (error instanceof errors.JOSEError || error instanceof TypeError) return false;
      throw error;
    }
  }
}

const goList = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`;

function goTime(seconds: number | undefined): string {
  const time = new Date((seconds ?? NaN) * 1000);
  return Number.isNaN(time.getTime()) ? '0001-01-01 00:00:00 +0000 UTC' : `${time.toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}
