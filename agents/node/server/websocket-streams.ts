import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '#base/logger.ts';
import { HttpError } from './http-error.ts';

export const isWebSocket = (request: IncomingMessage): boolean => (request.headers.upgrade ?? '').toLowerCase() === 'websocket';
export async function serveWebSocket(_o: { target: string; url: URL; request: IncomingMessage; socket: Duplex; head: Buffer; log: Logger }): Promise<void> {
  throw new HttpError(501, 'later');
}
