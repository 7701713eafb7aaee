import type { IncomingHttpHeaders } from 'node:http';
import { StatusError } from '#api/status-error.ts';

/** Subprotocol in which a browser, which cannot set headers on a WebSocket, hides its token. */
const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

const BEARER = 'Bearer ';

/** The token of the Authorization header, else of a WebSocket's subprotocols. @throws StatusError Unauthorized for a malformed one of the latter */
export function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) {
    // As nearly all clients write it, without a regular expression over a thousand characters.
    if (authorization.startsWith(BEARER) && authorization.length > BEARER.length && !authorization.includes(' ', BEARER.length)) return authorization.slice(BEARER.length);
    const [scheme = '', token = ''] = authorization.trim().split(' ', 2);
    if (scheme.toLowerCase() === 'bearer' && token !== '') return token;
  }
  return headers.upgrade === undefined ? undefined : webSocketToken(headers);
}

/** Subprotocols of a WebSocket without the token: it is for the API server only. */
export function withoutToken(protocols: string): string {
  if (!protocols.includes(TOKEN_PROTOCOL)) return protocols;
  return protocols.split(',').map((p) => p.trim()).filter((p) => !p.startsWith(TOKEN_PROTOCOL)).join(', ');
}

function webSocketToken(headers: IncomingHttpHeaders): string | undefined {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return undefined;
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim()).filter((p) => p !== '');
  const own = protocols.filter((p) => p.startsWith(TOKEN_PROTOCOL));
  if (own.length === 0) return undefined;
  const token = Buffer.from(own[0]?.slice(TOKEN_PROTOCOL.length) ?? '', 'base64url').toString('utf8');
  // Another subprotocol must be left to speak: a browser fails the connection when the server takes none of those that it offers.
  if (own.length > 1 || protocols.length === 1 || token === '') throw new StatusError('Unauthorized', 'Unauthorized');
  return token;
}
