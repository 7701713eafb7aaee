import test from 'ava';
import type { JobStatus } from '#api/generated/batch/v1.ts';
import { formatIndexes, freeIndexes, parseIndexes } from '#controllers/job/indexes.ts';
import { failureBackoffMs } from '#controllers/job/next-pods.ts';
import { tallyPods, TRACKING_FINALIZER } from '#controllers/job/plan.ts';
import { jobPod } from '#controllers/job/pod.ts';
import { isSameStatus } from '#controllers/job/status.ts';
import { msToLive } from '#controllers/job/ttl-reconciler.ts';
import { job, NOW_MS, pod, round, STARTED } from './job-round.ts';

const types = (status: JobStatus): readonly string[] => (status.conditions ?? []).map((c) => c.type);

test('a pod that succeeded is listed, then counted once its finalizer is off, and then the Job is complete', (t) => {
  const first = round(job(), [pod('a', 'Succeeded')]);
  t.deepEqual(first.status.uncountedTerminatedPods, { succeeded: ['a'] });
  t.is(first.status.succeeded, 0);
  t.deepEqual(types(first.status), ['SuccessCriteriaMet']);
  const repeated = round(job({}, first.status), [pod('a', 'Succeeded')]);
  t.true(isSameStatus(first.status, repeated.status));
  const second = round(job({}, first.status), [pod('a', 'Succeeded', { tracked: false })]);
  t.is(second.status.succeeded, 1);
  t.deepEqual(types(second.status), ['SuccessCriteriaMet', 'Complete']);
  t.is(second.status.completionTime, '2026-01-01T00:10:00Z');
  t.true(isSameStatus(second.status, round(job({}, second.status), [pod('a', 'Succeeded', { tracked: false })]).status));
});

test('pods that ended before the store was lost count for the Job that came back, once', (t) => {
  const first = round(job({}, {}), [pod('a', 'Succeeded', { tracked: false })]);
  t.is(first.wanted, 0);
  const second = round(job({}, first.status), [pod('a', 'Succeeded', { tracked: false })]);
  t.is(second.status.succeeded, 1);
  t.true(types(second.status).includes('Complete'));
});

test('the Job fails beyond its backoff limit, and says so in the end when its pods are gone', (t) => {
  const failing = round(job({ backoffLimit: 0 }), [pod('a', 'Failed'), pod('b', 'Running')]);
  t.is(failing.verdict?.reason, 'BackoffLimitExceeded');
  t.deepEqual(types(failing.status), ['FailureTarget']);
  const over = round(job({ backoffLimit: 0 }, failing.status), [pod('a', 'Failed', { tracked: false })]);
  t.deepEqual(types(over.status), ['FailureTarget', 'Failed']);
  t.is(over.status.failed, 1);
  t.is(over.status.completionTime, undefined);
});

test('what a Job takes down with it when it fails is counted, also when pods are replaced only after their end', (t) => {
  const spec = { backoffLimit: 0, podReplacementPolicy: 'Failed' } as const;
  const failing = round(job(spec), [pod('a', 'Failed'), pod('b', 'Running')]);
  const taken = round(job(spec, failing.status), [pod('a', 'Failed', { tracked: false }), pod('b', 'Running', { deleting: true })]);
  t.deepEqual(taken.status.uncountedTerminatedPods, { failed: ['b'] });
  const over = round(job(spec, taken.status), [pod('a', 'Failed', { tracked: false })]);
  t.deepEqual(types(over.status), ['FailureTarget', 'Failed']);
  t.is(over.status.failed, 2);
});

test('a deleted pod counts as failed unless the Job waits for its end', (t) => {
  t.deepEqual(tallyPods(job(), [pod('a', 'Running', { deleting: true })]).uncounted.failed, ['a']);
  const waiting = job({ podReplacementPolicy: 'Failed' });
  t.deepEqual(tallyPods(waiting, [pod('a', 'Running', { deleting: true })]).uncounted.failed, []);
  t.deepEqual(round(waiting, [pod('a', 'Running', { deleting: true })]).next.now, []);
});

