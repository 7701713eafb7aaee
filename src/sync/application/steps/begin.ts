import type { SyncError, SyncTrigger } from '#api/headway/v1/types.ts';
import { groupResource } from '#api/resource-type.ts';
import type { CheckOutcome } from '../../apply/applier.ts';
import type { DesiredObject } from '../../apply/desired-object.ts';
import { isOfDeletion } from '../../hooks/hook.ts';
import type { PlannedHook } from '../../hooks/hook-plan.ts';
import type { ApplicationIndex } from '../../inventory/application-index.ts';
import { isDefinition, kindsOf } from '../../kinds/declared-kinds.ts';
import type { OpenRecord } from '../../record/open-record.ts';
import type { TrackedRevision } from '../../source/repository-tracker.ts';
import { planStages } from '../../waves/stages.ts';
import type { ApplicationState } from '../application-state.ts';
import { isUnder, termsOf } from '../attempt.ts';
import type { Due } from '../due.ts';
import { offer } from '../hand-over.ts';
import type { GoodPlan, PlanRequest } from '../plan.ts';
import { planSync } from '../sync-plan.ts';
import { SyncRun } from '../sync-run.ts';
import { triggerOf } from '../trigger.ts';
import { withNamespace } from './create-namespace.ts';
import { declaredObjects } from './declared-objects.ts';
import { holdForHooks } from './finalizers.ts';
import { doomedBy, leftoversOf } from './leftovers.ts';
import { hasHooks, loadHooks } from './load-hooks.ts';
import { planRequest } from './plan-request.ts';
import { pruneHold } from './prune-hold.ts';

export type Beginning =
  | { readonly type: 'begun'; readonly run: SyncRun }
  /** All is as the commit says. */
  | { readonly type: 'idle'; readonly plan: GoodPlan }
  | Refused;

interface Refused {
  readonly type: 'refused';
  readonly errors: readonly SyncError[];
  readonly trigger: SyncTrigger;
  /** What the commit holds. */
  readonly index: ApplicationIndex;
  /** Only a person or another commit can help. */
  readonly isHeld?: boolean;
}

const UNCHECKED: CheckOutcome = { refused: [], changing: [], recreated: [] };

/** Plans a sync and checks it as a whole; writes nothing but the inventory and the record, which must be there before anything is made. */
export async function begin(state: ApplicationState, due: Due, signal: AbortSignal): Promise<Beginning> {
  const intent = await intend(state, due, signal);
  state.context.faults.reach('plan');
  if (intent.type === 'refused') return intent;
  const { plan, request, trigger, isAgain } = intent;
  const { revision } = due.tracked;
  const { record: adopted, hasOthers } = await state.records.adopt(revision, isAgain);
  const record = adopted ?? state.records.prepare();
  const declared = isAgain ? [] : await loadHooks(plan, request, record.name);
  const forbidden = state.context.refusals(state.application, declaredObjects(plan, declared));
  const check = forbidden.length === 0 && needsCheck(state, plan, { hooks: declared, isWhole: request.previous === undefined }) ? await checkAll(state, plan, { hooks: declared, signal }) : undefined;
  const errors = check?.errors ?? forbidden;
  if (errors.length > 0) {
    if (adopted) state.records.close(adopted, { phase: 'Failed', errors }, state.application);
    return { type: 'refused', errors, trigger, index: plan.index };
  }
  const hooks = declared.filter(({ phase }) => !isOfDeletion(phase));
  if (!isAgain) await holdForHooks(state, hooks.length < declared.length, signal);
  const changes = (check ? check.changing.length + check.unchecked.length : plan.changed.length) + doomedBy(state, plan).length;
  const runsHooks = hooks.length > 0 && (plan.hasNewHooks || due.isManual || adopted !== undefined || hasOthers || isUnfinished(state));
  if (changes === 0 && !runsHooks) {
    if (adopted) state.records.close(adopted, { phase: 'Succeeded' }, state.application);
    return { type: 'idle', plan };
  }
  await Promise.all([recordInventory(state, plan), adopted ? undefined : state.records.open(state.application, { revision, trigger, record }, signal)]);
  offer(state, doomedBy(state, plan));
  state.context.faults.reach('begun');
  return { type: 'begun', run: runOf(state, { due, plan, hooks, record, check, isAgain }) };
}

interface Intent {
  readonly type: 'planned';
  readonly plan: GoodPlan;
  readonly request: PlanRequest;
  readonly trigger: SyncTrigger;
  /** What is applied is applied again, as after a restart. */
  readonly isAgain: boolean;
}

