/**
 * Serves for api.ts in a process of its own until its input ends: `api-server.ts headway` is Headway's API server on a private Redis,
 * `api-server.ts floor` the least that Node can do for the same answers. Prints `{"url", "token"}` when it is ready.
 */
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
import { ADMIN, startControlPlane } from '#test/support/control-plane.ts';
import { LIST_SIZE } from './api-load.ts';

interface Served {
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

/** The least that a store must do for a write: count, set, append, sync. */
const FLOOR_SCRIPT = "local n = redis.call('INCR', KEYS[1]) redis.call('HSET', KEYS[2], ARGV[1], ARGV[2]) redis.call('XADD', KEYS[3], 'MAXLEN', '~', 10000, n .. '-0', 'v', ARGV[2]) return n";
/** As large as a stored ConfigMap of the benchmark is. */
const OBJECT = Buffer.from(JSON.stringify({ metadata: { name: 'floor', resourceVersion: '1' }, data: 'x'.repeat(1_050) }));

async function serveHeadway(): Promise<Served> {
  const plane = await startControlPlane();
  const post = (path: string, body: unknown) => plane.server.handle({ method: 'POST', path, body }, ADMIN);
  const account = '/api/v1/namespaces/default/serviceaccounts';
  await post(account, { metadata: { name: 'bench' } });
  await post('/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    metadata: { name: 'bench' }, subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'bench' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
  });
  const { body } = await post(`${account}/bench/token`, { spec: {} });
  return { url: plane.url, token: (body as { readonly status: { readonly token: string } }).status.token, stop: () => plane.stop() };
}

/** Answers at once what Headway must find, check and encode; a POST is answered when Redis has it on disk, and told to all watchers. */
async function serveFloor(): Promise<Served> {
  const directory = await mkdtemp(join(tmpdir(), 'headway-bench-'));
  const redisServer = await startRedis({ dataDir: join(directory, 'redis'), runDir: join(directory, 'run'), log: silentLogger });
  const redis = new Redis({ path: redisServer.socketPath, enableAutoPipelining: true });
  const sha = (await redis.script('LOAD', FLOOR_SCRIPT)) as string;
  const { ca, serving } = await ensurePki({ directory: join(directory, 'pki'), addresses: ['127.0.0.1'], serviceAddress: '10.96.0.1', clock: systemClock });
  const list = Buffer.from(`{"metadata":{"resourceVersion":"1"},"items":[${Array.from({ length: LIST_SIZE }, () => OBJECT.toString()).join(',')}]}`);
  const watchers = new Set<ServerHttp2Stream>();
  const answer = (stream: ServerHttp2Stream, status: number, bytes: Buffer): void => {
    stream.respond({ ':status': status, 'content-type': 'application/json', 'content-length': String(bytes.length) });
    stream.end(bytes);
  };
  const write = async (stream: ServerHttp2Stream, body: Buffer): Promise<void> => {
    await redis.evalsha(sha, 3, '{floor}:n', '{floor}:h', '{floor}:s', `${body.length}`, body);
    answer(stream, 201, OBJECT);
    const event = Buffer.concat([Buffer.from('{"type":"ADDED","object":'), body, Buffer.from('}\n')]);
    for (const watcher of watchers) watcher.write(event);
  };
  const serve = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    const path = headers[':path'] ?? '';
    stream.on('error', () => watchers.delete(stream));
    if (headers[':method'] === 'POST') {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => void write(stream, Buffer.concat(chunks)));
    } else if (path.includes('watch=1')) {
      stream.respond({ ':status': 200, 'content-type': 'application/json' });
      watchers.add(stream.once('close', () => watchers.delete(stream)));
    } else answer(stream, 200, path.includes('resourceVersion=0') ? list : OBJECT);
  };
  const server = createSecureServer({ ca, ...serving, settings: { initialWindowSize: 4 * 1024 * 1024, maxConcurrentStreams: 1_000 } }).on('stream', serve);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = async (): Promise<void> => {
    server.close();
    redis.disconnect();
    await redisServer.stop('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  };
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, token: 'floor', stop };
}

const served = await (process.argv[2] === 'floor' ? serveFloor() : serveHeadway());
process.stdout.write(`${JSON.stringify({ url: served.url, token: served.token })}\n`);
process.stdin.resume().once('end', () => void served.stop().then(() => process.exit(0)));
