import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSchema } from '#api/schema.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import { type ApiServer, createApiServer } from '#apiserver/api-server.ts';
import { ensurePki, type Pki } from '#apiserver/pki/pki.ts';
import { kubeconfigFor } from '#apiserver/pki/kubeconfig.ts';
import { type Clock, systemClock } from '#base/clock.ts';
import { type Instance, instanceOf } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import { createEventRecorder } from '#controller/create-event-recorder.ts';
import { startControllers } from '#controller/start-controllers.ts';
import { createControllers } from '#controllers/registry.ts';
import { createBullQueueFactory } from '#queue/bullmq/queue-factory.ts';
import { createScheduler } from '#scheduler/scheduler.ts';
import { StoreUnavailableError } from '#store/errors.ts';
import type { ObjectStore } from '#store/object-store.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { ensureRootApplication } from '#sync/bootstrap.ts';
import { createSyncEngine } from '#sync/sync-engine.ts';
import { createWatchCache } from '#watchcache/store-watch-cache.ts';
import { kubeconfigPath } from '../kubeconfig.ts';
import type { ChildMessage } from '../supervisor/messages.ts';
import type { ClusterOptions } from '../up-options.ts';
import { createIdentities } from './identities.ts';
import { reportStatus } from './status-reporter.ts';

export interface ControlPlaneContext {
  readonly options: ClusterOptions;
  readonly log: Logger;
  readonly report: (message: ChildMessage) => void;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

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
  const parts = await startParts(context, api, pki, instance, clock);
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

async function startParts({ options, log, report, signal }: ControlPlaneContext, api: ApiServer, pki: Pki, instance: Instance, clock: Clock): Promise<{ stop(): Promise<void> }> {
  const identities = createIdentities(api);
  const informers = createInformerFactory({ client: identities.controllerManager, log, clock });
  reportStatus({ informers, clock, report: (summary) => report({ type: 'status', summary }) });
  const recovery = api.recoveryState();
  if (recovery.recovering) {
    report({ type: 'recovering', waitingFor: recovery.waitingFor });
    log.info('the store is new, waiting for the nodes to report what runs on them', { nodes: recovery.waitingFor });
    await recovery.done();
  }
  const queues = createBullQueueFactory({ socketPath: redisSocket(instance), prefix: '{headway}:queue', log });
  const running = startControllers({ definitions: createControllers({ rootCa: pki.ca }), clientOf: identities.controller, informers, queues, clock, log, randomSuffix });
  const events = (component: string, client = identities.scheduler) => createEventRecorder({ client, component, clock, log });
  const scheduler = createScheduler({ client: identities.scheduler, informers, queues, clock, log, events: events('default-scheduler'), random: Math.random });
  const sync = createSyncEngine({ client: identities.sync, queues, clock, log, events: events('headway-sync', identities.sync), cacheDir: join(options.dataDir, 'control-plane', 'repositories') });
  informers.start(signal);
  if (options.repository) await ensureRootApplication(identities.sync, options.repository, { signal });
  await Promise.all([scheduler.start(signal), sync.start(signal)]);
  return {
    async stop() {
      await Promise.all([running.stop(), scheduler.close(), sync.stopped()]);
      await queues.close();
    },
  };
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

const redisSocket = (instance: Instance): string => join(instance.runDir, 'redis.sock');

/** Letters and digits of Kubernetes' generated names: no vowels, nothing that looks like another. */
const SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const randomSuffix = (length: number): string => Array.from({ length }, () => SUFFIX_ALPHABET[randomInt(SUFFIX_ALPHABET.length)]).join('');
