import { request } from 'node:https';
import type { IncomingHttpHeaders } from 'node:http';
import type { ControlPlane } from './control-plane.ts';

export interface ApiAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface ApiRequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** Ends a stream as soon as it is true of what has come so far. */
  readonly until?: (body: Buffer) => boolean;
}

/** One request of the administrator, byte for byte. */
export function apiRequest({ url, pki }: ControlPlane, path: string, options: ApiRequestOptions = {}): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method: options.method ?? 'GET', headers: options.headers, ca: pki.ca, cert: pki.admin.cert, key: pki.admin.key, agent: false, timeout: 20_000 }, (response) => {
      let body = Buffer.alloc(0);
      const done = (): void => resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      response.on('data', (chunk: Buffer) => {
        body = Buffer.concat([body, chunk]);
        if (options.until?.(body) !== true) return;
        done();
        sent.destroy();
      });
      response.once('end', done);
      response.once('error', reject);
    });
    sent.once('timeout', () => sent.destroy(new Error('no answer')));
    sent.once('error', reject);
    sent.end(options.body);
  });
}
