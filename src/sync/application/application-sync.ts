import type { Application, InventoryEntry } from '#api/headway/v1/types.ts';
import { joinKey, type NamespacedName } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { QueueResult } from '#queue/work-queue.ts';
import type { Drift } from '../heal/drift.ts';
import type { ApplicationIndex } from '../inventory/application-index.ts';
import { type Identity, resourceOfEntry } from '../inventory/identity.ts';
import { remainingDrift } from '../policy/ignored-drift.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';
import { ApplicationState } from './application-state.ts';
import { isUnder, termsOf } from './attempt.ts';
import type { ApplicationContext } from './context.ts';
import { dueOf, type Due } from './due.ts';
import { appliedIndex, leavesAlone } from './newer-commit.ts';
import type { Standing, Standings } from './standings.ts';
import { finalize } from './steps/finalize.ts';
import { heal } from './steps/heal.ts';
import { isAnyServed, tellApplied } from './steps/succeed.ts';
import { endRun, reportUnsynced, syncIfDue } from './steps/sync.ts';
import { hasNewWord, targetOf } from './target.ts';

/**
 * Keeps one Application applied. `run` is called by its queue job, never twice at once, and does whatever is due: a new commit, the next
 * wave of one that is under way, drift, the deletion. Nothing waits inside of it.
 */
export class ApplicationSync {
  readonly #state: ApplicationState;
  readonly #standing: Standing;
  #abort = new AbortController();
  #isRunning = false;
  /** Something has happened that no job has looked at yet. */
  #isDue = true;
  /** What was due is being looked at. */
  #isLooking = false;
  #isOffered = false;
  /** Something that the sync under way may wait for has changed during a job of it. */
  #hasNews = false;

  constructor(application: Application, context: ApplicationContext, standings: Standings<ApplicationSync>) {
    this.#standing = standings.enter(this);
    this.#state = new ApplicationState(application, context, this.#standing);
    this.#notePending();
  }

  get key(): NamespacedName {
    return this.#state.key;
  }

  /** Its conditions are of what is applied now, and nothing is under way. */
  get isSettled(): boolean {
    return !this.#state.run && this.#state.health.isSettled;
  }

  /** Another application has just let go of what this one was refused for. */
  get isOffered(): boolean {
    return this.#isOffered;
  }

  /** Whether it will have the object once a commit is applied that is under way, or was refused. */
  isToDeclare(identity: Identity): boolean {
    const { run, refused } = this.#state;
    return run?.plan.index.objects.has(identity) === true || refused?.index?.objects.has(identity) === true;
  }

  get application(): Application {
    return this.#state.application;
  }

  /** The object as it is now. A new spec supersedes a sync in flight; what a person says by annotation has it looked at again. */
  observe(application: Application): void {
    const before = this.#state.application;
    const isNew = application.metadata.generation !== before.metadata.generation || application.metadata.deletionTimestamp !== before.metadata.deletionTimestamp;
    this.#state.application = application;
    if (isNew) this.supersede();
    else if (hasNewWord(before, application)) this.retry();
  }

