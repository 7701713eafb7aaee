import type { Duplex } from 'node:stream';

const ANSWERS: Readonly<Record<string, string>> = { HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large', HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large', ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout' };
/** What is still on its way would reset the connection, and the answer be lost; Go's server waits as long. */
const LINGER_MS = 500;

/** Answers what is no HTTP/1.1 request, or one that does not come to its end, and ends the connection. `hasAnswer`: a part of one was sent. */
export function answerBroken(error: NodeJS.ErrnoException, socket: Duplex, hasAnswer: boolean): void {
  // What follows is as broken.
  if (socket.writableEnded) return;
  if (hasAnswer || !socket.writable || error.code === 'ECONNRESET') return void socket.destroy();
  socket.end(`HTTP/1.1 ${ANSWERS[error.code ?? ''] ?? '400 Bad Request'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  const timer = setTimeout(() => socket.destroy(), LINGER_MS).unref();
  socket.once('close', () => clearTimeout(timer)).resume();
}