test('a suspended Job wants no pods, and what it stopped is not counted', (t) => {
  const { status, wanted } = round(job({ suspend: true }), [pod('a', 'Running', { tracked: false, deleting: true })]);
  t.is(wanted, 0);
  t.is(status.startTime, undefined);
  t.deepEqual(status.uncountedTerminatedPods, {});
  const next = round(job({ suspend: true }, status), [pod('a', 'Running', { tracked: false, deleting: true })]);
  t.is(next.status.failed, 0);
});

test('a suspended Job that has nothing left to do is complete', (t) => {
  const { verdict, status } = round(job({ suspend: true, completions: 0, parallelism: 0 }, {}), []);
  t.deepEqual([verdict?.reason, status.startTime, status.completionTime], ['CompletionsReached', '2026-01-01T00:10:00Z', '2026-01-01T00:10:00Z']);
  t.is(round(job({ suspend: true, completions: 1 }, {}), []).verdict, undefined);
});

test('the deadline ends a Job', (t) => t.is(round(job({ activeDeadlineSeconds: 600 }), [pod('a', 'Running')]).verdict?.reason, 'DeadlineExceeded'));

test('never more pods than completions are left, and a work queue starts none after a success', (t) => {
  t.is(round(job({ completions: 5, parallelism: 3 }, { ...STARTED, succeeded: 4 }), []).wanted, 1);
  t.is(round(job({ completions: 5, parallelism: 3 }), []).wanted, 3);
  const queue = { ...job({ parallelism: 3 }), spec: { parallelism: 3, template: {} } };
  const first = round(queue, [pod('a', 'Succeeded'), pod('b', 'Running')]);
  t.is(first.wanted, 1);
  t.is(first.verdict, undefined);
});

test('a failure policy can fail the Job at once or ignore a pod', (t) => {
  const rules = [{ action: 'FailJob' as const, onExitCodes: { operator: 'In' as const, values: [42] } }, { action: 'Ignore' as const, onPodConditions: [{ type: 'DisruptionTarget' }] }];
  const j = job({ podFailurePolicy: { rules } });
  t.is(round(j, [pod('a', 'Failed', { exitCode: 42 })]).verdict?.message, 'Container c for pod undefined/a failed with exit code 42 matching FailJob rule at index 0');
  const disrupted = pod('b', 'Failed');
  const ignored = { ...disrupted, status: { ...disrupted.status, conditions: [{ type: 'DisruptionTarget', status: 'True' }] } };
  t.deepEqual(tallyPods(j, [ignored]).uncounted.failed, []);
  t.is(tallyPods(j, [ignored]).settled.length, 1);
});

test('indexes are completed once each, written short, and the lowest free one is next', (t) => {
  t.is(formatIndexes([7, 1, 3, 4, 5, 9, 8]), '1,3-5,7-9');
  t.is(formatIndexes([1, 2]), '1,2');
  t.deepEqual([...parseIndexes('1,3-5')], [1, 3, 4, 5]);
  const indexed = job({ completionMode: 'Indexed', completions: 4, parallelism: 4 }, { ...STARTED, completedIndexes: '0' });
  const { status } = round(indexed, [pod('a', 'Succeeded', { index: 2 }), pod('b', 'Running', { index: 1 })]);
  t.is(status.completedIndexes, '0,2');
  t.is(status.succeeded, 2);
  t.deepEqual(freeIndexes(indexed, parseIndexes(status.completedIndexes), [pod('b', 'Running', { index: 1 })], 5), [3]);
});

test('a pod carries the tracking finalizer, and its index where it has one', (t) => {
  t.deepEqual(jobPod(job(), 'abcde', undefined).metadata.finalizers, [TRACKING_FINALIZER]);
  const indexed = jobPod(job(), 'abcde', 3);
  t.is(indexed.metadata.name, 'j-3-abcde');
  t.is(indexed.spec?.hostname, 'j-3');
  t.is(indexed.spec?.containers[0]?.env?.[0]?.name, 'JOB_COMPLETION_INDEX');
});

