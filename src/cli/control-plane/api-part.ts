import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { loadSchema } from '#api/schema.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import { type ApiServer, createApiServer } from '#apiserver/api-server.ts';
import { ensurePki, type Pki } from '#apiserver/pki/pki.ts';
import { kubeconfigFor } from '#apiserver/pki/kubeconfig.ts';
import { asError } from '#base/errors.ts';
import { replaceFileSync } from '#base/replace-file.ts';
import { StoreUnavailableError } from '#store/errors.ts';
import type { ObjectStore } from '#store/object-store.ts';
import { openRedisStore } from '#store/redis/redis-store.ts';
import { createWatchCache } from '#watchcache/store-watch-cache.ts';
import { writtenForms } from '#apiserver/conversion/written-forms.ts';
import { kubeconfigPath } from '../kubeconfig.ts';
import { UsageError } from '../usage-error.ts';
import { openAudit } from './audit.ts';
import type { PartContext } from './part-context.ts';
import { randomSuffix } from './random-suffix.ts';

/** What the store's log keeps. */
const RETENTION = { maxAgeMs: 3_600_000, maxEvents: 100_000 };
/** Changes of each resource that a watch can resume from; each holds two states of an object in memory. */
const WINDOW_EVENTS = 2_000;
const BOOKMARK_INTERVAL_MS = 10_000;
const COMPACT_INTERVAL_MS = 60_000;
/** Redis starts at the same time as this process, and may have a long log to read. */
const STORE_TIMEOUT_MS = 120_000;
const STORE_RETRY_MS = 20;

export interface ApiPart {
  readonly api: ApiServer;
  readonly pki: Pki;
  close(): Promise<void>;
}

/** Store, watch cache and API server; resolves when it listens. `onPkiReady` may hold it up to make more certificates. */
export async function startApiPart(context: PartContext, onPkiReady: (pki: Pki) => void | Promise<void>): Promise<ApiPart> {
  const { options, log, clock } = context;
  const audit = openAudit(context);
  const [pki, store] = await Promise.all([preparePki(context, onPkiReady), openStore(context)]);
  const schema = loadSchema();
  const directory = join(options.dataDir, 'control-plane');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const cache = createWatchCache({
    store, log, clock, windowEvents: WINDOW_EVENTS, bookmarkIntervalMs: BOOKMARK_INTERVAL_MS, writtenFormOf: writtenForms(schema),
    spill: { directory },
  });
  await cache.ready();
  const api = createApiServer({
    store, cache, pki, clock, log, randomSuffix, schema, scheme: new Scheme(BUILT_IN_RESOURCES),
    serviceCidr: options.serviceCidr, nodePorts: options.nodePorts, advertiseAddress: options.advertiseAddress, port: options.apiPort,
    ...(options.authentication ? { authentication: (await import('./authentication.ts')).authenticationOf(options.authentication) } : {}),
    ...(options.admissionConfigFile === undefined ? {} : { admission: (await import('./admission.ts')).admissionOf(options.admissionConfigFile) }),
    ...(options.front === undefined ? {} : { front: (await import('./front.ts')).frontOf(options.front) }),
    knownNodesFile: join(directory, 'nodes.json'), hostname: hostname(), audit, otherMetrics: context.metrics, flags: options.apiServerFlags, requestTimeoutMs: options.requestTimeoutMs,
  });
  await api.start();
  await listen(api, options.apiPort);
  void compactRegularly(context, store);
  return {
    api, pki,
    async close() {
      await api.close();
      await audit?.sink.close();
      await cache.close();
      await store.close();
    },
  };
}

async function listen(api: ApiServer, port: number): Promise<void> {
  try {
    await api.listen({ host: '127.0.0.1', port });
  } catch (cause) {
    throw new UsageError(`the API server cannot listen on port ${port} of 127.0.0.1: ${asError(cause).message}; choose another with --port`, { cause });
  }
}

async function preparePki({ options, clock }: PartContext, onPkiReady: (pki: Pki) => void | Promise<void>): Promise<Pki> {
  mkdirSync(options.dataDir, { recursive: true, mode: 0o700 });
  const serviceAddress = `${options.serviceCidr.split('.').slice(0, 3).join('.')}.1`;
  const pki = await ensurePki({ directory: join(options.dataDir, 'pki'), addresses: [options.advertiseAddress], serviceAddress, clock });
  await pki.node(options.nodeName, [options.advertiseAddress]);
  const kubeconfig = kubeconfigFor({ server: `https://127.0.0.1:${options.apiPort}`, ca: pki.ca, user: { name: 'kubernetes-admin', ...pki.admin } });
  replaceFileSync(kubeconfigPath(options.dataDir), kubeconfig);
  await onPkiReady(pki);
  return pki;
}

async function openStore({ redis, log, clock, signal }: PartContext): Promise<ObjectStore> {
  const deadline = clock.monotonic() + STORE_TIMEOUT_MS;
  for (;;) {
    try {
      return await openRedisStore({
        ...redis, log, clock, retention: RETENTION,
        onReplaced: (error) => {
          // What this process remembers belongs to other data: whoever supervises it starts it anew.
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

async function compactRegularly({ log, clock, signal }: PartContext, store: ObjectStore): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(COMPACT_INTERVAL_MS, signal).catch(() => undefined);
    if (!signal.aborted) await store.compact().catch((error: unknown) => log.warn('the store was not compacted', { error }));
  }
}
