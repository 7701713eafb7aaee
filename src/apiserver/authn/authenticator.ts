import type { TLSSocket } from 'node:tls';
import { StatusError } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Clock } from '#base/clock.ts';
import type { Exposition } from '#base/exposition.ts';
import type { Logger } from '#base/logger.ts';
import type { RequestHeaders } from '../http/exchange.ts';
import { isSpacedToken } from './bearer.ts';
import type { ClientCertificates } from './client-certificates.ts';
import { ConnectionTokens } from './connection-tokens.ts';
import type { JwtIssuers } from './oidc/jwt-issuers.ts';
import { userOfHeaders } from './request-headers.ts';
import { MAX_TOKEN_LENGTH, type TokenAuthenticator } from './token-authenticator.ts';

export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

const SPACED_TOKEN = 'the provided Authorization header contains extra space before the bearer token, and is ignored';

export interface AuthenticatorOptions {
  readonly certificates: ClientCertificates;
  /** Asked in this order until one knows the token. */
  readonly tokens: readonly TokenAuthenticator[];
  /** Those of `tokens` that may be replaced. */
  readonly issuers?: JwtIssuers;
  /** Whether who shows nothing may ask for the path, as nobody in particular. Default always. */
  readonly allowsAnonymous?: (path: string) => boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Credentials extends RequestHeaders {
  readonly socket: TLSSocket;
  readonly url: string;
}

/**
 * Who sent a request: the user of a front proxy, else of the client certificate, else of the bearer token. Who shows something that is not valid
 * is refused; who shows nothing is anonymous.
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  readonly #tokens = new ConnectionTokens();

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** `warnings`: what the client should be told besides. @throws StatusError Unauthorized */
  authenticate(request: Credentials, warnings?: string[]): UserInfo | Promise<UserInfo> {
    const peer = this.#options.certificates.peerOf(request.socket);
    const isInTime = peer.untilMs === Infinity || peer.untilMs >= this.#options.clock.now();
    if (isInTime && peer.user) return peer.user;
    const spokenFor = isInTime && peer.isProxy ? userOfHeaders(request) : undefined;
    if (spokenFor) return spokenFor;
    const token = this.#tokens.of(request.socket, request.headers);
    if (token !== undefined) return this.#byToken(token);
    if (isSpacedToken(request.headers)) warnings?.push(SPACED_TOKEN);
    if (peer.isRefused || peer.isProxy || !isInTime || !this.#mayBeAnonymous(request.url)) throw unauthorized();
    return ANONYMOUS;
  }

  get issuers(): JwtIssuers | undefined {
    return this.#options.issuers;
  }

  writeMetrics(out: Exposition): void {
    this.#options.certificates.writeMetrics(out);
    this.#options.issuers?.writeMetrics(out);
  }

  /** For a TokenReview too, which is why a token that nobody knows is no failure here. */
  identify(token: string): UserInfo | undefined | Promise<UserInfo | undefined> {
    return token.length > MAX_TOKEN_LENGTH ? undefined : this.#ask(token, 0);
  }

  /** What the first that knows its kind has against a token. */
  async whyRefused(token: string): Promise<string | undefined> {
    for (const kind of token.length > MAX_TOKEN_LENGTH ? [] : this.#options.tokens) {
      const why = await kind.whyRefused?.(token);
      if (why !== undefined) return why;
    }
    return undefined;
  }

  #byToken(token: string): UserInfo | Promise<UserInfo> {
    const found = this.identify(token);
    return found instanceof Promise ? found.then(known) : known(found);
  }

  #ask(token: string, first: number): UserInfo | undefined | Promise<UserInfo | undefined> {
    const { tokens } = this.#options;
    for (let i = first; i < tokens.length; i++) {
      const found = tokens[i]?.authenticate(token);
      if (found instanceof Promise) return found.catch((error: unknown) => this.#failed(error)).then((user) => user ?? this.#ask(token, i + 1));
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** One that cannot say must not keep the others from saying. */
  #failed(error: unknown): undefined {
    this.#options.log.warn('a token could not be checked', { error });
    return undefined;
  }

  #mayBeAnonymous(url: string): boolean {
    const { allowsAnonymous } = this.#options;
    return allowsAnonymous === undefined || allowsAnonymous(url.split('?', 1)[0] ?? '');
  }
}

function known(user: UserInfo | undefined): UserInfo {
  if (user === undefined) throw unauthorized();
  return user;
}

const unauthorized = (): StatusError => new StatusError('Unauthorized', 'Unauthorized');
