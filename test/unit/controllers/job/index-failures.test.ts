import test from 'ava';
import type { JobSpec, JobStatus } from '#api/generated/batch/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { endedAtMs } from '#controllers/job/ended-at.ts';
import { tallyPods } from '#controllers/job/plan.ts';
import { jobPod } from '#controllers/job/pod.ts';
import { metSuccessPolicy } from '#controllers/job/success-policy.ts';
import { surplusPods } from '#controllers/job/surplus.ts';
import { job, NOW_MS, pod, round, STARTED } from './job-round.ts';

const FAILURES = 'batch.kubernetes.io/job-index-failure-count';
const IGNORED = 'batch.kubernetes.io/job-index-ignored-failure-count';
const LONG_AGO = '2026-01-01T00:00:00Z';
const indexed = (spec: Partial<JobSpec>, status: JobStatus = STARTED) => job({ completionMode: 'Indexed', completions: 3, parallelism: 3, backoffLimit: 2 ** 31 - 1, ...spec }, status);
const failed = (index: number, failures = 0, more: Parameters<typeof pod>[2] = {}): Pod => pod(`f${index}-${failures}`, 'Failed', { index, annotations: { [FAILURES]: String(failures) }, created: LONG_AGO, ...more });
const running = (index: number): Pod => pod(`r${index}`, 'Running', { index });

test('a pod that failed below the limit of its index is held until its successor is there, which knows of it', (t) => {
  const j = indexed({ backoffLimitPerIndex: 1 });
  const first = round(j, [failed(0), running(1), running(2)]);
  t.deepEqual(first.next, { now: [0], waitMs: Infinity });
  t.deepEqual([first.status.failedIndexes, first.status.uncountedTerminatedPods, first.tally.settled], ['', {}, []]);
  const successor = jobPod(j, 'abcde', 0, first.tally.held.get(0));
  t.is(successor.metadata.annotations?.[FAILURES], '1');
  const second = round(j, [failed(0), running(0), running(1), running(2)]);
  t.deepEqual([second.status.uncountedTerminatedPods, second.tally.settled.length, second.verdict], [{ failed: ['f0-0'] }, 1, undefined]);
});

test('an index fails with the failure beyond its limit, and the Job when no index is left', (t) => {
  const j = indexed({ backoffLimitPerIndex: 1 });
  const { status, next, verdict, tally } = round(j, [failed(0, 1), running(1), running(2)]);
  t.deepEqual([status.failedIndexes, status.uncountedTerminatedPods, next.now, verdict, tally.settled.length], ['0', { failed: ['f0-1'] }, [], undefined, 1]);
  const done = [1, 2].map((index) => pod(`s${index}`, 'Succeeded', { index }));
  const last = round(indexed({ backoffLimitPerIndex: 1 }, { ...STARTED, failedIndexes: '0' }), done);
  t.deepEqual([last.verdict?.reason, last.verdict?.message, last.status.failedIndexes, last.status.completedIndexes], ['FailedIndexes', 'Job has failed indexes', '0', '1,2']);
});

test('the Job fails once more indexes have failed than it allows, and then nothing is held', (t) => {
  const j = indexed({ backoffLimitPerIndex: 1, maxFailedIndexes: 0 });
  const pods = [failed(0, 1), failed(1), running(2)];
  t.deepEqual([round(j, pods).verdict?.reason, round(j, pods).verdict?.message], ['MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes']);
  t.deepEqual(tallyPods(j, pods, { isOver: true }).uncounted.failed, ['f0-1', 'f1-0']);
});

test('a rule of the failure policy fails the index at once, or does not count for it', (t) => {
  const rules = [{ action: 'FailIndex' as const, onExitCodes: { operator: 'In' as const, values: [13] } }, { action: 'Ignore' as const, onExitCodes: { operator: 'In' as const, values: [14] } }];
  const j = indexed({ backoffLimitPerIndex: 3, podFailurePolicy: { rules } });
  t.is(round(j, [failed(0, 0, { exitCode: 13 })]).status.failedIndexes, '0');
  const ignored = round(j, [failed(0, 0, { exitCode: 14 })]);
  t.deepEqual([ignored.status.failedIndexes, ignored.status.failed], ['', 0]);
  t.like(jobPod(j, 'abcde', 0, ignored.tally.held.get(0)).metadata.annotations, { [FAILURES]: '0', [IGNORED]: '1' });
});

