import { countIndexes } from '../job-policies.ts';
import { IMMUTABLE, type Problems } from '../problems.ts';
import type { Job, JobStatus } from '#api/generated/batch/v1.ts';
import { jsonEqual } from '#api/json.ts';

/** A part of the status before and after. Most rules hold only for what a write changes: a change of the spec may have made the rest wrong. */
interface Change {
  readonly job: Job;
  readonly now: JobStatus;
  readonly before: JobStatus;
  readonly isIndexed: boolean;
}

const CONDITIONS = 'status.conditions';
const TERMINAL = ['Failed', 'Complete', 'FailureTarget'] as const;

const is = ({ conditions }: JobStatus, type: string): boolean => conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
const isFinished = (status: JobStatus): boolean => is(status, 'Complete') || is(status, 'Failed');
const at = (time: string | undefined): number => (time === undefined ? Number.NaN : Date.parse(time));

/** Whoever runs a job, also another controller (`managedBy`), must tell of it what clients rely on. */
export function validateJobStatus(problems: Problems, job: Job, old: Job): void {
  const change: Change = { job, now: job.status ?? {}, before: old.status ?? {}, isIndexed: job.spec.completionMode === 'Indexed' };
  for (const name of ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const) problems.atLeast(`status.${name}`, change.now[name], 0);
  checkUncounted(problems, change.now);
  checkOutcome(problems, change);
  checkTimes(problems, change);
  checkFinished(problems, change);
  checkIndexes(problems, change);
  checkProgress(problems, change);
}

function checkUncounted(problems: Problems, { uncountedTerminatedPods: pods }: JobStatus): void {
  const seen = new Set<string>();
  for (const list of ['succeeded', 'failed'] as const) for (const [i, uid] of (pods?.[list] ?? []).entries()) {
    const field = `status.uncountedTerminatedPods.${list}[${i}]`;
    if (uid === '') problems.invalid(field, uid, 'must not be empty');
    else if (seen.has(uid)) problems.duplicate(field, uid);
    seen.add(uid);
  }
}

