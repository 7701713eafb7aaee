import { Agent, request } from 'node:https';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Server } from '#test/support/server.ts';

export interface RawRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** HTTPS to one server, with the administrator's certificate unless `isAnonymous`. */
export class Connection {
  readonly #server: Pick<Server, 'url' | 'ca' | 'cert' | 'key'>;
  readonly #agent: Agent;

  constructor(server: Pick<Server, 'url' | 'ca' | 'cert' | 'key'>, options: { readonly isAnonymous?: boolean } = {}) {
    this.#server = server;
    this.#agent = new Agent({ keepAlive: true, ca: server.ca, ...(options.isAnonymous ? {} : { cert: server.cert, key: server.key }) });
  }

  async exchange(raw: RawRequest): Promise<RawAnswer> {
    const response = await this.open(raw);
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) };
  }

  /** Resolves with the head; the body streams. */
  open({ method, path, headers = {}, body }: RawRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = request(new URL(path, this.#server.url), { method, agent: this.#agent, headers: { ...headers, ...(body ? { 'content-length': String(body.length) } : {}) } }, resolve);
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
