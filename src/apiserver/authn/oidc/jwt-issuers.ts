import type { UserInfo } from '#api/transport.ts';
import type { Clock } from '#base/clock.ts';
import type { Exposition } from '#base/exposition.ts';
import type { Logger } from '#base/logger.ts';
import type { TokenAuthenticator } from '../token-authenticator.ts';
import type { JwtIssuer } from './configuration.ts';
import { JwtAuthenticator } from './jwt-authenticator.ts';
import { JwtMetrics } from './jwt-metrics.ts';

export interface JwtIssuersOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** Of the server, for its metrics; empty for none. */
  readonly serverId?: string;
}

/** Tokens of all issuers that are configured at the time. Each token is of one of them: no two have the same URL. */
export class JwtIssuers implements TokenAuthenticator {
  readonly #options: JwtIssuersOptions;
  readonly #metrics: JwtMetrics;
  #issuers: readonly JwtAuthenticator[];

  /** @throws AuthenticationConfigError for an expression that does not compile */
  constructor(issuers: readonly JwtIssuer[], options: JwtIssuersOptions) {
    this.#options = options;
    this.#metrics = new JwtMetrics(options.serverId ?? '');
    this.#issuers = this.#made(issuers);
  }

  authenticate(token: string): UserInfo | undefined | Promise<UserInfo | undefined> {
    for (const issuer of this.#issuers) {
      const found = issuer.authenticate(token);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async whyRefused(token: string): Promise<string | undefined> {
    for (const issuer of this.#issuers) {
      const why = await issuer.whyRefused(token);
      if (why !== undefined) return why;
    }
    return undefined;
  }

  /** How to let other issuers take the place of those in force, which they do when all of them have told their keys. @throws AuthenticationConfigError */
  replacement(issuers: readonly JwtIssuer[]): () => Promise<void> {
    const made = this.#made(issuers);
    return async () => {
      await Promise.all(made.map((issuer) => issuer.ready()));
      this.#issuers = made;
      this.#metrics.keep(issuers.map(({ issuer }) => issuer.url));
    };
  }

  writeMetrics(out: Exposition): void {
    this.#metrics.write(out);
  }

  #made(issuers: readonly JwtIssuer[]): readonly JwtAuthenticator[] {
    return issuers.map((issuer) => new JwtAuthenticator(issuer, { ...this.#options, metrics: this.#metrics }));
  }
}
