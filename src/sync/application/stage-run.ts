import type { SyncError } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource } from '#api/resource-type.ts';
import type { AppliedObject, ApplyContext } from '../apply/applier.ts';
import type { DesiredObject } from '../apply/desired-object.ts';
import { SERVICE_ACCOUNT_MISSING } from '../apply/refusals.ts';
import { HOOK_RUN_ANNOTATION, type PlannedHook } from '../hooks/hook-plan.ts';
import { compileOverrides, type HealthOverrides } from '../health/overrides.ts';
import { hookState, type HookState } from '../hooks/hook-state.ts';
import { describe, type Identity } from '../inventory/identity.ts';
import { kindsOf } from '../kinds/declared-kinds.ts';
import { appliedRecord, hookRecord } from '../record/synced-object.ts';
import type { OpenRecord } from '../record/open-record.ts';
import { parseDuration } from '../source/duration.ts';
import { unreadyErrors, unreadyObjects, waitingFor, type Unready } from '../waves/readiness.ts';
import type { Stage } from '../waves/stages.ts';
import type { ApplicationState } from './application-state.ts';

export interface StageRunOptions {
  readonly state: Pick<ApplicationState, 'context' | 'application' | 'records' | 'log'>;
  /** The commit for which it runs. */
  readonly revision: string;
  readonly record: OpenRecord;
  readonly stages: readonly Stage[];
  /** What runs when one of them fails. */
  readonly failStages: readonly Stage[];
  /** Objects whose change can only be made by deleting them first. */
  readonly recreated: readonly DesiredObject[];
  /** Objects that could not be checked before the definitions of this commit are in force. */
  readonly unchecked: readonly DesiredObject[];
  /** Whether waves wait for the health of those before. */
  readonly isGated: boolean;
}

export type Progress =
  | { readonly type: 'done' }
  /** Goes on when something changes, and is asked again after this at the latest. */
  | { readonly type: 'waiting'; readonly waitMs: number; readonly message: string }
  | { readonly type: 'failed'; readonly errors: readonly SyncError[] };

type Step = 'clear' | 'apply' | 'await';
type Waiting = Extract<Progress, { readonly type: 'waiting' }>;

const DEFAULT_TIMEOUT_MS = 300_000;
/** What goes away need not be watched by us: it may carry no label. */
const DELETION_LOOK_MS = 500;
/** A definition that is in force here may be so a moment later at the API server that we talk to. */
const KINDS_RETRY_MS = 100;
const KINDS_GRACE_MS = 1000;
const SERVICE_ACCOUNT_RETRY_MS = 250;
/** Of a pod or a job nothing is left to do once it has run. */
const RUNS_ONCE: ReadonlySet<string> = new Set(['jobs.batch', 'pods']);

/**
 * On the way through the stages of a sync or a deletion: each is cleared of what stands in its way, applied, and waited for. Between two calls of
 * `advance` nothing runs.
 *
 *     clear -> apply -> await -> (next stage) clear ... -> done
 *                 \-------\----> SyncFail stages -> failed
 */
export class StageRun {
  readonly #options: StageRunOptions;
  readonly #overrides: HealthOverrides;
  #stages: readonly Stage[];
  #at = 0;
  #step: Step = 'clear';
  /** By the monotonic clock. */
  #enteredAt = 0;
  #applied: readonly AppliedObject[] = [];
  #failure: readonly SyncError[] | undefined;
  #hasWritten = false;
  /** Hooks of this stage that have completed or failed. */
  readonly #ended = new Map<Identity, HookState>();
  /** UIDs of the objects that were deleted to be made anew. */
  readonly #replaced = new Map<Identity, string>();

  constructor(options: StageRunOptions) {
    this.#options = options;
    this.#overrides = compileOverrides(options.state.application.spec.health ?? []);
    this.#stages = options.stages;
  }

  /** Whether something may have been applied. */
  get hasWritten(): boolean {
    return this.#hasWritten;
  }

  /** Whether the run may go on because of a change of the object. What a hook has come to counts from now on: its object may be gone in a moment. */
  noteChange(identity: Identity): boolean {
    const stage = this.#stages[this.#at];
    const hook = stage?.hooks.find(({ desired }) => desired.identity === identity);
    if (hook) this.#noteEnd(hook);
    return hook !== undefined || stage?.objects.some((desired) => desired.identity === identity) === true;
  }

  #noteEnd({ desired }: PlannedHook): void {
    const live = this.#options.state.context.live.get(desired.resource, desired.object);
    const state = live && stateOf({ desired }, live, this.#overrides);
    if (state && state.state !== 'Running') this.#ended.set(desired.identity, state);
  }

  /** Goes as far as it can without waiting. */
  async advance(signal: AbortSignal): Promise<Progress> {
    for (let stage = this.#stages[this.#at]; stage; stage = this.#stages[this.#at]) {
      signal.throwIfAborted();
      const result = await this.#work(stage, this.#contextOf(signal));
      if (result === 'next') this.#enter('clear', this.#at + 1);
      else if (result === 'again') continue;
      else if ('waitMs' in result) return result;
      else this.#fail(result);
    }
    return this.#failure ? { type: 'failed', errors: this.#failure } : { type: 'done' };
  }

