import type { TextAnswer } from '../paths.ts';
import { compress, isWorthCompressing } from './encode.ts';
import type { Exchange } from './exchange.ts';

/** A document that is no API object; not again when the client has it. */
export async function sendText(exchange: Exchange, answer: TextAnswer): Promise<void> {
  const { status, contentType, headers = {} } = answer;
  if (headers['etag'] !== undefined && hasSame(exchange, headers['etag'])) return sendUnchanged(exchange, headers);
  const body = Buffer.from(answer.body);
  const packed = isWorthCompressing(body.length) ? await compress([body], exchange.headers['accept-encoding']) : undefined;
  if (exchange.output.destroyed) return;
  const encoding = packed ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding, Accept' } : {};
  exchange.start(status, { 'content-type': contentType, 'content-length': String((packed ?? body).length), ...headers, ...encoding });
  exchange.output.end(exchange.method === 'HEAD' ? undefined : (packed ?? body));
}

/** Whether the client already has the document with this tag. */
export const hasSame = (exchange: Exchange, etag: string): boolean =>
  (exchange.headers['if-none-match'] ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);

export function sendUnchanged(exchange: Exchange, headers: Readonly<Record<string, string>>): void {
  exchange.start(304, headers);
  exchange.output.end();
}
