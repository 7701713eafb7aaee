import { isSeatRefused } from '#api/status-error.ts';
import type { TextAnswer } from '../paths.ts';
import { compress, isWorthCompressing, takesGzip } from './encode.ts';
import { endWith } from './end-with.ts';
import type { Exchange } from './exchange.ts';
import { bytesOf, unpacked } from './packed.ts';

/** In the words of Go's servers. */
const PLAIN = { contentType: 'text/plain; charset=utf-8', headers: { 'x-content-type-options': 'nosniff' } };
export const NOTHING_HERE: TextAnswer = { ...PLAIN, status: 404, body: '404 page not found\n' };

/** What is told in a line of text, whatever form was asked for, as it comes from before the API: undefined for all else. */
export const textRefusal = (error: unknown): TextAnswer | undefined => (isSeatRefused(error) ? { ...PLAIN, status: 429, body: `${(error as Error).message}\n` } : undefined);

/** A document that is no API object; not again when the client has it. */
export async function sendText(exchange: Exchange, answer: TextAnswer): Promise<void> {
  const { status, contentType, headers = {} } = answer;
  if (status === 200 && headers['etag'] !== undefined && hasSame(exchange, headers['etag'])) return sendUnchanged(exchange, headers);
  const { bytes, isPacked } = await bodyOf(answer, exchange.headers['accept-encoding']);
  if (exchange.output.destroyed) return;
  const encoding = isPacked ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding, Accept' } : {};
  exchange.start(status, { ...(contentType === undefined ? {} : { 'content-type': contentType }), 'content-length': String(bytes.length), 'cache-control': 'no-cache, private', ...headers, ...encoding });
  if (exchange.method === 'HEAD') exchange.output.end();
  else endWith(exchange.output, [bytes]);
}

async function bodyOf(answer: TextAnswer, acceptEncoding: string | undefined): Promise<{ readonly bytes: Buffer; readonly isPacked: boolean }> {
  if (answer.isPacked && takesGzip(acceptEncoding)) return { bytes: bytesOf(answer), isPacked: true };
  const bytes = await unpacked(answer);
  const compressed = isWorthCompressing(bytes.length) ? await compress([bytes], acceptEncoding) : undefined;
  return { bytes: compressed ?? bytes, isPacked: compressed !== undefined };
}

/** Whether the client already has the document with this tag. */
export const hasSame = (exchange: Exchange, etag: string): boolean =>
  (exchange.headers['if-none-match'] ?? '').split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);

export function sendUnchanged(exchange: Exchange, headers: Readonly<Record<string, string>>): void {
  exchange.start(304, headers);
  exchange.output.end();
}
