import { goQuote } from '#api/go-text.ts';
import type { JsonObject } from '#api/json.ts';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import { type CompactJws, isSignedBy, parseJws } from './compact-jws.ts';
import { during } from './during.ts';
import { checkSources, type IdToken, readIdToken } from './id-token.ts';
import type { IssuerKey, IssuerKeys } from './issuer-keys.ts';

/** The claims of a token that the issuer has signed for us and when they end, or why it does not count, in the words of Kubernetes. */
export type VerifiedToken = { readonly claims: JsonObject; readonly expiry: number } | { readonly problem: string };

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
export const issuerOf = (issuer: string): string => (issuer === GOOGLE ? `https://${GOOGLE}` : issuer);

/** Checks what a token says, then who has signed it. */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions;

  constructor(options: TokenVerifierOptions) {
    this.#options = options;
  }

  /** @throws Error when the issuer does not tell its keys */
  async ready(): Promise<void> {
    await this.#options.keys.get();
  }

  /** @throws Error when the issuer does not tell its keys */
  async verify(token: string): Promise<VerifiedToken> {
    const read = this.#read(token);
    if ('problem' in read) return read;
    const { jws, idToken: { claims, expiry } } = read;
    const { keys } = this.#options;
    const isSigned = (await isSignedByAny(jws, await keys.get())) || (await isSignedByAny(jws, (await keys.newer()) ?? []));
    return isSigned ? { claims, expiry } : { problem: 'failed to verify signature: failed to verify id token signature' };
  }

  #read(token: string): { readonly jws: CompactJws; readonly idToken: IdToken } | { readonly problem: string } {
    try {
      const jws = during('malformed jwt', () => parseJws(token));
      const idToken = readIdToken(jws.payload);
      checkSources(idToken);
      const problem = this.#fault(idToken) ?? this.#faultOfTime(idToken) ?? this.#faultOfAlgorithm(jws);
      return problem === undefined ? { jws, idToken } : { problem: `oidc: ${problem}` };
    } catch (error) {
      return { problem: `oidc: ${asError(error).message}` };
    }
  }

  #fault({ issuer: given, audience: own }: IdToken): string | undefined {
    const { issuer, audiences } = this.#options;
    if (issuerOf(given) !== issuer) return `id token issued by a different provider, expected ${goQuote(issuer)} got ${goQuote(given)}`;
    if (audiences.some((audience) => own.includes(audience))) return undefined;
    return `expected audience ${audiences.length === 1 ? goQuote(audiences[0] ?? '') : `in ${goList(audiences.toSorted())}`} got ${goList(own)}`;
  }

  #faultOfTime({ expiry, notBefore }: IdToken): string | undefined {
    const now = this.#options.clock.now() / 1000;
    if (expiry < now) return `token is expired (Token Expiry: ${goTime(expiry)})`;
    return (notBefore ?? -Infinity) > now + NOT_BEFORE_LEEWAY_SECONDS ? `current time ${goTime(now)} before the nbf (not before) time: ${goTime(notBefore ?? 0)}` : undefined;
  }

  #faultOfAlgorithm({ algorithm }: CompactJws): string | undefined {
    const { algorithms } = this.#options;
    return algorithms.includes(algorithm) ? undefined : `id token signed with unsupported algorithm, expected ${goList(algorithms)} got ${goQuote(algorithm)}`;
  }
}

/** A token that does not say by which key is tried with all. */
async function isSignedByAny(jws: CompactJws, keys: readonly IssuerKey[]): Promise<boolean> {
  for (const { id, key } of keys) if ((jws.keyId === '' || jws.keyId === id) && (await isSignedBy(jws, key))) return true;
  return false;
}

const goList = (texts: readonly string[]): string => `[${texts.map(goQuote).join(' ')}]`;

function goTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? '0001-01-01 00:00:00 +0000 UTC' : `${time.toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}
