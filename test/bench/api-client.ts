import { connect, type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';

export interface Target {
  readonly url: string;
  readonly token: string;
}

export const COLLECTION = '/api/v1/namespaces/default/configmaps';
export const DATA = { k: 'x'.repeat(750) };

/** A connection of a client that counts nothing and checks no more than the status. */
export class Client {
  readonly #session: ClientHttp2Session;
  readonly #authorization: string;

  private constructor(session: ClientHttp2Session, token: string) {
    this.#session = session;
    this.#authorization = `Bearer ${token}`;
  }

  static async open({ url, token }: Target): Promise<Client> {
    const session = connect(url, { rejectUnauthorized: false, settings: { initialWindowSize: 1_048_576 } });
    await new Promise((resolve, reject) => session.once('connect', resolve).once('error', reject));
    return new Client(session, token);
  }

  stream(path: string, headers: OutgoingHttpHeaders = {}): ClientHttp2Stream {
    return this.#session.request({ authorization: this.#authorization, ':path': path, ...headers });
  }

  /** The body of the answer. @throws Error unless the status is below 300 */
  async send(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<string> {
    const stream = this.stream(path, { ':method': method, ...(body === undefined ? {} : { 'content-type': contentType }) });
    stream.end(body === undefined ? undefined : JSON.stringify(body));
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let status = 0;
    let text = '';
    stream.once('response', (head) => (status = Number(head[':status']))).once('error', reject).setEncoding('utf8');
    stream.on('data', (part: string) => (text += part)).once('end', () => (status < 300 ? resolve(text) : reject(new Error(`${method} ${path}: ${text}`))));
    return promise;
  }

  async create(name: string, data: object = DATA): Promise<void> {
    await this.send('POST', COLLECTION, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
  }

  async revision(): Promise<string> {
    return (JSON.parse(await this.send('GET', `${COLLECTION}?limit=1`)) as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
  }

  /** Resolves when the server has answered with its head. */
  async watch(revision: string, onText: (text: string) => void): Promise<void> {
    const stream = this.stream(`${COLLECTION}?watch=1&resourceVersion=${revision}`);
    const started = Promise.withResolvers<void>();
    stream.once('response', () => started.resolve()).on('error', started.reject).setEncoding('utf8').on('data', onText);
    await started.promise;
  }

  close(): void {
    this.#session.destroy();
  }
}

/** Milliseconds that `count` tasks took, with so many in flight. */
export async function timed(count: number, inFlight: number, task: (i: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  return performance.now() - started;
}

export const percentile = (values: readonly number[], p: number): number => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * p)] ?? 0;