test('failures wait 10 s, doubling to 10 min; a finished Job lives for its TTL', (t) => {
  t.deepEqual([0, 1, 2, 3, 20].map((n) => failureBackoffMs(n, NOW_MS, NOW_MS)), [0, 10_000, 20_000, 40_000, 600_000]);
  const conditions = [{ type: 'Complete', status: 'True', lastTransitionTime: '2026-01-01T00:09:50Z' }];
  t.is(msToLive(job({ ttlSecondsAfterFinished: 30 }, { conditions }), NOW_MS), 20_000);
  t.is(msToLive(job({ ttlSecondsAfterFinished: 30 }), NOW_MS), undefined);
});

test('nobody has to go for pods that go away, also when their places are kept', (t) => {
  const kept = job({ completions: 10, parallelism: 3, podReplacementPolicy: 'Failed' });
  const running = ['a', 'b', 'c'].map((name) => pod(name, 'Running'));
  const leaving = pod('d', 'Running', { deleting: true });
  t.deepEqual(round(kept, [...running, leaving]).surplus, []);
  t.is(round(kept, [...running.slice(1), leaving]).next.now.length, 0);
  t.is(round(kept, running.slice(1)).next.now.length, 1);
  t.deepEqual(round(job({ ...kept.spec, parallelism: 2 }), [...running, leaving]).surplus.length, 1);
});

test('a work queue that has had a success keeps all workers that it has', (t) => {
  const queue = { ...job(), spec: { parallelism: 1, template: {} } };
  t.deepEqual(round(queue, [pod('a', 'Succeeded'), pod('b', 'Running'), pod('c', 'Running')]).surplus, []);
});

test('no more than 500 pods are made or taken away at once', (t) => {
  t.is(round(job({ completions: 1200, parallelism: 1200 }), []).next.now.length, 500);
  t.is(round(job({ completions: 1200, parallelism: 0 }), Array.from({ length: 600 }, (_, i) => pod(`p${i}`, 'Running'))).surplus.length, 500);
});

test('restarts in place count as failures in pods that go away, too', (t) => {
  const restarted = pod('a', 'Running', { deleting: true });
  const pods = [{ ...restarted, status: { ...restarted.status, containerStatuses: [{ name: 'c', image: '', imageID: '', ready: true, restartCount: 2 }] } }];
  const onFailure = { template: { spec: { containers: [{ name: 'c' }], restartPolicy: 'OnFailure' as const } }, podReplacementPolicy: 'Failed' as const };
  t.is(round(job({ ...onFailure, backoffLimit: 2 }), pods).verdict?.reason, 'BackoffLimitExceeded');
  t.is(round(job({ ...onFailure, backoffLimit: 3 }), pods).verdict, undefined);
});

test('a deadline of zero is over when the Job begins', (t) => {
  t.is(round(job({ activeDeadlineSeconds: 0 }, {}), []).verdict?.reason, 'DeadlineExceeded');
  t.is(round(job({ activeDeadlineSeconds: 1 }, {}), []).verdict, undefined);
});

test('of a long name as much is kept in the names of pods as leaves room for the index', (t) => {
  const long = job();
  const { metadata, spec } = jobPod({ ...long, metadata: { ...long.metadata, name: 'x'.repeat(63) } }, 'abcde', 12);
  t.is(metadata.generateName, `${'x'.repeat(54)}-12-`);
  t.is(metadata.name, `${'x'.repeat(54)}-12-abcde`);
  t.is(spec?.hostname, `${'x'.repeat(63)}-12`);
  t.is(jobPod(job({ template: { spec: { containers: [{ name: 'c' }], hostname: 'mine' } } }), 'abcde', 1).spec?.hostname, 'j-1');
});
