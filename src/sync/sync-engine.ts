import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Application } from '#api/headway/v1/types.ts';
import { keyOf, type KubeObject, type NamespacedName } from '#api/object.ts';
import { APPLICATIONS, BUILT_IN_RESOURCES, CUSTOM_RESOURCE_DEFINITIONS, PODS, REPOSITORIES } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import type { Clock } from '#base/clock.ts';
import type { Exposition } from '#base/exposition.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import type { InformerFactory } from '#client/informer.ts';
import type { EventRecorder } from '#controller/event-recorder.ts';
import { startController } from '#controller/start-controller.ts';
import type { QueueFactory } from '#queue/work-queue.ts';
import { labelOf } from './application/application-names.ts';
import { ApplicationSyncs, repositoryOf } from './application/application-syncs.ts';
import type { ApplicationContext } from './application/context.ts';
import { noFaults, type FaultPoints } from './application/fault-points.ts';
import { IdleReports } from './application/idle-reports.ts';
import { Applier } from './apply/applier.ts';
import { applicationSets } from './generators/application-sets.ts';
import { HealGuard } from './heal/heal-guard.ts';
import { Owners } from './inventory/owners.ts';
import { CustomKinds } from './kinds/custom-kinds.ts';
import { LiveObjects, type OwnInformers } from './live/live-objects.ts';
import { projectRoles } from './policy/project-reconciler.ts';
import { createRules } from './policy/rules.ts';
import { RecordBook } from './record/record-book.ts';
import { plainRenderer } from './render/plain-renderer.ts';
import { clusterCapabilities } from './render/cluster-capabilities.ts';
import { RenderTools } from './render/tools/render-tools.ts';
import { UnitRendering } from './render/unit-rendering.ts';
import { WorkerPool } from './render/worker/worker-pool.ts';
import { CommitStatuses } from './report/commit-statuses.ts';
import { KeySecrets, keySecretOf } from './secrets/key-secrets.ts';
import { Repositories } from './source/repositories.ts';
import { SecretWatches } from './source/secret-watches.ts';
import { Webhooks, type WebhookAddress } from './source/webhook/webhooks.ts';

export interface SyncEngineOptions {
  /** Acts as `headway:sync`. */
  readonly client: Client;
  /** Started by whoever passes them; by default the engine makes and starts its own from `client`. */
  readonly informers?: InformerFactory;
  readonly queues: QueueFactory;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly randomSuffix: (length: number) => string;
  /** Mirrors of remote repositories, made when needed. May be lost at any time. */
  readonly cacheDir: string;
  /** Where units are rendered, and tools unpacked that PATH lacks. May be lost at any time; used by one engine at a time. */
  readonly renderDir: string;
  /** For tests of what a process that dies leaves behind. */
  readonly faults?: FaultPoints;
  /** Default `git`, from PATH; 2.36 or newer. */
  readonly gitBinary?: string;
  /** Opened when a Repository has a webhook. Default: never. */
  readonly webhooks?: WebhookAddress | undefined;
}

export interface SyncEngine {
  /** Resolves when Repositories and Applications are known and worked on; they are until the signal aborts. */
  start(signal: AbortSignal): Promise<void>;
  /** Resolves when, after the signal, no job of the engine runs any more. */
  stopped(): Promise<void>;
  /** Figures of webhooks. */
  writeMetrics(out: Exposition): void;
}

/** Applications that sync at once; each mostly waits for the API server. */
const CONCURRENCY = 8;