test('each index waits for itself: 10 s after its first failure, twice as long after the next', (t) => {
  const at = (secondsAgo: number) => ({ created: new Date(NOW_MS - secondsAgo * 1_000).toISOString() });
  const j = indexed({ backoffLimitPerIndex: 5 });
  t.deepEqual(round(j, [failed(0, 0, at(4)), failed(1, 1, at(15)), failed(2, 1, at(20))]).next, { now: [2], waitMs: 5_000 });
  t.deepEqual(round(indexed({}), [failed(0, 0, at(4)), running(1)]).next, { now: [], waitMs: 6_000 }, 'without a limit of their own all wait');
});

for (const { what, rules, completed, met } of [
  { what: 'all indexes of a rule', rules: [{ succeededIndexes: '0-1' }], completed: [0, 1], met: 'Matched rules at index 0' },
  { what: 'not all indexes of a rule', rules: [{ succeededIndexes: '0-1' }], completed: [0, 2], met: undefined },
  { what: 'as many as a rule wants', rules: [{ succeededIndexes: '4' }, { succeededCount: 2 }], completed: [0, 2], met: 'Matched rules at index 1' },
  { what: 'enough of the indexes of a rule', rules: [{ succeededIndexes: '0-2', succeededCount: 2 }], completed: [0, 2], met: 'Matched rules at index 0' },
  { what: 'none', rules: [{ succeededCount: 0 }], completed: [], met: undefined },
]) {
  test(`a success policy and ${what}`, (t) => t.is(metSuccessPolicy(indexed({ completions: 5, successPolicy: { rules } }), new Set(completed)), met));
}

test('a Job that meets its success policy takes down what runs, which has not failed', (t) => {
  const j = indexed({ successPolicy: { rules: [{ succeededIndexes: '1' }] } });
  const { verdict, status } = round(j, [pod('s', 'Succeeded', { index: 1 }), running(0), running(2)]);
  t.deepEqual(verdict, { type: 'Complete', reason: 'SuccessPolicy', message: 'Matched rules at index 0' });
  t.deepEqual([status.active, status.terminating, status.succeeded, status.failed, status.conditions?.map((c) => c.type)], [0, 2, 1, 0, ['SuccessCriteriaMet']]);
});

test('a smaller Job forgets the indexes that it no longer has, and takes down who works on them', (t) => {
  const j = indexed({ completions: 1, parallelism: 1 }, { ...STARTED, completedIndexes: '2' });
  t.is(round(j, [running(0)]).status.completedIndexes, undefined);
  t.deepEqual(surplusPods(j, [running(0), running(1), running(2)], 2).map((p) => p.metadata.name).toSorted(), ['r1', 'r2']);
  const twice = { ...running(0), metadata: { ...running(0).metadata, name: 'again', creationTimestamp: '2026-01-01T00:01:00Z' } };
  t.deepEqual(surplusPods(j, [{ ...running(0), metadata: { ...running(0).metadata, creationTimestamp: LONG_AGO } }, twice], 0).map((p) => p.metadata.name), ['again'], 'the younger of two that work on one index');
});

test('an index whose pod is still ending is not given to another when only failed pods are replaced', (t) => {
  const pods = [pod('a', 'Running', { index: 0, deleting: true })];
  t.deepEqual(round(indexed({ completions: 2, parallelism: 2, podReplacementPolicy: 'Failed' }), pods).next.now, [1]);
});

test('a pod that tells nothing of its end ended when it was made, so that its successor does not wait for ever', (t) => {
  t.is(endedAtMs(pod('a', 'Failed', { index: 0, created: LONG_AGO })), Date.parse(LONG_AGO));
  const status = { phase: 'Failed' as const, conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-01-01T00:05:00Z' }] };
  t.is(endedAtMs({ ...pod('a', 'Failed', { index: 0, created: LONG_AGO }), status }), Date.parse('2026-01-01T00:05:00Z'));
});
