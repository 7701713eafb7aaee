import type { TextAnswer } from '../paths.ts';
import { ISSUER } from '../authn/service-account-tokens.ts';
import type { TokenKeys } from '../pki/token-keys.ts';

/** For those who verify service account tokens themselves: OpenID Connect Discovery 1.0, as far as tokens that nobody logs in for have it. */
export class IssuerDiscovery {
  readonly #keys: TokenKeys;
  readonly #serverAddress: string;

  /** `serverAddress`: `host:port` under which others reach this server. */
  constructor(options: { readonly keys: TokenKeys; readonly serverAddress: string }) {
    this.#keys = options.keys;
    this.#serverAddress = options.serverAddress;
  }

  /** Undefined for all other paths. */
  serve(path: string): TextAnswer | undefined {
    switch (path) {
      case '/.well-known/openid-configuration': return answer('application/json', this.#configuration());
      case '/openid/v1/jwks': return answer('application/jwk-set+json', this.#keySet());
      default: return undefined;
    }
  }

  #configuration(): object {
    return {
      issuer: ISSUER, jwks_uri: `https://${this.#serverAddress}/openid/v1/jwks`, response_types_supported: ['id_token'], subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [...new Set(this.#keys.all().map(({ algorithm }) => algorithm))].toSorted(),
    };
  }

  #keySet(): object {
    return { keys: this.#keys.all().map(({ id, algorithm, publicKey }) => ({ use: 'sig', ...publicKey.export({ format: 'jwk' }), kid: id, alg: algorithm })) };
  }
}

/** Keys are added before they sign, so that an hour of caching hurts nobody; the time of Kubernetes. */
const answer = (contentType: string, body: object): TextAnswer => ({ status: 200, contentType, headers: { 'cache-control': 'public, max-age=3600' }, body: JSON.stringify(body) });
