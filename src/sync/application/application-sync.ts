import type { Application } from '#api/headway/v1/types.ts';
import { joinKey, type NamespacedName } from '#api/object.ts';
import type { QueueResult } from '#queue/work-queue.ts';
import type { Drift } from '../heal/drift.ts';
import { entryApiVersion, type Identity } from '../inventory/identity.ts';
import { remainingDrift } from '../policy/ignored-drift.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';
import { ApplicationState } from './application-state.ts';
import type { ApplicationContext } from './context.ts';
import { passGates } from './gate.ts';
import { execute } from './steps/execute.ts';
import { addFinalizer, finalize } from './steps/finalize.ts';
import { heal } from './steps/heal.ts';
import { planRequest } from './steps/plan-request.ts';
import { refuse } from './steps/refuse.ts';
import { succeed } from './steps/succeed.ts';
import { planSync } from './sync-plan.ts';

/**
 * Keeps one Application applied. `run` is called by its queue job, never twice at once, and does whatever is due: a new commit,
 * drift, the deletion.
 */
export class ApplicationSync {
  readonly #state: ApplicationState;
  #abort = new AbortController();

  constructor(application: Application, context: ApplicationContext) {
    this.#state = new ApplicationState(application, context);
  }

  get key(): NamespacedName {
    return this.#state.key;
  }

  get application(): Application {
    return this.#state.application;
  }

  declares(identity: Identity): boolean {
    return this.#state.inventory.has(identity);
  }

  /** The object as it is now. A new spec supersedes a sync in flight. */
  observe(application: Application): void {
    const before = this.#state.application.metadata;
    const isNew = application.metadata.generation !== before.generation || application.metadata.deletionTimestamp !== before.deletionTimestamp;
    this.#state.application = application;
    if (isNew) this.supersede();
  }

  /** Something newer is there: the sync in flight ends now, and the next one starts from what is in force. */
  supersede(): void {
    this.#state.refused = undefined;
    this.#abort.abort(new Error('superseded by something newer'));
    this.#state.context.enqueue(this.key);
  }

  /** Other rules bind the application than before: what is applied is planned and judged again, too. */
  rejudge(): void {
    this.#state.applied = '';
    this.supersede();
  }

  stop(): void {
    this.#abort.abort(new Error('stopped'));
    this.#state.health.stop();
  }

  noteDrift(identity: Identity, drift: Drift | undefined): void {
    const { index, drifted } = this.#state;
    if (!index?.objects.has(identity)) return;
    const left = drift && this.#remaining(identity, drift);
    if (drift && !left) return;
    const news = new Map([...drifted, [identity, left] as const]);
    // A namespace takes all that is in it along, and only once it is gone can they be made again.
    if (drift === undefined && identity.startsWith('namespaces/')) {
      const name = identity.slice('namespaces/'.length);
      for (const [other, { object }] of index.objects) if (object.entry.namespace === name) news.set(other, undefined);
    }
    this.#state.drifted = news;
    this.#state.context.enqueue(this.key);
  }

  #remaining(identity: Identity, drift: Drift): Drift | undefined {
    const { index, context, application: { spec: { ignoreDifferences = [] } } } = this.#state;
    const entry = ignoreDifferences.length > 0 ? index?.objects.get(identity)?.object.entry : undefined;
    const resource = entry && context.scheme.byKind(entryApiVersion(entry), entry.kind);
    const live = resource && context.live.byKey(resource, joinKey(entry?.namespace, entry?.name ?? ''));
    return live ? remainingDrift(drift, live, ignoreDifferences) : drift;
  }

  noteChange(identity: Identity): void {
    this.#state.health.mark(identity);
  }

  notePods(namespace: string | undefined): void {
    this.#state.health.markNamespace(namespace);
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
    const { application, context, refused } = this.#state;
    if (application.metadata.deletionTimestamp) return finalize(this.#state, signal);
    const { tracked, error } = context.source(application);
    if (!tracked) {
      if (error) await this.#report('SourceNotReady', error.message);
      return {};
    }
    const attempt = `${tracked.revision} ${application.metadata.generation}`;
    const wait = refused?.attempt === attempt ? refused.until - context.clock.monotonic() : 0;
    const result = attempt !== this.#state.applied && wait <= 0 ? await this.#sync(tracked, attempt, signal) : wait > 0 ? { requeueAfterMs: wait } : {};
    const { drifted, index } = this.#state;
    return drifted.size > 0 && index ? heal(this.#state, tracked, index, signal) : result;
  }

  /** Gate, plan, check, execute; each step may end the sync. */
  async #sync(tracked: TrackedRevision, attempt: string, signal: AbortSignal): Promise<QueueResult> {
    const state = this.#state;
    const started = state.context.clock.monotonic();
    const verdict = await passGates(state.context.gates, { application: state.application, tracked, isManual: false }, signal);
    if (verdict.type !== 'go') {
      await this.#report(verdict.reason, verdict.message);
      return verdict.type === 'wait' ? { requeueAfterMs: verdict.waitMs } : {};
    }
    await addFinalizer(state, signal);
    // Another destination changes every object, not only those of changed files.
    const isSameSpec = state.applied.split(' ')[1] === String(state.application.metadata.generation);
    const plan = await planSync(planRequest(state, tracked, isSameSpec ? state.index : undefined, signal));
    if (!plan.ok) return refuse(state, { tracked, attempt, errors: plan.errors }, signal);
    const forbidden = state.context.refusals(state.application, plan.index);
    if (forbidden.length > 0) return refuse(state, { tracked, attempt, errors: forbidden }, signal);
    const refusals = await state.context.applier.check(plan.changed, { client: state.context.clientFor(state.application), signal });
    if (refusals.length > 0) return refuse(state, { tracked, attempt, errors: refusals }, signal);
    const errors = await execute(state, plan, signal);
    if (errors.length > 0) return refuse(state, { tracked, attempt, errors }, signal);
    await succeed(state, plan.index, attempt);
    state.log.info('application synced', { revision: tracked.revision, objects: plan.changed.length, durationMs: Math.round(state.context.clock.monotonic() - started) });
    return {};
  }

  async #report(reason: string, message: string): Promise<void> {
    await this.#state.status.update({ condition: { type: 'Synced', status: 'False', reason, message } });
  }
}