/** A job ends once, and one way. */
function checkOutcome(problems: Problems, { job, now, before }: Change): void {
  const changes = (...types: string[]): boolean => types.some((type) => is(now, type) !== is(before, type));
  const exclude = (one: string, other: string, text: string): void => { if (is(now, one) && is(now, other)) problems.invalidOmitted(CONDITIONS, `cannot set ${text} conditions`); };
  if (changes('Complete', 'Failed')) exclude('Complete', 'Failed', 'Complete=True and Failed=true');
  if (changes('Complete', 'FailureTarget')) exclude('Complete', 'FailureTarget', 'Complete=True and FailureTarget=true');
  // What ends a job is told before its last pods have gone, and stays told.
  const announce = (end: string, interim: string): void => { if (is(now, end) && !is(now, interim)) problems.invalidOmitted(CONDITIONS, `cannot set ${end}=True condition without the ${interim}=true condition`); };
  if (changes('Failed') || now.failedIndexes !== before.failedIndexes) announce('Failed', 'FailureTarget');
  if (changes('Complete', 'SuccessCriteriaMet')) announce('Complete', 'SuccessCriteriaMet');
  exclude('SuccessCriteriaMet', 'Failed', 'SuccessCriteriaMet=True and Failed=true');
  exclude('SuccessCriteriaMet', 'FailureTarget', 'SuccessCriteriaMet=True and FailureTarget=true');
  const isMet = is(now, 'SuccessCriteriaMet');
  if (job.spec.successPolicy !== undefined && !isMet && is(now, 'Complete')) problems.invalidOmitted(CONDITIONS, 'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True');
  for (const type of TERMINAL) if (is(before, type) && !is(now, type)) problems.invalidOmitted(CONDITIONS, `cannot disable the terminal ${type}=True condition`);
  if (is(before, 'SuccessCriteriaMet') && !isMet) problems.invalidOmitted(CONDITIONS, 'cannot disable the SuccessCriteriaMet=True condition');
  if (is(before, 'Complete') && !is(before, 'SuccessCriteriaMet') && isMet) problems.invalidOmitted(CONDITIONS, 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions');
}

function checkTimes(problems: Problems, { job, now, before }: Change): void {
  const [isStartChanged, isEndChanged] = [now.startTime !== before.startTime, now.completionTime !== before.completionTime];
  const isComplete = is(now, 'Complete');
  if (isEndChanged || isComplete !== is(before, 'Complete')) {
    if (now.completionTime !== undefined && !isComplete) problems.invalid('status.completionTime', now.completionTime, 'cannot set completionTime when there is no Complete=True condition');
    if (now.completionTime === undefined && isComplete) problems.required('status.completionTime', 'completionTime is required for Complete jobs');
  }
  if ((isStartChanged || isEndChanged) && at(now.completionTime) < at(now.startTime)) problems.invalid('status.completionTime', now.completionTime, 'must be equal to or after `startTime`');
  if (isEndChanged && now.completionTime !== undefined && before.completionTime !== undefined) problems.invalid('status.completionTime', now.completionTime, IMMUTABLE);
  // Whoever resumes a job tells when it has started anew.
  const isHeld = job.spec.suspend === true || is(before, 'Suspended');
  if (isStartChanged && before.startTime !== undefined && !isHeld) problems.invalid('status.startTime', now.startTime, 'field is immutable for unsuspended job once set');
}

function checkFinished(problems: Problems, { job, now, before }: Change): void {
  if (!isFinished(now)) return;
  const isNew = !isFinished(before);
  const { active = 0, terminating = 0, uncountedTerminatedPods: pods } = now;
  if (active > 0 && (isNew || active !== before.active)) problems.invalid('status.active', active, 'active>0 is invalid for finished job');
  // One that is suspended and needs no pod is complete without ever having started.
  const needsNone = job.spec.suspend === true && job.spec.completions === 0;
  if (now.startTime === undefined && (isNew || before.startTime !== undefined) && !needsNone) problems.required('status.startTime', 'startTime is required for finished job');
  const isUncounted = (pods?.succeeded ?? []).length + (pods?.failed ?? []).length > 0;
  if (isUncounted && (isNew || !jsonEqual(pods, before.uncountedTerminatedPods))) problems.invalid('status.uncountedTerminatedPods', pods, 'must be empty for finished job');
  if (terminating > 0 && (isNew || terminating !== before.terminating)) problems.invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job');
}

function checkIndexes(problems: Problems, { job, now, before, isIndexed }: Change): void {
  const { completions, backoffLimitPerIndex } = job.spec;
  const { completedIndexes: completed = '', failedIndexes: failed } = now;
  const [isCompletedChanged, isFailedChanged] = [completed !== (before.completedIndexes ?? ''), failed !== before.failedIndexes];
  const checkFormat = (name: string, text: string): void => {
    const problem = completions === undefined ? 0 : countIndexes(text, completions);
    if (typeof problem === 'string') problems.invalid(`status.${name}`, text, `error parsing ${name}: ${problem}`);
  };
  if (isCompletedChanged) {
    checkFormat('completedIndexes', completed);
    if (completed !== '' && !isIndexed) problems.invalid('status.completedIndexes', completed, 'cannot set non-empty completedIndexes when non-indexed completion mode');
  }
  if (failed === undefined) return;
  if (isFailedChanged) {
    if (backoffLimitPerIndex === undefined) problems.invalid('status.failedIndexes', failed, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null');
    else checkFormat('failedIndexes', failed);
  }
  const shared = isCompletedChanged || isFailedChanged ? firstShared(completed, failed) : undefined;
  if (completions !== undefined && shared !== undefined) problems.invalid('status.failedIndexes', failed, `failedIndexes and completedIndexes overlap at index: ${shared}`);
}

type Interval = readonly [first: number, last: number];

/** The first index of both lists; both are short runs in rising order, and what is no run is passed over. */
function firstShared(a: string, b: string): number | undefined {
  const [left, right] = [intervalsOf(a), intervalsOf(b)];
  const shared = left.flatMap(([first, last]) => right.filter((other) => first <= other[1] && other[0] <= last).map((other) => Math.max(first, other[0])));
  return shared.length === 0 ? undefined : Math.min(...shared);
}

const intervalsOf = (text: string): readonly Interval[] => text.split(',').flatMap((part): Interval[] => {
  const match = /^(\d+)(?:-(\d+))?$/.exec(part);
  return match === null ? [] : [[Number(match[1]), Number(match[2] ?? match[1])]];
});

/** What was counted stays counted; of an indexed job that shrinks, what succeeded may go with its index. */
function checkProgress(problems: Problems, { job, now, before, isIndexed }: Change): void {
  const { active = 0, ready = 0 } = now;
  if (ready > active && (ready !== before.ready || active !== (before.active ?? 0))) problems.invalid('status.ready', ready, 'cannot set more ready pods than active');
  const isElastic = isIndexed && job.spec.completions === job.spec.parallelism;
  if ((now.failed ?? 0) < (before.failed ?? 0)) problems.invalid('status.failed', now.failed ?? 0, 'cannot decrease the failed counter');
  if (!isElastic && (now.succeeded ?? 0) < (before.succeeded ?? 0)) problems.invalid('status.succeeded', now.succeeded ?? 0, 'cannot decrease the succeeded counter');
}
