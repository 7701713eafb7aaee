import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '#base/clock.ts';
import { type Logger, silentLogger } from '#base/logger.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import { Scheme } from '#api/scheme.ts';
import type { UserInfo } from '#api/transport.ts';
import { type ApiServer, type ApiServerOptions, createApiServer } from '#apiserver/api-server.ts';
import { ensurePki, type Pki } from '#apiserver/pki/pki.ts';
import { kubeconfigFor } from '#apiserver/pki/kubeconfig.ts';
import { randomSuffix } from '#cli/control-plane/random-suffix.ts';
import type { ObjectStore } from '#store/object-store.ts';
import { startRedis } from '#store/redis/redis-server.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { createWatchCache } from '#watchcache/store-watch-cache.ts';
import { writtenForms } from '#apiserver/conversion/written-forms.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A running API server on a Redis and a port of its own. */
export interface ControlPlane {
  readonly directory: string;
  readonly port: number;
  /** `https://127.0.0.1:<port>` */
  readonly url: string;
  readonly server: ApiServer;
  readonly store: ObjectStore;
  readonly cache: WatchCache;
  readonly pki: Pki;
  /** Of the administrator. */
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

export const ADMIN: UserInfo = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

/** In the place of the usual ones. */
export interface PlaneOptions extends Partial<Pick<ApiServerOptions, 'log' | 'authentication' | 'audit' | 'front' | 'maxRequestsInFlight' | 'requestTimeoutMs'>> {
  readonly listen?: Omit<Parameters<ApiServer['listen']>[0], 'host' | 'port'>;
}

type Task = () => Promise<unknown>;

/** Starts Redis, the watch cache and the API server in a fresh directory; `stop` ends all and removes it. */
export async function startControlPlane(options: PlaneOptions = {}): Promise<ControlPlane> {
  const log = options.log ?? silentLogger;
  const directory = temporaryDirectory('headway-apiserver');
  const redis = await startRedis({ dataDir: join(directory, 'redis'), runDir: join(directory, 'run'), log });
  return startServer({ directory, socketPath: redis.socketPath, log, file: 'kubeconfig', options, cleanUp: [() => rm(directory, { recursive: true, force: true }), () => redis.stop('SIGKILL')] });
}

/** Another API server, with a cache and a port of its own, on the store and the certificates of the first; stop it first. */
export const startAnother = (plane: Pick<ControlPlane, 'directory'>): Promise<ControlPlane> =>
  startServer({ directory: plane.directory, socketPath: join(plane.directory, 'run/redis.sock'), log: silentLogger, file: `kubeconfig-${randomSuffix(5)}`, options: {}, cleanUp: [] });

interface ServerOptions {
  readonly directory: string;
  readonly socketPath: string;
  readonly log: Logger;
  /** Name of the kubeconfig. */
  readonly file: string;
  readonly options: PlaneOptions;
  /** What ends last is first. */
  readonly cleanUp: Task[];
}

async function startServer({ directory, socketPath, log, file, cleanUp, options: { listen, ...options } }: ServerOptions): Promise<ControlPlane> {
  const stop = async (): Promise<void> => {
    for (const task of cleanUp.splice(0).toReversed()) await task();
  };
  try {
    const store = await openRedisStore({ socketPath, log, clock: systemClock, retention: { maxEvents: 100_000, maxAgeMs: 3_600_000 } });
    cleanUp.push(() => store.close());
    const schema = loadSchema();
    const cache = createWatchCache({ store, log, clock: systemClock, windowEvents: 10_000, bookmarkIntervalMs: 1_000, writtenFormOf: writtenForms(schema) });
    cleanUp.push(() => cache.close());
    const pki = await ensurePki({ directory: join(directory, 'pki'), addresses: ['127.0.0.1'], serviceAddress: '10.96.0.1', clock: systemClock });
    const server = createApiServer({
      store, cache, pki, clock: systemClock, scheme: new Scheme(BUILT_IN_RESOURCES), schema, randomSuffix,
      advertiseAddress: '127.0.0.1', port: 6443, knownNodesFile: join(directory, 'nodes.json'), ...options, log,
    });
    cleanUp.push(() => server.close());
    await server.start();
    const { port } = await server.listen({ host: '127.0.0.1', port: 0, ...listen });
    const url = `https://127.0.0.1:${port}`;
    const kubeconfig = join(directory, file);
    await writeFile(kubeconfig, kubeconfigFor({ server: url, ca: pki.ca, user: { name: 'kubernetes-admin', ...pki.admin } }), { mode: 0o600 });
    return { directory, port, url, server, store, cache, pki, kubeconfig, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
