import { createSecureServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { ensurePki } from '#apiserver/pki/pki.ts';
import { startRedis } from '#store/redis/redis-server.ts';

/** Where a server of the benchmark answers. */
export interface Ready {
  readonly url: string;
  readonly token: string;
  readonly directory: string;
  /** Socket of its Redis. */
  readonly redis: string;
}
export interface Served extends Ready {
  stop(): Promise<void>;
}

/** Objects that the list returns. */
export const LIST_SIZE = 6_500;
/** As large as a stored ConfigMap of the benchmark is. */
const OBJECT = Buffer.from(JSON.stringify({ metadata: { name: 'floor', resourceVersion: '1' }, data: 'x'.repeat(1_050) }));
/** The least that a store must do for a write: count, set, append, sync. */
const SCRIPT = "local n = redis.call('INCR', KEYS[1]) redis.call('HSET', KEYS[2], ARGV[1], ARGV[2]) redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, n .. '-0', 'v', ARGV[2]) return n";

/** Redis without anything between: one script a write, one HGET a read, on one connection. */
export class RawRedis {
  readonly #client: Redis;
  readonly #sha: Promise<unknown>;

  constructor(socket: string) {
    this.#client = new Redis({ path: socket, enableAutoPipelining: true });
    this.#sha = this.#client.script('LOAD', SCRIPT);
  }

  async write(name: string, value: Buffer = OBJECT): Promise<void> {
    await this.#client.evalsha(String(await this.#sha), 3, '{floor}:n', '{floor}:h', '{floor}:s', name, value);
  }

  async read(name: string): Promise<void> {
    await this.#client.hgetBuffer('{floor}:h', name);
  }

  close(): void {
    this.#client.disconnect();
  }
}

/** Answers at once what Headway must find, check and encode; a write is answered when Redis has it on disk, and told to all watchers. */
export async function serveFloor(): Promise<Served> {
  const directory = await mkdtemp(join(tmpdir(), 'headway-bench-'));
  const redisServer = await startRedis({ dataDir: join(directory, 'redis'), runDir: join(directory, 'run'), log: silentLogger });
  const redis = new RawRedis(redisServer.socketPath);
  const { ca, serving } = await ensurePki({ directory: join(directory, 'pki'), addresses: ['127.0.0.1'], serviceAddress: '10.96.0.1', clock: systemClock });
  const list = Buffer.from(`{"metadata":{"resourceVersion":"1"},"items":[${Array.from({ length: LIST_SIZE }, () => OBJECT.toString()).join(',')}]}`);
  const watchers = new Set<ServerHttp2Stream>();
  const answer = (stream: ServerHttp2Stream, status: number, bytes: Buffer): void => {
    stream.respond({ ':status': status, 'content-type': 'application/json', 'content-length': String(bytes.length) });
    stream.end(bytes);
  };
  let count = 0;
  const write = async (stream: ServerHttp2Stream, status: number, body: Buffer): Promise<void> => {
    await redis.write(`${count++}`, body);
    answer(stream, status, OBJECT);
    const event = Buffer.concat([Buffer.from('{"type":"ADDED","object":'), body, Buffer.from('}\n')]);
    for (const watcher of watchers) watcher.write(event);
  };
  const serve = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    const path = headers[':path'] ?? '';
    stream.on('error', () => watchers.delete(stream));
    if (headers[':method'] !== 'GET') {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => void write(stream, headers[':method'] === 'POST' ? 201 : 200, Buffer.concat(chunks)));
    } else if (path.includes('watch=1')) {
      stream.respond({ ':status': 200, 'content-type': 'application/json' });
      watchers.add(stream.once('close', () => watchers.delete(stream)));
    } else answer(stream, 200, path.includes('configmaps?resourceVersion=0') ? list : OBJECT);
  };
  const server = createSecureServer({ ca, ...serving, settings: { initialWindowSize: 4 * 1024 * 1024, maxConcurrentStreams: 1_000 } }).on('stream', serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    server.close();
    redis.close();
    await redisServer.stop('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  };
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'floor', directory, redis: redisServer.socketPath, stop };
}
