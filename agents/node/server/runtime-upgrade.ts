import type { Duplex } from 'node:stream';
import { httpRequest } from '#base/node-http.ts';
import { HttpError } from './http-error.ts';

const CONNECT_TIMEOUT_MS = 30_000;

/** Opens a SPDY/3.1 connection to the runtime's streaming server. Throws {@link HttpError} when it refuses. */
export function upgradeToSpdy(target: string, protocol: string): Promise<{ readonly socket: Duplex; readonly head: Buffer }> {
  const headers = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': protocol, 'content-length': '0' };
  const request = httpRequest(target, { method: 'POST', headers, agent: false });
  return new Promise((resolve, reject) => {
    request.setTimeout(CONNECT_TIMEOUT_MS, () => request.destroy(new Error('the runtime did not answer')));
    request.on('upgrade', (_response, socket, head) => {
      request.setTimeout(0);
      resolve({ socket, head });
    });
    request.on('response', (response) => {
      response.resume();
      reject(new HttpError(response.statusCode ?? 502, `the runtime refused the stream: ${response.statusMessage}`));
    });
    request.on('error', (error) => reject(new HttpError(502, error.message)));
    request.end();
  });
}
