import { rm } from 'node:fs/promises';
import type { ExecutionContext } from 'ava';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import { loadSchema } from '#api/schema.ts';
import { createApiServer, type ApiServer, type ApiServerOptions } from '#apiserver/api-server.ts';
import { ensurePki } from '#apiserver/pki/pki.ts';
import { systemClock as clock } from '#base/clock.ts';
import { silentLogger as log } from '#base/logger.ts';
import { randomSuffix } from '#cli/control-plane/random-suffix.ts';
import { createMemoryStore } from '#store/memory/memory-store.ts';
import { createWatchCache } from '#watchcache/store-watch-cache.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A whole API server, RBAC and bootstrap included, over a store in memory; it listens nowhere. */
export async function startInProcessApi(t: Pick<ExecutionContext, 'teardown'>, options: Partial<Pick<ApiServerOptions, 'admission' | 'audit' | 'hostname' | 'log' | 'maxRequestsInFlight' | 'nodePorts'>> = {}): Promise<ApiServer> {
  const directory = temporaryDirectory('headway-api');
  const store = createMemoryStore({ clock, retention: { maxEvents: 10_000, maxAgeMs: 60_000 } });
  const cache = createWatchCache({ store, log, clock, windowEvents: 10_000, bookmarkIntervalMs: 60_000 });
  const pki = await ensurePki({ directory, addresses: [], serviceAddress: '10.96.0.1', clock });
  const server = createApiServer({
    store, cache, pki, clock, log, scheme: new Scheme(BUILT_IN_RESOURCES), schema: loadSchema(), advertiseAddress: '127.0.0.1', port: 6443,
    randomSuffix, ...options,
  });
  t.teardown(async () => {
    await server.close();
    await cache.close();
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  await server.start();
  return server;
}
