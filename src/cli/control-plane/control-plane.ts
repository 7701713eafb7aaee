import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSchema } from '#api/schema.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import { createApiServer } from '#apiserver/api-server.ts';
import { ensurePki, type Pki } from '#apiserver/pki/pki.ts';
import { kubeconfigFor } from '#apiserver/pki/kubeconfig.ts';
import { type Clock, systemClock } from '#base/clock.ts';
import { type Instance, instanceOf } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import { StoreUnavailableError } from '#store/errors.ts';
import type { ObjectStore } from '#store/object-store.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { createWatchCache } from '#watchcache/store-watch-cache.ts';
import { kubeconfigPath } from '../kubeconfig.ts';
import { type ControlPlaneContext, redisSocket } from './context.ts';
import { randomSuffix } from './random-suffix.ts';

/** Revisions that a watch can resume from: an hour, or this many changes. */
const RETENTION = { maxAgeMs: 3_600_000, maxEvents: 100_000 };
const WINDOW_EVENTS = 10_000;
const BOOKMARK_INTERVAL_MS = 10_000;
const COMPACT_INTERVAL_MS = 60_000;
/** Redis starts at the same time as this process, and may have a long log to read. */
const STORE_TIMEOUT_MS = 120_000;
const STORE_RETRY_MS = 20;

/** Starts API server, controllers, scheduler and sync in this process; resolves when all of them work. */
export async function startControlPlane(context: ControlPlaneContext): Promise<{ readonly closed: Promise<void> }> {
  const { options, log, report, signal } = context;
  const instance = instanceOf(options.dataDir);
  const clock = systemClock;
  const [pki, store] = await Promise.all([preparePki(context, instance, clock), openStore(context, instance, clock)]);
  const cache = createWatchCache({ store, log, clock, windowEvents: WINDOW_EVENTS, bookmarkIntervalMs: BOOKMARK_INTERVAL_MS });
  await cache.ready();
  const api = createApiServer({
    store, cache, pki, clock, log, randomSuffix, schema: loadSchema(), scheme: new Scheme(BUILT_IN_RESOURCES),
    serviceCidr: options.serviceCidr, advertiseAddress: options.advertiseAddress, port: options.apiPort,
    knownNodesFile: join(options.dataDir, 'control-plane', 'nodes.json'),
  });
  await api.start();
  await api.listen({ host: '127.0.0.1', port: options.apiPort });
  report({ type: 'api-ready' });
  // Loaded only now: clients and agents need not wait for the code of the controllers.
  const { startParts } = await import('./parts.ts');
  const parts = await startParts({ ...context, api, pki, instance, clock });
  void compactRegularly(store, clock, log, signal);
  const closed = (async () => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    await parts.stop();
    await api.close();
    await cache.close();
    await store.close();
  })();
  return { closed };
}

async function preparePki({ options, report }: ControlPlaneContext, instance: Instance, clock: Clock): Promise<Pki> {
  const serviceAddress = `${options.serviceCidr.split('.').slice(0, 3).join('.')}.1`;
  const pki = await ensurePki({ directory: join(instance.dataDir, 'pki'), addresses: [options.advertiseAddress], serviceAddress, clock });
  await pki.node(options.nodeName, [options.advertiseAddress]);
  const kubeconfig = kubeconfigFor({ server: `https://127.0.0.1:${options.apiPort}`, ca: pki.ca, user: { name: 'kubernetes-admin', ...pki.admin } });
  writeFileSync(kubeconfigPath(instance.dataDir), kubeconfig, { mode: 0o600 });
  report({ type: 'pki-ready' });
  return pki;
}

async function openStore({ log, signal }: ControlPlaneContext, instance: Instance, clock: Clock): Promise<ObjectStore> {
  const deadline = clock.monotonic() + STORE_TIMEOUT_MS;
  for (;;) {
    try {
      return await openRedisStore({
        socketPath: redisSocket(instance), log, clock, retention: RETENTION,
        onReplaced: (error) => {
          // What this process remembers belongs to other data: the supervisor starts it anew.
          log.error('the data behind the store was replaced', { error });
          process.exit(1);
        },
      });
    } catch (thrown) {
      if (!(thrown instanceof StoreUnavailableError) || clock.monotonic() > deadline) throw thrown;
      await clock.sleep(STORE_RETRY_MS, signal);
    }
  }
}

async function compactRegularly(store: ObjectStore, clock: Clock, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(COMPACT_INTERVAL_MS, signal).catch(() => undefined);
    if (!signal.aborted) await store.compact().catch((error: unknown) => log.warn('the store was not compacted', { error }));
  }
}
