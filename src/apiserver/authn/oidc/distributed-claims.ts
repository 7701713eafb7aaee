import { isJsonObject, type JsonObject } from '#api/json.ts';
import { asError } from '#base/errors.ts';
import { untrustedIssuer } from './compact-jws.ts';
import { during } from './during.ts';
import { fetchText } from './fetch.ts';
import { issuerOf, type TokenVerifier } from './token-verifier.ts';

export interface DistributedClaimsOptions {
  /** The claim that may stand elsewhere. */
  readonly claim: string;
  readonly ca: string | undefined;
  /** Whoever signs what stands there. @throws Error when there are too many of them */
  readonly verifierOf: (issuer: string) => TokenVerifier;
}

/** As long as an issuer may take for its keys. */
const TIMEOUT_MS = 10_000;

/** A claim that a token does not hold itself but tells where to find: OpenID Connect Core 1.0, section 5.6.2. Microsoft's does so for users with many groups. */
export class DistributedClaims {
  readonly #options: DistributedClaimsOptions;

  constructor(options: DistributedClaimsOptions) {
    this.#options = options;
  }

  /** The claims with the one that was fetched; a claim that the token holds counts more than one elsewhere. @throws Error in the words of Kubernetes */
  async complete(claims: JsonObject): Promise<JsonObject> {
    const { claim } = this.#options;
    const endpoint = claims[claim] === undefined ? endpointOf(claims, claim) : undefined;
    return endpoint ? { ...claims, [claim]: await this.#fetch(endpoint) } : claims;
  }

  async #fetch({ url, accessToken }: Endpoint): Promise<JsonObject[string]> {
    const { claim, ca, verifierOf } = this.#options;
    const token = await fetchText(url, accessToken ? { authorization: `Bearer ${accessToken}` } : {}, { ca, timeoutMs: TIMEOUT_MS, refusal: 'error while getting distributed claim JWT:' }).catch((error: unknown) => {
      throw new Error(`while getting distributed claim ${JSON.stringify(claim)}: ${asError(error).message}`, { cause: error });
    });
    const issuer = during(`getting untrusted issuer from endpoint ${url} failed for claim ${JSON.stringify(claim)}`, () => issuerOf(untrustedIssuer(token)));
    const verified = await verifierOf(issuer).verify(token).catch((cause: unknown) => {
      throw new Error(`verifying untrusted issuer ${issuer} failed: verifier not initialized for issuer: ${JSON.stringify(issuer)}`, { cause });
    });
    if ('problem' in verified) throw new Error(`verify distributed claim token: ${verified.problem}`);
    const value = verified.claims[claim];
    if (value === undefined) throw new Error(`jwt returned by distributed claim endpoint ${JSON.stringify(url)} did not contain claim: ${claim}`);
    return value;
  }
}

interface Endpoint {
  readonly url: string;
  readonly accessToken: string | undefined;
}

/** Undefined for a source that holds the claim itself, which Kubernetes does not read either. */
function endpointOf({ _claim_names: names, _claim_sources: sources }: JsonObject, claim: string): Endpoint | undefined {
  if (!isJsonObject(names) || !isJsonObject(sources)) return undefined;
  const source = sources[String(names[claim])];
  if (names[claim] === undefined || !isJsonObject(source)) return undefined;
  const { endpoint: url, access_token: accessToken } = source;
  return typeof url === 'string' && url !== '' ? { url, accessToken: typeof accessToken === 'string' ? accessToken : undefined } : undefined;
}