/** Keeps every Application object applied from the newest commit of its Repository. See docs/design/0005-sync.md. */
export function createSyncEngine(options: SyncEngineOptions): SyncEngine {
  const { client, clock, log, events } = options;
  const informers = options.informers ?? createInformerFactory({ client, clock, log });
  const scheme = new Scheme(BUILT_IN_RESOURCES);
  const queue = options.queues.create('sync');
  const syncs = new ApplicationSyncs();
  const enqueue = (key: NamespacedName): void => {
    queue.add(key).catch((error: unknown) => log.error('an application could not be queued', { application: key, error }));
  };
  const owners = new Owners({ onReleased: (key) => syncs.get(key)?.offer(), onWanted: (key) => syncs.get(key)?.noteWanted() });
  const records = new RecordBook(client);
  const idleReports = new IdleReports({ clock, log });
  const live = new LiveObjects({
    informers, ownInformers: () => startOwnInformers({ client, clock, log }),
    observer: {
      onChange: (label, identity) => syncs.labelled(label)?.noteChange(identity),
      onDrift: (label, identity, drift) => syncs.labelled(label)?.noteDrift(identity, drift),
    },
  });
  const definitions = informers.informer(CUSTOM_RESOURCE_DEFINITIONS);
  const kinds = new CustomKinds(scheme, {
    onServed: (resource) => {
      live.served(resource);
      syncs.noteServed(resource);
    },
    onGone: (resource) => live.gone(resource),
  });
  const secrets = new SecretWatches(options);
  const repositories = new Repositories({
    ...options, gitBinary: options.gitBinary ?? 'git', secrets,
    onRevision: (key, tracked) => void syncs.noteRevision(key, tracked),
    onLoss(key) {
      syncs.noteLoss(key);
      for (const sync of syncs.of(key)) enqueue(sync.key);
    },
  });
  const webhooks = options.webhooks ? new Webhooks({ ...options, address: options.webhooks, secrets, onPush: (key, refs) => repositories.push(key, refs) }) : undefined;
  const pods = informers.informer(PODS);
  const applications = informers.informer(APPLICATIONS);
  const sources = informers.informer(REPOSITORIES);
  const statuses = new CommitStatuses({ ...options, secrets, repositories: sources.lister, applications: applications.lister });
  const units = new UnitRendering({
    workDir: join(options.renderDir, 'work'), tools: new RenderTools({ unpackTo: join(options.renderDir, 'tools') }), pool: new WorkerPool(),
    cluster: clusterCapabilities(client, scheme),
  });
  const keys = new KeySecrets({
    informers, workDir: join(options.renderDir, 'work'),
    onChange: (key) => { for (const sync of syncs.all()) if (keySecretOf(sync.application) === key) sync.rejudge(); },
  });
  const rules = createRules({
    client, informers, scheme, clock, log, source: (application) => repositories.source(repositoryOf(application)),
    isSettled: (key) => syncs.get(key)?.isSettled === true, wake: enqueue, rejudge: (key) => syncs.get(key)?.rejudge(),
  });
  const context: ApplicationContext = {
    client, clientFor: rules.clientFor, gates: rules.gates, refusals: rules.refusals, settled: rules.noteApplication, clock, log, events, scheme, live, enqueue, pods: pods.lister, renderer: plainRenderer, units, keys,
    applier: new Applier({ live, scheme }), guard: new HealGuard(clock), owners, others: syncs, records, idleReports, faults: options.faults ?? noFaults,
    source: (application) => repositories.source(repositoryOf(application)),
  };

  const observe = (application: Application): void => syncs.observe(application, context);
  const forget = (application: Application): void => {
    syncs.forget(application);
    rules.forget(application);
    records.forget(labelOf(application), application.metadata.namespace ?? '');
  };
  const tellPods = ({ metadata }: KubeObject): void => syncs.notePods(metadata.namespace);
  let closed: Promise<unknown> | undefined;

  return {
    async start(signal) {
      const controllers = [applicationSets({ source: (key) => repositories.source(key), signal }), projectRoles()]
        .map((definition) => startController(definition, { client, informers, clock, log, events, randomSuffix: options.randomSuffix }, options.queues));
      signal.addEventListener('abort', () => {
        repositories.stop();
        webhooks?.stop();
        statuses.stop();
        syncs.stop();
        live.stop();
        idleReports.stop();
        closed = Promise.all([queue.close(), ...controllers.map((controller) => controller.stop())]);
        closed.catch((error: unknown) => log.error('the sync queue could not be closed', { error }));
      }, { once: true });
      sources.subscribe({ onAdd: (r) => repositories.observe(r), onUpdate: (r) => repositories.observe(r), onDelete: (r) => repositories.forget(keyOf(r)) });
      if (webhooks) sources.subscribe({ onAdd: (r) => webhooks.observe(r), onUpdate: (r) => webhooks.observe(r), onDelete: (r) => webhooks.forget(keyOf(r)) });
      sources.subscribe({ onAdd: (r) => statuses.observeRepository(r), onUpdate: (r) => statuses.observeRepository(r), onDelete: (r) => statuses.forgetRepository(keyOf(r)) });
      applications.subscribe({ onAdd: (a) => statuses.observeApplication(a), onUpdate: (a) => statuses.observeApplication(a) });
      pods.subscribe({ onAdd: tellPods, onUpdate: tellPods, onDelete: tellPods });
      // What a process that was killed left behind.
      await rm(join(options.renderDir, 'work'), { recursive: true, force: true });
      await repositories.start();
      kinds.follow(definitions);
      rules.start(signal);
      if (!options.informers) informers.start(signal);
      // What an inventory holds has a meaning only when all kinds are known.
      await definitions.synced();
      applications.subscribe({ onAdd: observe, onUpdate: observe, onDelete: forget });
      await Promise.all([sources.synced(), applications.synced(), pods.synced(), rules.synced()]);
      signal.throwIfAborted();
      queue.process(async ({ key, signal: job }) => (await syncs.get(key)?.run(job)) ?? {}, { concurrency: CONCURRENCY });
    },
    async stopped() {
      await closed;
    },
    writeMetrics: (out) => webhooks?.writeMetrics(out),
  };
}

function startOwnInformers(options: Parameters<typeof createInformerFactory>[0]): OwnInformers {
  const informers = createInformerFactory(options);
  const stopping = new AbortController();
  informers.start(stopping.signal);
  return { informers, stop: () => stopping.abort(new Error('the kind is served no more')) };
}