/** What the commit changes, unless it is wrong or deletes too much. */
async function intend(state: ApplicationState, { tracked, isManual, attempt }: Due, signal: AbortSignal): Promise<Intent | Refused> {
  const { application } = state;
  const { revision, repository } = tracked;
  const isAgain = !isManual && isApplied(state, revision);
  // Whoever asks for a sync wants all of it as the commit says, also what drifted and was left alone.
  const request = planRequest(state, tracked, isManual ? undefined : previousOf(state, tracked), signal);
  const planned = await planSync(request);
  const { author } = await repository.commit(revision);
  const trigger = triggerOf({ application, status: state.status.status, revision, author, isManual, isAgain, refusal: state.refused?.attempt === attempt ? state.refused : undefined });
  if (!planned.ok) return { type: 'refused', errors: planned.errors, trigger, index: planned.index };
  // What drifted while no process looked is drift, too.
  const plan = await withNamespace(state, isAgain && leavesDrift(state) ? { ...planned, changed: [] } : planned, request);
  const held = pruneHold(state, plan, doomedBy(state, plan).filter(([identity]) => !state.context.owners.isWanted(identity)).map(([, entry]) => entry));
  return held ? { type: 'refused', errors: [held], trigger, index: plan.index, isHeld: true } : { type: 'planned', plan, request, trigger, isAgain };
}

interface Begun {
  readonly due: Due;
  readonly plan: GoodPlan;
  readonly hooks: readonly PlannedHook[];
  readonly record: OpenRecord;
  readonly check: CheckedPlan | undefined;
  readonly isAgain: boolean;
}

const runOf = (state: ApplicationState, { due, plan, hooks, record, check, isAgain }: Begun): SyncRun =>
  new SyncRun({ state, due, plan, hooks, record, recreated: check?.recreated ?? [], unchecked: check?.unchecked ?? [], isGated: !isAgain });

/** The commit was applied in full under this spec, as far as the status says. */
export const isApplied = ({ status, application }: ApplicationState, revision: string): boolean =>
  status.status.syncedRevision === revision && status.status.observedGeneration === application.metadata.generation;

/** A sync has begun or failed since the last that ended well: of which hooks have run, and for which commit, nothing is known. */
export const isUnfinished = ({ status: { status }, isUncertain }: ApplicationState): boolean => isUncertain || status.syncedRevision === undefined || status.attemptedRevision !== status.syncedRevision;

/** Another destination changes every object, not only those of changed files; and half a commit may be anything. */
function previousOf({ index, applied, application, isUncertain }: ApplicationState, tracked: TrackedRevision) {
  return isUnder(applied, termsOf(tracked, application)) && !isUncertain ? index : undefined;
}

export const leavesDrift = ({ application }: ApplicationState): boolean => (application.spec.syncPolicy?.selfHeal ?? 'Heal') !== 'Heal';

/** A change of some files that is one transaction is checked by that transaction itself. */
function needsCheck({ context }: ApplicationState, { changed, index }: GoodPlan, { hooks, isWhole }: { readonly hooks: readonly PlannedHook[]; readonly isWhole: boolean }): boolean {
  return isWhole || hasHooks(index) || planStages(changed, hooks).length > 1 || changed.some(({ options, object }) => options.recreates !== 'never' || isDefinition(object) || !context.scheme.of(object));
}

interface CheckedPlan extends Pick<CheckOutcome, 'changing' | 'recreated'> {
  readonly errors: readonly SyncError[];
  /** Objects that cannot be judged before the definitions of the commit are in force. */
  readonly unchecked: readonly DesiredObject[];
}

async function checkAll({ context, application }: ApplicationState, { changed }: GoodPlan, { hooks, signal }: { readonly hooks: readonly PlannedHook[]; readonly signal: AbortSignal }): Promise<CheckedPlan> {
  const call = { client: context.clientFor(application), signal };
  const due = changed.filter(({ options }) => options.apply !== 'ignored');
  const isServed = ({ object }: DesiredObject): boolean => context.scheme.of(object) !== undefined;
  // One that is there already may be refused for what it will be cleared of.
  const fresh = await Promise.all(hooks.filter(({ desired }) => isServed(desired)).map(async ({ desired }) => ((await context.applier.find(desired, call)) ? [] : [desired])));
  const byIdentity = new Map(fresh.flat().map((desired) => [desired.identity, desired]));
  const { refused, changing, recreated } = due.length + byIdentity.size > 0 ? await context.applier.check([...due.filter(isServed), ...byIdentity.values()], call) : UNCHECKED;
  const defined = new Set(changing.flatMap(({ object }) => kindsOf(object)).map(groupResource));
  const isExcused = ({ resource }: DesiredObject): boolean => defined.has(groupResource(resource));
  return {
    errors: refused.flatMap(({ desired, errors }) => (isExcused(desired) ? [] : errors)), recreated,
    changing: changing.filter(({ identity }) => !byIdentity.has(identity)),
    unchecked: [...due.filter((desired) => !isServed(desired)), ...refused.flatMap(({ desired }) => (isExcused(desired) ? [desired] : []))],
  };
}

async function recordInventory(state: ApplicationState, { index, changed }: GoodPlan): Promise<void> {
  const added = changed.flatMap(({ identity }) => {
    const object = state.inventory.has(identity) ? undefined : index.objects.get(identity);
    return object ? [[identity, object] as const] : [];
  });
  if (added.length === 0) return;
  state.inventory = new Map([...state.inventory, ...added]);
  // In the order that it will have in the end: then the end writes nothing of it, if nothing goes.
  await state.status.update({ inventory: [...index.inventory(), ...leftoversOf(state, { index }).map(([, entry]) => entry)] });
}
