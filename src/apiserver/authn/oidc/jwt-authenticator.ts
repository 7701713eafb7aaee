import type { UserInfo } from '#api/transport.ts';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import type { TokenAuthenticator } from '../token-authenticator.ts';
import { ClaimMapper } from './claims.ts';
import { untrustedIssuer } from './compact-jws.ts';
import { ALGORITHMS, type JwtIssuer } from './configuration.ts';
import { DistributedClaims } from './distributed-claims.ts';
import { IssuerKeys } from './issuer-keys.ts';
import type { JwtMetrics } from './jwt-metrics.ts';
import { issuerOf, TokenVerifier } from './token-verifier.ts';

/** A token counts so long after it was checked, should its issuer withdraw the key. */
const VERIFIED_MS = 10_000;
const MAX_VERIFIED = 10_000;
/** Issuers of claims that stand elsewhere. */
const MAX_SOURCES = 64;

export interface JwtAuthenticatorOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Default: nothing is counted. */
  readonly metrics?: JwtMetrics;
}

type Identified = { readonly user: UserInfo; readonly expires: number } | { readonly problem: string };

/** Tokens of one issuer elsewhere: OpenID Connect, as the structured authentication of Kubernetes has it. */
export class JwtAuthenticator implements TokenAuthenticator {
  readonly #config: JwtIssuer;
  readonly #verifiers = new Map<string, TokenVerifier>();
  readonly #elsewhere: DistributedClaims | undefined;
  readonly #mapper: ClaimMapper;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #metrics: JwtMetrics | undefined;
  readonly #verified = new Map<string, { readonly user: UserInfo; readonly untilMs: number }>();

  /** @throws AuthenticationConfigError for an expression that does not compile */
  constructor(config: JwtIssuer, { clock, log, metrics }: JwtAuthenticatorOptions) {
    this.#config = config;
    this.#mapper = new ClaimMapper(config);
    this.#clock = clock;
    this.#log = log;
    this.#metrics = metrics;
    const { claim } = config.claimMappings.groups ?? {};
    this.#elsewhere = claim ? new DistributedClaims({ claim, ca: config.issuer.certificateAuthority, verifierOf: (issuer) => this.#verifierOf(issuer) }) : undefined;
  }

  authenticate(token: string): UserInfo | undefined | Promise<UserInfo | undefined> {
    const known = this.#verified.get(token);
    if (known && known.untilMs > this.#clock.now()) return known.user;
    return this.#isOwn(token) ? this.#authenticateNew(token) : undefined;
  }

  /** Resolves when the issuer has told its keys. @throws Error when it does not */
  async ready(): Promise<void> {
    await this.#verifierOf(this.#config.issuer.url).ready();
  }

  async whyRefused(token: string): Promise<string | undefined> {
    const found = this.#isOwn(token) ? await this.#identify(token) : undefined;
    return found && 'problem' in found ? found.problem : undefined;
  }

  #isOwn(token: string): boolean {
    try {
      return issuerOf(untrustedIssuer(token)) === this.#config.issuer.url;
    } catch {
      return false;
    }
  }

  async #authenticateNew(token: string): Promise<UserInfo | undefined> {
    const since = this.#clock.monotonic();
    const found = await this.#identify(token);
    this.#metrics?.authenticated(this.#config.issuer.url, 'problem' in found ? 'failure' : 'success', (this.#clock.monotonic() - since) / 1000);
    if ('problem' in found) return void this.#log.info('a token was refused', { issuer: this.#config.issuer.url, problem: found.problem });
    if (this.#verified.size >= MAX_VERIFIED) this.#verified.clear();
    this.#verified.set(token, { user: found.user, untilMs: Math.min(this.#clock.now() + VERIFIED_MS, found.expires * 1000) });
    return found.user;
  }

  async #identify(token: string): Promise<Identified> {
    const { url } = this.#config.issuer;
    const verified = await this.#verifierOf(url).verify(token).catch((error: unknown) => void this.#log.warn('an issuer of tokens does not answer', { issuer: url, error }));
    if (verified === undefined) return { problem: 'oidc: authenticator not initialized' };
    if ('problem' in verified) return { problem: `oidc: verify token: ${verified.problem}` };
    try {
      const mapped = this.#mapper.map((await this.#elsewhere?.complete(verified.claims)) ?? verified.claims);
      return 'problem' in mapped ? mapped : { user: mapped.user, expires: verified.expiry };
    } catch (error) {
      return { problem: `oidc: could not expand distributed claims: ${asError(error).message}` };
    }
  }

  #verifierOf(issuer: string): TokenVerifier {
    const known = this.#verifiers.get(issuer);
    if (known) return known;
    if (this.#verifiers.size > MAX_SOURCES) throw new Error(`claims of ${JSON.stringify(issuer)} are not looked for: too many issuers`);
    const { url, certificateAuthority, discoveryURL, audiences } = this.#config.issuer;
    const keys = new IssuerKeys({ url: issuer, ...(certificateAuthority ? { certificateAuthority } : {}), ...(discoveryURL && issuer === url ? { discoveryURL } : {}) }, this.#clock, issuer === url ? this.#metrics : undefined);
    const verifier = new TokenVerifier({ issuer, audiences, algorithms: this.#config.algorithms ?? ALGORITHMS, keys, clock: this.#clock });
    this.#verifiers.set(issuer, verifier);
    return verifier;
  }
}
