import type { PeerCertificate, TLSSocket } from 'node:tls';
import { StatusError } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import type { ServiceAccountTokens } from './service-account-tokens.ts';

export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Who sent a request: a bearer token goes before a client certificate, and who brings neither is anonymous. */
export class Authenticator {
  readonly #tokens: ServiceAccountTokens;
  /** A connection keeps its certificate for life. */
  readonly #bySocket = new WeakMap<TLSSocket, UserInfo>();

  constructor(tokens: ServiceAccountTokens) {
    this.#tokens = tokens;
  }

  /** @throws StatusError Unauthorized for a token that is not valid */
  authenticate(socket: TLSSocket, authorization: string | undefined): UserInfo | Promise<UserInfo> {
    if (authorization !== undefined && /^bearer /i.test(authorization)) return this.#byToken(authorization.slice(7).trim());
    const known = this.#bySocket.get(socket);
    if (known) return known;
    const user = byCertificate(socket);
    this.#bySocket.set(socket, user);
    return user;
  }

  #byToken(token: string): UserInfo | Promise<UserInfo> {
    const verified = this.#tokens.verify(token);
    return verified instanceof Promise ? verified.then(known) : known(verified);
  }
}

function known(user: UserInfo | undefined): UserInfo {
  if (user === undefined) throw new StatusError('Unauthorized', 'Unauthorized');
  return user;
}

/** The common name is the user, the organizations are the groups; only certificates of the CA count. */
function byCertificate(socket: TLSSocket): UserInfo {
  if (!socket.authorized) return ANONYMOUS;
  const certificate = socket.getPeerCertificate() as PeerCertificate | undefined;
  const subject = certificate?.subject as { readonly CN?: string; readonly O?: string | readonly string[] } | undefined;
  if (!subject?.CN) return ANONYMOUS;
  const organizations = subject.O === undefined ? [] : typeof subject.O === 'string' ? [subject.O] : subject.O;
  return { name: subject.CN, groups: [...organizations, 'system:authenticated'] };
}