  /** One step of a stage. */
  async #work(stage: Stage, context: ApplyContext): Promise<'again' | 'next' | Waiting | readonly SyncError[]> {
    switch (this.#step) {
      case 'clear': return (await this.#clear(stage, context)) ?? this.#enter('apply');
      case 'apply': return this.#apply(stage, context);
      case 'await': return this.#await(stage, context);
    }
  }

  #enter(step: Step, at = this.#at): 'again' {
    this.#step = step;
    if (step === 'clear') this.#ended.clear();
    this.#at = at;
    this.#enteredAt = this.#options.state.context.clock.monotonic();
    return 'again';
  }

  /** The hooks for a failure run before it is told; when one of them fails too, that is told as well. */
  #fail(errors: readonly SyncError[]): void {
    const isFirst = this.#failure === undefined;
    this.#failure = [...(this.#failure ?? []), ...errors];
    this.#stages = isFirst ? this.#options.failStages : [];
    this.#enter('clear', 0);
  }

  /** Deletes what an earlier sync left of the stage's hooks, and what must be made anew. */
  async #clear(stage: Stage, context: ApplyContext): Promise<Waiting | undefined> {
    const { applier } = this.#options.state.context;
    const hooks = stage.hooks.filter((hook) => !this.#hasCompleted(hook));
    const recreated = stage.objects.filter((desired) => this.#options.recreated.includes(desired));
    const found = await Promise.all([
      ...hooks.map(async (hook) => ((live) => (live && isInTheWay(hook, live) ? [live] : []))(await applier.find(hook.desired, context))),
      ...recreated.map(async (desired) => ((live) => (live && this.#isReplaced(desired, live) ? [live] : []))(await applier.find(desired, context))),
    ]);
    const old = found.flat();
    if (old.length === 0 || this.#isOverdue()) return undefined;
    this.#hasWritten = true;
    const present = old.filter(({ metadata }) => !metadata.deletionTimestamp);
    await applier.delete(present, context);
    // Most are gone at once.
    return { type: 'waiting', waitMs: present.length > 0 ? 1 : DELETION_LOOK_MS, message: `waiting until ${old.map(({ kind, metadata }) => describe(kind, metadata)).join(', ')} is gone, to be made anew` };
  }

  /** Whether it is the object that is replaced, and not the one in its place. */
  #isReplaced({ identity }: DesiredObject, { metadata: { uid = '' } }: KubeObject): boolean {
    const known = this.#replaced.get(identity) ?? uid;
    this.#replaced.set(identity, known);
    return known === uid;
  }

  async #apply(stage: Stage, context: ApplyContext): Promise<'again' | Waiting | readonly SyncError[]> {
    const { state } = this.#options;
    const hooks = stage.hooks.filter((hook) => !this.#hasCompleted(hook)).map(({ desired }) => desired);
    for (const { resource } of hooks) state.context.live.watch(resource);
    state.context.faults.reach(`before-wave:${this.#at}`);
    this.#hasWritten = true;
    const { errors, applied } = await state.context.applier.applyAtOnce([...stage.objects, ...hooks], context);
    if (errors.length > 0) return errors.every(({ reason }) => reason === SERVICE_ACCOUNT_MISSING) && !this.#isOverdue() ? this.#waitForAccounts(errors) : errors;
    state.context.faults.reach(`after-wave:${this.#at}`);
    const isHook = (one: AppliedObject): boolean => hooks.includes(one.desired);
    this.#applied = applied.filter((one) => !isHook(one));
    this.#options.record.add(this.#applied.flatMap(appliedRecord));
    this.#options.record.addUnchanged(this.#applied.filter(({ outcome }) => outcome === 'unchanged').length);
    return this.#enter('await');
  }

  /** A new namespace gets its service account within milliseconds. */
  #waitForAccounts(errors: readonly SyncError[]): Waiting {
    return { type: 'waiting', waitMs: SERVICE_ACCOUNT_RETRY_MS, message: errors.map(({ message }) => message).join('; ') };
  }

  async #await(stage: Stage, context: ApplyContext): Promise<'next' | Waiting | readonly SyncError[]> {
    const kinds = await this.#awaitKinds(stage, context);
    if (kinds) return kinds;
    const { live } = this.#options.state.context;
    const find = ({ resource, object }: DesiredObject): KubeObject | undefined => live.get(resource, object);
    const unready = stage.awaitsHealth && this.#options.isGated ? unreadyObjects(this.#applied, find, this.#overrides) : [];
    const hooks = stage.hooks.map((hook) => ({ hook, ...(this.#hasCompleted(hook) ? COMPLETED : this.#ended.get(hook.desired.identity) ?? stateOf(hook, find(hook.desired), this.#overrides)) }));
    const failed = hooks.filter(({ state }) => state === 'Failed');
    if (failed.length > 0) return this.#hooksFailed(failed, context);
    const running: readonly Unready[] = hooks.flatMap(({ hook: { desired }, state, message }) => (state === 'Running' ? [{ desired, message }] : []));
    const all = [...running, ...unready];
    if (all.length === 0) return this.#leave(stage, context);
    if (this.#isOverdue()) return [...unreadyErrors(running, 'HookTimeout', 'the hook has not completed in time'), ...unreadyErrors(unready, 'HealthTimeout', 'not healthy in time')];
    return { type: 'waiting', waitMs: this.#remainingMs(), message: `${stage.phase} wave ${stage.wave} waits for ${waitingFor(all)}` };
  }

  /** Definitions that were applied must be served before what they define can be checked. */
  async #awaitKinds({ objects }: Stage, context: ApplyContext): Promise<Waiting | readonly SyncError[] | undefined> {
    const { context: { scheme, applier, clock } } = this.#options.state;
    const kinds = objects.flatMap(({ object }) => kindsOf(object));
    if (kinds.length === 0) return undefined;
    const missing = kinds.filter((kind) => !scheme.byPlural(kind.group, kind.version, kind.plural));
    if (missing.length > 0 && !this.#isOverdue()) return { type: 'waiting', waitMs: this.#remainingMs(), message: `waiting until ${missing.map((kind) => `${groupResource(kind)}/${kind.version}`).join(', ')} is served` };
    const unchecked = this.#options.unchecked.filter(({ resource }) => kinds.some((kind) => groupResource(kind) === groupResource(resource)));
    const errors = (await applier.check(unchecked, context)).refused.flatMap((refused) => refused.errors);
    if (errors.length === 0) return undefined;
    const isEarly = clock.monotonic() - this.#enteredAt < KINDS_GRACE_MS;
    return isEarly ? { type: 'waiting', waitMs: KINDS_RETRY_MS, message: errors.map(({ message }) => message).join('; ') } : errors;
  }

  /** A hook that has run is written down before its object may go: it does not run twice. */
  async #leave({ hooks }: Stage, context: ApplyContext): Promise<'next'> {
    const { state } = this.#options;
    const news = hooks.filter((hook) => !this.#hasCompleted(hook));
    this.#options.record.add(news.map(({ desired, phase }) => hookRecord(desired, phase, { outcome: 'Completed', message: '' })));
    if (news.length > 0) await state.records.flush(this.#options.record);
    state.context.faults.reach(`hooks-recorded:${this.#at}`);
    await this.#deleteHooks(hooks.filter(({ declaration }) => declaration.deletions.has('HookSucceeded')), context);
    return 'next';
  }

  async #hooksFailed(failed: readonly { readonly hook: PlannedHook; readonly message: string }[], context: ApplyContext): Promise<readonly SyncError[]> {
    this.#options.record.add(failed.map(({ hook: { desired, phase }, message }) => hookRecord(desired, phase, { outcome: 'Failed', message })));
    await this.#deleteHooks(failed.flatMap(({ hook }) => (hook.declaration.deletions.has('HookFailed') ? [hook] : [])), context);
    return unreadyErrors(failed.map(({ hook: { desired }, message }) => ({ desired, message })), 'HookFailed', 'the hook failed');
  }

  async #deleteHooks(hooks: readonly PlannedHook[], context: ApplyContext): Promise<void> {
    const { applier } = this.#options.state.context;
    const live = await Promise.all(hooks.map(({ desired }) => applier.find(desired, context)));
    await applier.delete(live.filter((object) => object !== undefined && !object.metadata.deletionTimestamp).filter((object) => object !== undefined), context);
  }

  #hasCompleted({ phase, desired: { object, resource } }: PlannedHook): boolean {
    return this.#options.record.hasCompleted({ hook: phase, kind: resource.kind, name: object.metadata.name, namespace: object.metadata.namespace });
  }

  #isOverdue(): boolean {
    return this.#remainingMs() <= 0;
  }

  #remainingMs(): number {
    const { context, application } = this.#options.state;
    const timeoutMs = parseDuration(application.spec.syncPolicy?.timeout ?? '') ?? DEFAULT_TIMEOUT_MS;
    return this.#enteredAt + timeoutMs - context.clock.monotonic();
  }

  #contextOf(signal: AbortSignal): ApplyContext {
    const { state, revision } = this.#options;
    return { client: state.context.clientFor(state.application), revision, log: state.log, signal };
  }
}

const COMPLETED: HookState = { state: 'Completed', message: '' };

const runOf = ({ metadata }: KubeObject): string | undefined => metadata.annotations?.[HOOK_RUN_ANNOTATION];

/** Left by another sync, or still going away. */
function isInTheWay({ desired, declaration }: PlannedHook, live: KubeObject): boolean {
  if (live.metadata.deletionTimestamp) return true;
  if (runOf(live) === runOf(desired.object)) return false;
  return declaration.deletions.has('BeforeHookCreation') || RUNS_ONCE.has(groupResource(desired.resource));
}

/** What another sync left is not ours to judge by. */
const stateOf = ({ desired }: Pick<PlannedHook, 'desired'>, live: KubeObject | undefined, overrides: HealthOverrides): HookState =>
  live && runOf(live) !== runOf(desired.object) ? { state: 'Running', message: 'the hook has not been seen yet' } : hookState(desired.resource, live, overrides);
