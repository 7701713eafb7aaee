import type { IncomingHttpHeaders } from 'node:http';
import { StatusError } from '#api/status-error.ts';

/** Subprotocol in which a browser, which cannot set headers on a WebSocket, hides its token. */
const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

/** The token of the Authorization header, else of a WebSocket's subprotocols. @throws StatusError Unauthorized for a malformed one of the latter */
export function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const token = secondWord(authorization.trim());
    if (token !== '') return token;
  }
  return headers.upgrade === undefined ? undefined : webSocketToken(headers);
}

/** Subprotocols of a WebSocket without the token: it is for the API server only. */
export function withoutToken(protocols: string): string {
  if (!protocols.includes(TOKEN_PROTOCOL)) return protocols;
  return protocols.split(',').map((p) => p.trim()).filter((p) => !p.startsWith(TOKEN_PROTOCOL)).join(', ');
}

/** By positions: to split costs more than the look-up of the token. */
function secondWord(text: string): string {
  const space = text.indexOf(' ');
  if (space < 0 || text.slice(0, space).toLowerCase() !== 'bearer') return '';
  const end = text.indexOf(' ', space + 1);
  return end < 0 ? text.slice(space + 1) : text.slice(space + 1, end);
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