  /** The repository has another commit. One that changes nothing of the application makes no work of it, and ends none. */
  async noteRevision(tracked: TrackedRevision): Promise<void> {
    const state = this.#state;
    this.#setDue(true);
    // The hooks of a deletion may be mended by it.
    if (this.application.metadata.deletionTimestamp) return this.retry();
    const due = this.#dueAt(tracked);
    if (this.#isRunning || state.run) return !due || (await this.#leavesJobAlone(due)) ? state.context.enqueue(this.key) : this.supersede();
    const { index } = state;
    const next = due && this.#isAtRest(tracked) ? await appliedIndex(state, due) : undefined;
    if (!due || !next || state.index !== index || !this.#isAtRest(tracked)) return this.supersede();
    state.index = next;
    state.applied = due.attempt;
    this.#setDue(false);
    state.context.idleReports.add(this.key, () => this.#tellUnaffected(next, tracked));
  }

  /** Something newer is there: the sync in flight ends now, and the next one starts from what is in force. */
  supersede(): void {
    if (this.#isRunning) this.#abort.abort(new Error('superseded by something newer'));
    this.#enqueue();
  }

  /** Other rules bind the application than before, or other keys open what is encrypted: what is applied is planned and judged again, too. */
  rejudge(): void {
    this.#state.applied = '';
    this.#state.refused = undefined;
    this.supersede();
  }

  /** What stood in the way may have gone: what was refused need not wait for its time. */
  retry(): void {
    const { refused, deletion } = this.#state;
    if (deletion) deletion.retryAt = 0;
    if (refused) this.#state.refused = { ...refused, until: 0 };
    this.#enqueue();
  }

  /** What this one was refused for has become free. */
  offer(): void {
    this.#isOffered = true;
    this.retry();
  }

  /** Another application declares what a commit of this one deletes, so that less is deleted than it seemed. */
  noteWanted(): void {
    if (this.#state.refused?.errors.some(({ reason }) => reason === 'PruneNotConfirmed')) this.retry();
  }

  #enqueue(): void {
    this.#setDue(true);
    this.#state.context.enqueue(this.key);
  }

  #setDue(isDue: boolean): void {
    this.#isDue = isDue;
    this.#notePending();
  }

  /** It may soon declare other objects than it does, unless it goes. */
  #notePending(): void {
    this.#standing.notePending((this.#isDue || this.#isLooking) && !this.application.metadata.deletionTimestamp);
  }

  stop(): void {
    this.#standing.leave();
    this.#abort.abort(new Error('stopped'));
    this.#state.health.stop();
    this.#state.heals.close();
    const { context, inventory, key } = this.#state;
    for (const identity of inventory.keys()) context.owners.release(key, identity);
  }

  noteDrift(identity: Identity, drift: Drift | undefined): void {
    const { index, drifted, application, context, inventory } = this.#state;
    // Somebody else has deleted what waited to be pruned.
    if (!drift && inventory.get(identity)?.entry.requiresPruning) context.enqueue(this.key);
    if (!index?.objects.has(identity) || application.spec.syncPolicy?.selfHeal === 'Off') return;
    const left = drift && this.#remaining(identity, drift);
    if (drift && !left) return;
    drifted.set(identity, left);
    // A namespace takes all that is in it along, and only once it is gone can they be made again.
    if (drift === undefined && identity.startsWith('namespaces/')) {
      const name = identity.slice('namespaces/'.length);
      for (const [other, { entry }] of index.objects) if (entry.namespace === name) drifted.set(other, undefined);
    }
    context.enqueue(this.key);
  }

  /** Without what the application leaves to others. */
  #remaining(identity: Identity, drift: Drift): Drift | undefined {
    const { index, context, application: { spec: { ignoreDifferences = [] } } } = this.#state;
    const entry = ignoreDifferences.length > 0 ? index?.objects.get(identity)?.entry : undefined;
    const resource = entry && resourceOfEntry(context.scheme, entry);
    const live = resource && context.live.byKey(resource, joinKey(entry?.namespace, entry?.name ?? ''));
    return live ? remainingDrift(drift, live, ignoreDifferences) : drift;
  }

  noteChange(identity: Identity): void {
    this.#state.health.mark(identity);
    if (this.#state.reported.has(identity)) this.noteDrift(identity, undefined);
    const { run, deletion, inventory } = this.#state;
    const mayGoOn = (run ?? deletion?.run?.stages)?.noteChange(identity) === true;
    // A job under way has written it itself, most likely; whether there is something left to go on with is seen when it ends.
    if (this.#isRunning) this.#hasNews ||= mayGoOn;
    else if (mayGoOn) this.#state.context.enqueue(this.key);
    if (inventory.get(identity)?.entry.requiresPruning || this.application.metadata.deletionTimestamp) this.#state.context.enqueue(this.key);
  }

  notePods(namespace: string): void {
    this.#state.health.markNamespace(namespace);
  }

  /** A kind is served that was not, or in other versions: what went with its definition is made again. */
  noteServed(resource: ResourceType): void {
    const { run, refused, inventory, index, context } = this.#state;
    const isOfKind = ({ group, kind }: InventoryEntry): boolean => group === resource.group && kind === resource.kind;
    if ([...inventory.values()].some(({ entry }) => isOfKind(entry))) context.live.watch(resource);
    for (const [identity, { entry }] of index?.objects ?? []) if (isOfKind(entry)) this.noteDrift(identity, undefined);
    if (index && !run && isAnyServed(this.#state, index)) this.rejudge();
    else if (refused?.errors.some(({ reason }) => reason === 'UnknownKind')) this.retry();
    else if (run) context.enqueue(this.key);
  }

  async run(jobSignal: AbortSignal): Promise<QueueResult> {
    this.#abort = new AbortController();
    this.#isRunning = true;
    this.#isLooking = this.#isDue;
    this.#isDue = false;
    const signal = AbortSignal.any([jobSignal, this.#abort.signal]);
    try {
      return await this.#reconcile(signal);
    } catch (error) {
      // Superseded: whoever did it has added the key again.
      if (this.#abort.signal.aborted) return {};
      throw error;
    } finally {
      this.#isRunning = false;
      if (this.#hasNews && (this.#state.run ?? this.#state.deletion?.run)) this.#state.context.enqueue(this.key);
      this.#hasNews = false;
      this.#isLooking = false;
      this.#notePending();
      this.#isOffered &&= this.#isDue;
    }
  }

  /** All is as the last commit says, and the newest commit is the one to follow. */
  #isAtRest(tracked: TrackedRevision): boolean {
    const { application, applied, refused, run, isUncertain } = this.#state;
    const { spec, metadata } = application;
    return !this.#isRunning && !run && !refused && !isUncertain && isUnder(applied, termsOf(tracked, application)) && !spec.pinnedRevision && spec.syncPolicy?.automated !== false && !metadata.deletionTimestamp;
  }

  /** A job that syncs nothing may be healing what is applied. */
  async #leavesJobAlone(due: Due): Promise<boolean> {
    const { run, planning } = this.#state;
    return run || planning ? leavesAlone(this.#state, due) : (await appliedIndex(this.#state, due)) !== undefined;
  }

  async #tellUnaffected(index: ApplicationIndex, tracked: TrackedRevision): Promise<void> {
    if (this.#state.index === index && this.#isAtRest(tracked)) await tellApplied(this.#state, index);
  }

  async #reconcile(signal: AbortSignal): Promise<QueueResult> {
    const state = this.#state;
    const { application, context } = state;
    if (application.metadata.deletionTimestamp) {
      endRun(state);
      return finalize(state, signal);
    }
    const { tracked: newest, error } = context.source(application);
    if (!newest) {
      if (error) await reportUnsynced(state, 'SourceNotReady', error.message);
      return {};
    }
    const due = this.#dueAt(newest);
    if (!due) {
      await reportUnsynced(state, 'NotRequested', `${newest.revision.slice(0, 12)} is not synced: spec.syncPolicy.automated is false, and annotation headway.dev/sync has not asked for it`);
      return {};
    }
    const result = await syncIfDue(state, due, signal);
    const { drifted, index } = state;
    const healed = drifted.size > 0 && index ? await heal(state, due.tracked, index, signal) : {};
    return earlier(result, healed);
  }

  /** What is to be synced while this commit is the newest; undefined as long as nobody has asked for it. */
  #dueAt(newest: TrackedRevision): Due | undefined {
    const { application, status } = this.#state;
    const target = targetOf({ application, status: status.status, newest: newest.revision });
    return target && dueOf(newest, target, application);
  }
}

function earlier(a: QueueResult, b: QueueResult): QueueResult {
  const waits = [a.requeueAfterMs, b.requeueAfterMs].filter((ms) => ms !== undefined);
  return waits.length > 0 ? { requeueAfterMs: Math.min(...waits) } : {};
}
