import type { JWTVerifyGetKey } from 'jose';
import type { JsonObject } from '#api/json.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import { peekJwt } from '../jwt.ts';
import type { TokenAuthenticator } from '../token-authenticator.ts';
import { ClaimMapper } from './claims.ts';
import type { JwtIssuer } from './configuration.ts';
import { IssuerKeys } from './issuer-keys.ts';

const ALGORITHMS: readonly string[] = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512'];
/** A token counts so long after it was checked, should its issuer withdraw the key. */
const VERIFIED_MS = 10_000;
const MAX_VERIFIED = 10_000;

/** Tokens of one issuer elsewhere: OpenID Connect, as the structured authentication of Kubernetes has it. */
export class JwtAuthenticator implements TokenAuthenticator {
  readonly #config: JwtIssuer;
  readonly #keys: IssuerKeys;
  readonly #mapper: ClaimMapper;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #verified = new Map<string, { readonly user: UserInfo; readonly untilMs: number }>();

  /** @throws AuthenticationConfigError for an expression that does not compile */
  constructor(config: JwtIssuer, { clock, log }: { readonly clock: Clock; readonly log: Logger }) {
    this.#config = config;
    this.#keys = new IssuerKeys(config.issuer, clock);
    this.#mapper = new ClaimMapper(config);
    this.#clock = clock;
    this.#log = log;
  }

  authenticate(token: string): UserInfo | undefined | Promise<UserInfo | undefined> {
    const known = this.#verified.get(token);
    if (known && known.untilMs > this.#clock.now()) return known.user;
    return peekJwt(token)?.issuer === this.#config.issuer.url ? this.#authenticateNew(token) : undefined;
  }

  async #authenticateNew(token: string): Promise<UserInfo | undefined> {
    const { url } = this.#config.issuer;
    const claims = await this.#claims(token).catch((error: unknown) => void this.#log.warn('an issuer of tokens does not answer', { issuer: url, error }));
    if (claims === undefined) return undefined;
    const mapped = this.#mapper.map(claims);
    if ('problem' in mapped) return void this.#log.info('a token was refused', { issuer: url, problem: mapped.problem });
    if (this.#verified.size >= MAX_VERIFIED) this.#verified.clear();
    this.#verified.set(token, { user: mapped.user, untilMs: Math.min(this.#clock.now() + VERIFIED_MS, Number(claims['exp'] ?? 0) * 1000) });
    return mapped.user;
  }

  /** Undefined for a token that is not valid. @throws Error when the keys cannot be had */
  async #claims(token: string): Promise<JsonObject | undefined> {
    const first = await this.#verify(token, await this.#keys.get());
    if (first !== 'unknown key') return first;
    const newer = await this.#keys.newer();
    const second = newer && (await this.#verify(token, newer));
    return second === 'unknown key' ? undefined : second;
  }

  async #verify(token: string, keys: JWTVerifyGetKey): Promise<JsonObject | 'unknown key' | undefined> {
    const { jwtVerify, errors } = await import('jose');
    const { issuer, algorithms = ALGORITHMS } = this.#config;
    try {
      const { payload } = await jwtVerify(token, keys, { issuer: issuer.url, audience: [...issuer.audiences], algorithms: [...algorithms], requiredClaims: ['exp'], currentDate: new Date(this.#clock.now()) });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWKSNoMatchingKey) return 'unknown key';
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  }
}
