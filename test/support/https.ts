import { request } from 'node:https';
import type { OutgoingHttpHeaders } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface HttpsOptions {
  readonly url: string;
  readonly ca: string;
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly cert?: string;
  readonly key?: string;
  readonly body?: object;
}

/** One HTTP/1.1 request on a connection of its own. */
export function https(options: HttpsOptions): Promise<Answer> {
  const { url, ca, cert, key, method = 'GET', headers = {}, body } = options;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, ca, agent: false, headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headers }, ...(cert && key ? { cert, key } : {}) }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk)).once('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString() })).once('error', reject);
    });
    sent.once('error', reject);
    sent.end(body ? JSON.stringify(body) : undefined);
  });
}
