import { isUtf8 } from 'node:buffer';
import type { IncomingHttpHeaders } from 'node:http';
import { StatusError } from '#api/status-error.ts';

/** Subprotocol in which a browser, which cannot set headers on a WebSocket, hides its token. */
const TOKEN_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

/** Without padding; one digit more than full groups of four is none. */
const BASE64URL = /^(?:[\w-]{4})*(?:[\w-]{2,3})?$/;

/** The token of the Authorization header, else of a WebSocket's subprotocols. @throws StatusError Unauthorized for a malformed one of the latter */
export function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  if (authorization !== undefined) {
    const token = secondWord(authorization.trim());
    if (token !== '') return token;
  }
  return headers.upgrade === undefined ? undefined : webSocketToken(headers);
}

/** Whether the header has a token that is overheard, for more than one space stands before it. */
export const isSpacedToken = ({ authorization = '' }: IncomingHttpHeaders): boolean => /^bearer {2}/i.test(authorization.trim());

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

/** @throws StatusError Unauthorized */
function webSocketToken(headers: IncomingHttpHeaders): string | undefined {
  if (headers.upgrade?.toLowerCase() !== 'websocket') return undefined;
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim());
  const own = protocols.filter((p) => p.startsWith(TOKEN_PROTOCOL));
  if (own.length === 0) return undefined;
  const encoded = own[0]?.slice(TOKEN_PROTOCOL.length) ?? '';
  const bytes = Buffer.from(encoded, 'base64url');
  if (own.length > 1 || !BASE64URL.test(encoded) || !isUtf8(bytes)) throw new StatusError('Unauthorized', 'Unauthorized');
  if (bytes.length === 0) return undefined;
  // Another subprotocol must be left to speak: a browser fails the connection when the server takes none of those that it offers.
  if (protocols.length === 1) throw new StatusError('Unauthorized', 'Unauthorized');
  return bytes.toString('utf8');
}
