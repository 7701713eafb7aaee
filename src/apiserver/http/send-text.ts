import type { TextAnswer } from '../paths.ts';
import { compress, isWorthCompressing } from './encode.ts';
import type { Exchange } from './exchange.ts';

/** In the words of Go's servers. */
export const NOTHING_HERE: TextAnswer = { status: 404, contentType: 'text/plain; charset=utf-8', body: '404 page not found\n', headers: { 'cache-control': 'no-cache, private', 'x-content-type-options': 'nosniff' } };

/** A document that is no API object; not again when the client has it. */
export async function sendText(exchange: Exchange, answer: TextAnswer): Promise<void> {
  const { status, contentType, headers = {} } = answer;
  if (headers['etag'] !== undefined && hasSame(exchange, headers['etag'])) return sendUnchanged(exchange, headers);
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  const packed = isWorthCompressing(body.length) ? await packedOnce(body, exchange.headers['accept-encoding']) : undefined;
  if (exchange.output.destroyed) return;
  const encoding = packed ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding, Accept' } : {};
  exchange.start(status, { 'content-type': contentType, 'content-length': String((packed ?? body).length), ...headers, ...encoding });
  exchange.output.end(exchange.method === 'HEAD' ? undefined : (packed ?? body));
}

const packedBodies = new WeakMap<Buffer, Buffer>();

/** Documents that the server keeps are compressed once for all who read them. */
async function packedOnce(body: Buffer, acceptEncoding: string | undefined): Promise<Buffer | undefined> {
  const known = acceptEncoding?.includes('gzip') ? packedBodies.get(body) : undefined;
  const packed = known ?? await compress([body], acceptEncoding);
  if (packed !== undefined) packedBodies.set(body, packed);
  return packed;
}

/** Whether the client already has the document with this tag. */
export const hasSame = (exchange: Exchange, etag: string): boolean =>
  (exchange.headers['if-none-match'] ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);

export function sendUnchanged(exchange: Exchange, headers: Readonly<Record<string, string>>): void {
  exchange.start(304, headers);
  exchange.output.end();
}
