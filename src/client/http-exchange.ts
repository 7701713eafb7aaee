import { constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import type { ApiRequest, ApiResponse } from '#api/transport.ts';
import type { AnswerParser } from './parse-answer.ts';

export interface ExchangeHeaders {
  readonly userAgent: string;
  readonly token: string | undefined;
}

export interface OpenResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly stream: ClientHttp2Stream;
}

/** Sends the request; resolves with the response's head. Rejects with the signal's reason or the connection's error. */
export function openExchange(session: ClientHttp2Session, request: ApiRequest, headers: ExchangeHeaders, signal: AbortSignal): Promise<OpenResponse> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const body = request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
    const stream = session.request(headersOf(request, headers, body), { endStream: body === undefined });
    // Node throws the body of a stream away that nobody reads when it closes, and the head may arrive together with the end.
    stream.pause();
    const onAbort = (): void => void stream.destroy(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    stream.on('error', reject);
    stream.once('close', () => {
      signal.removeEventListener('abort', onAbort);
      reject(new Error(`the stream was closed (code ${stream.rstCode})`));
    });
    stream.once('response', (head) => resolve({ status: Number(head[constants.HTTP2_HEADER_STATUS]), headers: head, stream }));
    if (body) stream.end(body);
  });
}

/**
 * The body as it arrives. When all of it has arrived before it is read, Node 24 may call the end of the stream a premature close:
 * the end was read and the peer reported no error, so nothing is missing.
 */
export async function* chunksOf(stream: ClientHttp2Stream): AsyncGenerator<Buffer, void> {
  try {
    yield* stream as AsyncIterable<Buffer>;
  } catch (error) {
    if (!stream.readableEnded || stream.rstCode !== constants.NGHTTP2_NO_ERROR) throw error;
  }
}

/** JSON is decoded, anything else is text. */
export async function readResponse({ status, headers, stream }: OpenResponse, answers: AnswerParser): Promise<ApiResponse> {
  const chunks: Buffer[] = [];
  for await (const chunk of chunksOf(stream)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const isJson = headers['content-type']?.startsWith('application/json') === true;
  const warnings = warningsOf(headers);
  return { status, body: isJson && text !== '' ? answers.parse(text) : text, ...(warnings.length > 0 ? { warnings } : {}) };
}

function headersOf(request: ApiRequest, { userAgent, token }: ExchangeHeaders, body: Buffer | undefined): OutgoingHttpHeaders {
  const query = new URLSearchParams(request.query).toString();
  return {
    ':method': request.method,
    ':path': query === '' ? request.path : `${request.path}${request.path.includes('?') ? '&' : '?'}${query}`,
    accept: 'application/json',
    'user-agent': userAgent,
    ...(token ? { authorization: `Bearer ${token}` } : {}),
    ...(request.impersonate ? { 'impersonate-user': request.impersonate } : {}),
    ...(body ? { 'content-type': request.contentType ?? 'application/json', 'content-length': body.length } : {}),
  };
}

/** `299 - "text"`, RFC 7234; several may stand in one header. */
function warningsOf(headers: IncomingHttpHeaders): readonly string[] {
  const value = headers['warning'];
  // Node reads headers byte by byte, and a server writes UTF-8.
  const text = Buffer.from(Array.isArray(value) ? value.join(', ') : (value ?? ''), 'latin1').toString();
  return [...text.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) => (match[1] ?? '').replace(/\\(.)/g, '$1'));
}
