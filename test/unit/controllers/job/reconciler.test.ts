import test from 'ava';
import type { Job } from '#api/generated/batch/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { JOBS, PODS } from '#api/resources.ts';
import { notFound, StatusError } from '#api/status-error.ts';
import { jobController } from '#controllers/job/reconciler.ts';
import { ControllerRound, type RoundOptions } from '#test/support/controller-round.ts';
import { job, pod } from './job-round.ts';

const LABELS = { 'batch.kubernetes.io/controller-uid': 'j' };
const FINALIZER = 'batch.kubernetes.io/job-tracking';
const selecting = (j: Job): Job => ({ ...j, spec: { ...j.spec, selector: { matchLabels: LABELS } } });
const owned = (p: Pod): Pod => ({ ...p, metadata: { ...p.metadata, namespace: 'default', labels: LABELS, ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'j', uid: 'j', controller: true, blockOwnerDeletion: true }] } });
const roundOf = (j: Job, pods: readonly Pod[], refuse?: RoundOptions['refuse']): ControllerRound =>
  new ControllerRound({ controller: jobController, objects: [[JOBS, selecting(j)], ...pods.map((p) => [PODS, p] as const)] as RoundOptions['objects'], ...(refuse ? { refuse } : {}) });

test('a Job that goes away lets go of its pods, and leaves their end to others', async (t) => {
  const j = job({ parallelism: 2, completions: 2 });
  const round = roundOf({ ...j, metadata: { ...j.metadata, deletionTimestamp: '2026-01-01T00:09:00Z', finalizers: ['orphan'] } }, [owned(pod('a', 'Running'))]);
  await round.reconcile('default/j');
  t.deepEqual(round.calls.filter((call) => call.includes('pods')), ['patch pods a']);
  t.like(round.bodyOf('patch pods a'), { metadata: { '$deleteFromPrimitiveList/finalizers': [FINALIZER] } });
});

test('an adopted pod is tracked from then on, and one that is let go of is not', async (t) => {
  const { ownerReferences: _, ...metadata } = owned(pod('a', 'Running', { tracked: false })).metadata;
  const stranger = owned(pod('b', 'Running'));
  const round = roundOf(job({ parallelism: 1 }), [{ ...pod('a', 'Running'), metadata }, { ...stranger, metadata: { ...stranger.metadata, labels: {} } }]);
  await round.reconcile('default/j');
  t.like(round.bodyOf('patch pods a'), { metadata: { uid: 'a', finalizers: [FINALIZER] } });
  t.like(round.bodyOf('patch pods b'), { metadata: { '$deleteFromPrimitiveList/finalizers': [FINALIZER] } });
});

test('where the namespace goes away no pods are made, and nothing is told of that', async (t) => {
  const going = new StatusError('Forbidden', 'is being terminated', { details: { causes: [{ reason: 'NamespaceTerminating' }] } });
  const round = roundOf(job(), [], ({ what }) => (what.startsWith('pods') ? going : undefined));
  await round.reconcile('default/j');
  t.deepEqual(round.events, []);
});

test('a pod that cannot be made or deleted is told of', async (t) => {
  const refused = new StatusError('Forbidden', 'no');
  const making = roundOf(job(), [], ({ what }) => (what.startsWith('pods') ? refused : undefined));
  await t.throwsAsync(making.reconcile('default/j'), { message: 'no' });
  t.deepEqual(making.events, ['j Warning FailedCreate: Error creating: no']);
  const deleting = roundOf(job({ parallelism: 0 }), [owned(pod('a', 'Running'))], ({ verb }) => (verb === 'delete' ? refused : undefined));
  await t.throwsAsync(deleting.reconcile('default/j'), { message: 'unable to delete pods: no' });
  t.deepEqual(deleting.events, ['j Warning FailedDelete: Error deleting: no']);
  const gone = roundOf(job({ parallelism: 0 }), [owned(pod('a', 'Running'))], ({ verb }) => (verb === 'delete' ? notFound(PODS, 'a') : undefined));
  await gone.reconcile('default/j');
  t.deepEqual(gone.events, []);
});

test('a Job does not come to its end while pods that it has made are not seen', async (t) => {
  const round = roundOf(job({ activeDeadlineSeconds: 605 }), []);
  await round.reconcile('default/j');
  t.true(round.calls.includes('create pods j-r0'));
  await round.clock.advance(10_000);
  await round.reconcile('default/j');
  t.false(JSON.stringify(round.writes).includes('FailureTarget'));
  await round.clock.advance(30_000);
  await round.reconcile('default/j');
  t.true(JSON.stringify(round.writes).includes('FailureTarget'));
});

test('more successes than were wanted are told of when the Job is complete', async (t) => {
  const round = roundOf(job({ completions: 1 }, { startTime: '2026-01-01T00:00:00Z', succeeded: 2 }), []);
  await round.reconcile('default/j');
  t.deepEqual(round.events, ['j Warning TooManySucceededPods: Too many succeeded pods running after completion count reached', 'j Normal Completed: Job completed']);
});
