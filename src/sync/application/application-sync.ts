import { AUTHOR_ANNOTATION, COMMIT_ANNOTATION, type Application, type InventoryEntry, type SyncError } from '#api/headway/v1/types.ts';
import { APPLICATIONS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import { keyOf, type NamespacedName } from '#api/object.ts';
import { formatTime } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { QueueResult } from '#queue/work-queue.ts';
import type { DesiredObject } from '../apply/desired-object.ts';
import { SERVICE_ACCOUNT_MISSING } from '../apply/refusals.ts';
import type { Provenance } from '../diff/provenance.ts';
import type { Drift } from '../heal/drift.ts';
import { ApplicationHealth } from '../health/application-health.ts';
import type { ApplicationIndex } from '../inventory/application-index.ts';
import { entryApiVersion, identityOfEntry, type Identity } from '../inventory/identity.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';
import { applicationFolder, labelOf } from './application-names.ts';
import type { ApplicationContext } from './context.ts';
import { healDrift } from './healing.ts';
import type { PlanRequest, SyncPlan } from './plan.ts';
import { MAX_CONDITION_LENGTH, StatusWriter } from './status-writer.ts';
import { planSync } from './sync-plan.ts';

/** A refused commit is tried again: what it lacked (a namespace, a right) may come from elsewhere. */
const REFUSED_RETRY_MS = 30_000;
/** A new namespace gets its service account within milliseconds. */
const SERVICE_ACCOUNT_RETRY_MS = 250;
/** One status write for a burst of changes in health. */
const HEALTH_DEBOUNCE_MS = 50;
/** Holds a deleted Application until its objects are pruned. */
export const PRUNE_FINALIZER = 'headway.dev/prune';

/**
 * Keeps one Application applied. `run` is called by its queue job, never twice at once, and does whatever is due: a new commit,
 * drift, the deletion. Everything in memory is rebuilt from the cluster and Git when the process starts.
 */
export class ApplicationSync {
  readonly key: NamespacedName;
  readonly label: string;
  readonly #context: ApplicationContext;
  readonly #log: Logger;
  readonly #status: StatusWriter;
  readonly #health: ApplicationHealth;
  #application: Application;
  #index: ApplicationIndex | undefined;
  /** What may exist because of us, written to the status before it is made; more than the index while a sync is under way. */
  #inventory: ReadonlyMap<Identity, InventoryEntry>;
  #drifted = new Map<Identity, Drift | undefined>();
  /** Revision and generation that were refused, and when they are tried again. */
  #refused: { readonly attempt: string; readonly until: number } | undefined;
  #applied = '';
  #abort = new AbortController();
  #cancelHealth: (() => void) | undefined;

  constructor(application: Application, context: ApplicationContext) {
    this.key = keyOf(application);
    this.label = labelOf(application);
    this.#application = application;
    this.#context = context;
    this.#log = context.log.child({ application: this.key });
    this.#status = new StatusWriter(application, context);
    this.#health = new ApplicationHealth({ ...context, application: () => this.#application });
    const entries = (application.status?.inventory ?? []).flatMap((entry) => {
      const resource = context.scheme.byKind(entryApiVersion(entry), entry.kind);
      return resource ? [[identityOfEntry(resource, entry), entry] as const] : [];
    });
    this.#inventory = new Map(entries);
    for (const [, entry] of entries) this.#watch(entry);
  }

  declares(identity: Identity): boolean {
    return this.#inventory.has(identity);
  }

  get application(): Application {
    return this.#application;
  }

  /** The object as it is now. A new spec supersedes a sync in flight. */
  observe(application: Application): void {
    const isNew = application.metadata.generation !== this.#application.metadata.generation || application.metadata.deletionTimestamp !== this.#application.metadata.deletionTimestamp;
    this.#application = application;
    if (isNew) this.supersede();
  }

  /** Something newer is there: the sync in flight ends now, and the next one starts from what is in force. */
  supersede(): void {
    this.#refused = undefined;
    this.#abort.abort(new Error('superseded by something newer'));
    this.#context.enqueue(this.key);
  }

  /** What stayed encrypted, or could not be read, may come out otherwise: all is planned anew. */
  observeKeys(): void {
    this.#applied = '';
    this.supersede();
  }

  stop(): void {
    this.#abort.abort(new Error('stopped'));
    this.#cancelHealth?.();
  }

  noteDrift(identity: Identity, drift: Drift | undefined): void {
    if (!this.#index?.objects.has(identity)) return;
    this.#drifted.set(identity, drift);
    // A namespace takes all that is in it along, and only once it is gone can they be made again.
    if (drift === undefined && identity.startsWith('namespaces/')) {
      const name = identity.slice('namespaces/'.length);
      for (const [other, { object }] of this.#index.objects) if (object.entry.namespace === name) this.#drifted.set(other, undefined);
    }
    this.#context.enqueue(this.key);
  }

  noteChange(identity: Identity): void {
    this.#health.mark(identity);
    this.#scheduleHealth();
  }

  notePods(namespace: string | undefined): void {
    if (this.#health.markNamespace(namespace)) this.#scheduleHealth();
  }

  async run(jobSignal: AbortSignal): Promise<QueueResult> {
    this.#abort = new AbortController();
    const signal = AbortSignal.any([jobSignal, this.#abort.signal]);
    try {
      return await this.#reconcile(signal);
    } catch (error) {
      // Superseded: whoever did it has added the key again.
      if (this.#abort.signal.aborted) return {};
      throw error;
    }
  }

  async #reconcile(signal: AbortSignal): Promise<QueueResult> {
    if (this.#application.metadata.deletionTimestamp) return this.#finalize(signal);
    const { tracked, error } = this.#context.source(this.#application);
    if (!tracked) {
      if (error) await this.#report('SourceNotReady', error.message);
      return {};
    }
    const attempt = `${tracked.revision} ${this.#application.metadata.generation}`;
    const wait = this.#refused?.attempt === attempt ? this.#refused.until - this.#context.clock.monotonic() : 0;
    const result = attempt !== this.#applied && wait <= 0 ? await this.#sync(tracked, attempt, signal) : wait > 0 ? { requeueAfterMs: wait } : {};
    return this.#drifted.size > 0 && this.#index ? this.#heal(tracked, this.#index, signal) : result;
  }

  async #sync(tracked: TrackedRevision, attempt: string, signal: AbortSignal): Promise<QueueResult> {
    await this.#addFinalizer(signal);
    const started = this.#context.clock.monotonic();
    // Another destination changes every object, not only those of changed files.
    const isSameSpec = this.#applied.split(' ')[1] === String(this.#application.metadata.generation);
    const plan = await planSync(this.#planRequest(tracked, isSameSpec ? this.#index : undefined, signal));
    if (!plan.ok) return this.#refuse(tracked, attempt, plan.errors, signal);
    const refusals = await this.#context.applier.check(plan.changed, signal);
    if (refusals.length > 0) return this.#refuse(tracked, attempt, refusals, signal);
    const errors = await this.#execute(plan, tracked.revision, signal);
    if (errors.length > 0) return this.#refuse(tracked, attempt, errors, signal);
    this.#applied = attempt;
    this.#refused = undefined;
    await this.#synced(plan.index, tracked.revision);
    this.#log.info('application synced', { revision: tracked.revision, objects: plan.changed.length, durationMs: Math.round(this.#context.clock.monotonic() - started) });
    return {};
  }

  /** Record, apply, prune: in this order, so that a process that dies in between leaves nothing behind that nobody knows of. */
  async #execute({ index, changed }: Extract<SyncPlan, { ok: true }>, revision: string, signal: AbortSignal): Promise<readonly SyncError[]> {
    const added = changed.filter(({ identity }) => !this.#inventory.has(identity)).map(({ identity }) => [identity, index.objects.get(identity)?.object.entry] as const);
    if (added.length > 0) {
      this.#inventory = new Map([...this.#inventory, ...added.flatMap(([identity, entry]) => (entry ? [[identity, entry] as const] : []))]);
      for (const [, entry] of added) if (entry) this.#watch(entry);
      await this.#status.update({ inventory: [...this.#inventory.values()] });
    }
    const context = { revision, log: this.#log, signal };
    const { errors } = await this.#context.applier.apply(changed, context);
    if (errors.length > 0) return errors;
    const gone = [...this.#inventory].filter(([identity]) => !index.objects.has(identity));
    this.#index = index;
    for (const { identity } of changed) this.#health.mark(identity);
    const kept = gone.length > 0 && (this.#application.spec.syncPolicy?.prune ?? true) ? await this.#prune(gone.map(([, entry]) => entry), revision, signal) : [];
    if (kept.length > 0) this.#log.info('objects kept that Git no longer names', { objects: kept });
    this.#inventory = new Map([...index.objects].map(([identity, { object }]) => [identity, object.entry]));
    return [];
  }

  async #prune(entries: readonly InventoryEntry[], revision: string, signal: AbortSignal): Promise<readonly Identity[]> {
    const { kept } = await this.#context.applier.prune(entries, this.label, { revision, log: this.#log, signal });
    return kept.map(({ identity }) => identity);
  }

  async #synced(index: ApplicationIndex, revision: string): Promise<void> {
    await this.#status.update({
      observedGeneration: this.#application.metadata.generation, syncedRevision: revision, attemptedRevision: revision,
      lastSyncTime: formatTime(this.#context.clock.now()), inventory: index.inventory(), errors: [],
      condition: { type: 'Synced', status: 'True', reason: 'Synced', message: `${revision.slice(0, 12)} is applied: ${index.objects.size} objects` },
    });
    this.#scheduleHealth();
  }

  /** The last good state stays; the status and an Event say where the commit is wrong. */
  async #refuse({ revision, repository }: TrackedRevision, attempt: string, errors: readonly SyncError[], signal: AbortSignal): Promise<QueueResult> {
    const [first] = errors;
    const message = errors.map(placeOf).join('; ');
    const retryMs = errors.every(({ reason }) => reason === SERVICE_ACCOUNT_MISSING) ? SERVICE_ACCOUNT_RETRY_MS : REFUSED_RETRY_MS;
    this.#refused = { attempt, until: this.#context.clock.monotonic() + retryMs };
    this.#log.warn('commit refused', { revision, errors });
    this.#context.events.event(this.#application, { type: 'Warning', reason: first?.reason ?? 'SyncFailed', action: 'Sync', message: `${revision.slice(0, 12)}: ${message}`.slice(0, MAX_EVENT_LENGTH) });
    await this.#status.update({
      observedGeneration: this.#application.metadata.generation, attemptedRevision: revision, errors: errors.slice(0, MAX_ERRORS),
      condition: { type: 'Synced', status: 'False', reason: first?.reason ?? 'SyncFailed', message },
    });
    await this.#restoreIndex({ revision, repository }, signal);
    return { requeueAfterMs: retryMs };
  }

  /** After a restart on a bad commit, the last good one is what drift is healed against. */
  async #restoreIndex({ repository }: TrackedRevision, signal: AbortSignal): Promise<void> {
    const revision = this.#status.status.syncedRevision;
    if (this.#index || !revision) return;
    const plan = await planSync(this.#planRequest({ repository, revision }, undefined, signal)).catch((error: unknown) => {
      signal.throwIfAborted();
      this.#log.warn('the last good commit cannot be read', { revision, error });
    });
    if (!plan?.ok) return;
    const { errors } = await this.#context.applier.apply(plan.changed, { revision, log: this.#log, signal });
    if (errors.length > 0) this.#log.warn('the last good commit is no longer accepted', { revision, errors });
    this.#index = plan.index;
    for (const identity of plan.index.objects.keys()) this.#health.mark(identity);
    this.#scheduleHealth();
  }

  async #heal(tracked: TrackedRevision, index: ApplicationIndex, signal: AbortSignal): Promise<QueueResult> {
    const drifted = this.#drifted;
    this.#drifted = new Map();
    const outcome = await healDrift({
      context: this.#context, application: this.#application, label: this.label, index, drifted, log: this.#log,
      request: this.#planRequest(tracked, index, signal), isReportOnly: this.#application.spec.syncPolicy?.selfHeal === 'Report', signal,
    }).catch((error: unknown) => {
      this.#drifted = new Map([...drifted, ...this.#drifted]);
      throw error;
    });
    this.#drifted = new Map([...outcome.remaining, ...this.#drifted]);
    // A refused commit is the greater trouble: its condition stays until a good one comes.
    if (outcome.condition && !this.#refused) await this.#status.update({ condition: outcome.condition });
    else if (this.#isDriftReported()) await this.#report('Synced', `${index.revision.slice(0, 12)} is applied: ${index.objects.size} objects`, 'True');
    return outcome.retryAfterMs === undefined ? {} : { requeueAfterMs: outcome.retryAfterMs };
  }

  #isDriftReported(): boolean {
    return this.#status.status.conditions?.some((c) => c.type === 'Synced' && c.reason === 'Drifted') ?? false;
  }

  async #report(reason: string, message: string, status: 'True' | 'False' = 'False'): Promise<void> {
    await this.#status.update({ condition: { type: 'Synced', status, reason, message } });
  }

  #planRequest({ repository, revision }: TrackedRevision, previous: ApplicationIndex | undefined, signal: AbortSignal): PlanRequest {
    const { spec } = this.#application;
    return {
      repository, revision, previous, signal, label: this.label, scheme: this.#context.scheme, renderer: this.#context.renderer,
      path: applicationFolder(this.#application),
      destinationNamespace: spec.destinationNamespace || 'default',
      units: this.#context.units, render: spec.render ?? {}, name: this.#application.metadata.name ?? '', hasInventory: this.#inventory.size > 0,
      keys: this.#context.keys.source(this.#application),
      recorded: (object) => this.#recorded(object, revision),
      otherOwner: (identity) => this.#context.otherOwner(this.key, identity),
    };
  }

  /** Where an applied object says that it comes from, if what is planned is what was applied before a restart. */
  async #recorded({ resource, object }: DesiredObject, revision: string): Promise<Provenance | undefined> {
    const { syncedRevision, observedGeneration } = this.#status.status;
    if (revision !== syncedRevision || observedGeneration !== this.#application.metadata.generation) return undefined;
    const live = this.#context.live.get(resource, object) ?? await this.#context.client.get(resource, { namespace: object.metadata.namespace, name: object.metadata.name ?? '' }).catch((error: unknown) => {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    });
    const { [COMMIT_ANNOTATION]: commit, [AUTHOR_ANNOTATION]: author } = live?.metadata.annotations ?? {};
    return commit === undefined ? undefined : { commit, author: author ?? '' };
  }

  #watch(entry: InventoryEntry): void {
    const resource = this.#context.scheme.byKind(entryApiVersion(entry), entry.kind);
    if (resource) this.#context.live.watch(resource);
  }

  #scheduleHealth(): void {
    if (!this.#index || this.#cancelHealth) return;
    this.#cancelHealth = this.#context.clock.after(HEALTH_DEBOUNCE_MS, () => {
      this.#cancelHealth = undefined;
      if (this.#index) void this.#writeHealth(this.#index);
    });
  }

  async #writeHealth(index: ApplicationIndex): Promise<void> {
    const { status, reason, message } = this.#health.summary(index);
    const before = this.#status.status.conditions?.find((c) => c.type === 'Healthy');
    if (status === 'Degraded' && before?.message !== message.slice(0, MAX_CONDITION_LENGTH)) {
      this.#context.events.event(this.#application, { type: 'Warning', reason: 'Degraded', action: 'Health', message: message.slice(0, MAX_EVENT_LENGTH) });
    }
    try {
      await this.#status.update({ condition: { type: 'Healthy', status: status === 'Healthy' ? 'True' : 'False', reason, message } });
    } catch (error) {
      this.#log.warn('the health of an application could not be written', { error });
    }
  }

  async #addFinalizer(signal: AbortSignal): Promise<void> {
    const { finalizers = [], namespace, name, resourceVersion } = this.#application.metadata;
    if (finalizers.includes(PRUNE_FINALIZER) || this.#application.spec.syncPolicy?.prune === false) return;
    const body = { metadata: { finalizers: [...finalizers, PRUNE_FINALIZER], resourceVersion } };
    this.#application = await this.#context.client.patch(APPLICATIONS, { namespace, name: name ?? '' }, { type: 'merge', body }, { signal });
  }

  async #finalize(signal: AbortSignal): Promise<QueueResult> {
    const { finalizers = [], namespace, name, resourceVersion } = this.#application.metadata;
    if (!finalizers.includes(PRUNE_FINALIZER)) return {};
    this.#index = undefined;
    await this.#prune([...this.#inventory.values()], this.#status.status.syncedRevision ?? '', signal);
    const body = { metadata: { finalizers: finalizers.filter((finalizer) => finalizer !== PRUNE_FINALIZER), resourceVersion } };
    await this.#context.client.patch(APPLICATIONS, { namespace, name: name ?? '' }, { type: 'merge', body }, { signal });
    return {};
  }
}

/** The size of an Event's note, and of a status that stays readable. */
const MAX_EVENT_LENGTH = 1000;
const MAX_ERRORS = 100;

const placeOf = ({ path, line, object, message }: SyncError): string => `${path}${line === undefined ? '' : `:${line}`}: ${object ? `${object}: ` : ''}${message}`;
