import type { TLSSocket } from 'node:tls';
import type { IncomingHttpHeaders } from 'node:http';
import { bearerOf } from './bearer.ts';

interface Shown {
  authorization: string;
  token: string | undefined;
}

/**
 * The token of a request. A connection shows the same one at every request, for the most part, each time as a new string of a kilobyte. Here it stays one string, whose
 * hash, by which it is looked up, is computed once.
 */
export class ConnectionTokens {
  readonly #shown = new WeakMap<TLSSocket, Shown>();

  /** @throws StatusError Unauthorized, as {@link bearerOf} */
  of(socket: TLSSocket, headers: IncomingHttpHeaders): string | undefined {
    const { authorization } = headers;
    if (authorization === undefined || headers.upgrade !== undefined) return bearerOf(headers);
    const shown = this.#shown.get(socket);
    if (shown?.authorization === authorization) return shown.token;
    const token = bearerOf(headers);
    if (shown === undefined) this.#shown.set(socket, { authorization, token });
    else Object.assign(shown, { authorization, token });
    return token;
  }
}
