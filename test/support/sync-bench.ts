import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Application } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { APPLICATIONS } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { isStatus } from '#api/status-error.ts';
import type { ApiHandler, UserInfo } from '#api/transport.ts';
import { systemClock } from '#base/clock.ts';
import { Exposition } from '#base/exposition.ts';
import { silentLogger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/create-client.ts';
import { inProcessTransport } from '#client/in-process-transport.ts';
import { randomSuffix } from '#cli/control-plane/random-suffix.ts';
import { createBullQueueFactory } from '#queue/bullmq/queue-factory.ts';
import { ensureRootApplication, ROOT_NAME, ROOT_NAMESPACE } from '#sync/bootstrap.ts';
import type { WebhookAddress } from '#sync/source/webhook/webhooks.ts';
import { createSyncEngine, type SyncEngine } from '#sync/sync-engine.ts';
import { startInProcessApi } from './in-process-api.ts';
import { startTestRedis } from './redis.ts';
import { createTemporaryRepository, type TemporaryRepository } from './temporary-repository.ts';
import { waitFor } from './wait.ts';

export interface RecordedEvent {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}

/** A sync engine on a whole API server, following `apps/` of a repository of its own. */
export interface SyncBench {
  readonly repository: TemporaryRepository;
  /** As somebody else than sync, under field manager `kubectl`. */
  readonly client: Client;
  /** As anybody. */
  clientOf(user: UserInfo): Client;
  readonly events: readonly RecordedEvent[];
  application(): Promise<Application>;
  find<T extends KubeObject>(resource: ResourceType<T>, name: string, namespace?: string): Promise<T | undefined>;
  /** Resolves when the commit (default HEAD) is applied in full. */
  synced(revision?: string): Promise<Application>;
  /** Another engine takes over, with nothing in memory; `meanwhile` is done while there is none. */
  restart(meanwhile?: () => unknown): Promise<void>;
  /** What the engine tells of itself, in the text form of Prometheus. */
  metrics(): string;
  /** Resolves when the commit was tried, however that ended. */
  attempted(revision: string): Promise<Application>;
}


/** `renderDir` keeps unpacked tools from one bench to the next; by default each has its own. `api` is an API server that is there already. */
export async function startSyncBench(t: Pick<ExecutionContext, 'teardown'>, files: Readonly<Record<string, string>>, options: { readonly renderDir?: string; readonly api?: ApiHandler; readonly webhooks?: WebhookAddress } = {}): Promise<SyncBench> {
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  repository.commit(files, 'first');
  const handler = options.api ?? (await startInProcessApi(t));
  const redis = await startTestRedis(t);
  const client = createClient(inProcessTransport(handler, { name: 'ada', groups: ['system:masters'] }, 'kubectl'));
  const sync = createClient(inProcessTransport(handler, { name: 'headway:sync', groups: ['system:authenticated'] }, 'headway'));
  const events: RecordedEvent[] = [];
  const start = async (): Promise<{ readonly stop: () => Promise<void>; readonly engine: SyncEngine }> => {
    const queues = createBullQueueFactory({ socketPath: redis.socketPath, prefix: 'sync-test', log: silentLogger });
    const engine = createSyncEngine({
      client: sync, queues, randomSuffix, clock: systemClock, log: silentLogger, cacheDir: join(repository.path, '.git', 'headway-mirrors'), renderDir: options.renderDir ?? join(repository.path, '.git', 'headway-render'), webhooks: options.webhooks,
      events: { event: (_regarding, event) => void events.push(event) },
    });
    const signal = new AbortController();
    await engine.start(signal.signal);
    const stop = async (): Promise<void> => {
      signal.abort();
      await engine.stopped();
      await queues.close();
    };
    return { stop, engine };
  };
  await ensureRootApplication(sync, { url: repository.path, ref: 'main', path: 'apps' });
  let running = await start();
  t.teardown(() => running.stop());

  const application = (): Promise<Application> => client.get(APPLICATIONS, { namespace: ROOT_NAMESPACE, name: ROOT_NAME });
  const reached = (what: string, is: (found: Application) => boolean): Promise<Application> =>
    waitFor(async () => {
      const found = await application();
      return is(found) ? found : undefined;
    }, { what, intervalMs: 5, timeoutMs: 60_000 });
  return {
    repository, client, events, application, clientOf: (user) => createClient(inProcessTransport(handler, user, 'test')),
    restart: async (meanwhile) => {
      await running.stop();
      await meanwhile?.();
      running = await start();
    },
    metrics: () => {
      const out = new Exposition();
      running.engine.writeMetrics(out);
      return out.text();
    },
    find: async (resource, name, namespace = 'default') => {
      try {
        return await client.get(resource, { ...(resource.namespaced ? { namespace } : {}), name });
      } catch (error) {
        if (isStatus(error, 'NotFound')) return undefined;
        throw error;
      }
    },
    synced: (revision = repository.git('rev-parse', 'HEAD')) => reached(`commit ${revision} synced`, ({ status }) => status?.syncedRevision === revision && status.conditions?.some((c) => c.type === 'Synced' && c.status === 'True') === true),
    attempted: (revision) => reached(`commit ${revision} attempted`, ({ status }) => status?.attemptedRevision === revision && !status.conditions?.some(({ type, reason }) => type === 'Synced' && reason === 'Progressing')),
  };
}
