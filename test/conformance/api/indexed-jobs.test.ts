import type { Job } from '#api/generated/batch/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { JOBS, PODS } from '#api/resources.ts';
import { systemClock } from '#base/clock.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { becomes, podsOf, template } from './support/workloads.ts';

const INDEX = 'batch.kubernetes.io/job-completion-index';
const FAILURES = 'batch.kubernetes.io/job-index-failure-count';
const LONG_AGO = '2026-01-01T00:00:00Z';

/** Its pods run until {@link play} ends them. */
const newJob = (name: string, spec: object) => {
  const { metadata, spec: pod } = template({ job: name }, { restartPolicy: 'Never' });
  return { metadata: { name }, spec: { completionMode: 'Indexed', parallelism: 2, completions: 4, template: { metadata: { ...metadata, annotations: { 'headway.dev/simulated-duration': '1h' } }, spec: pod }, ...spec } };
};
const odd = (index: number): boolean => index % 2 === 1;

/**
 * Ends each pod of the Job that runs: with exit code 1 those whose index `fails`, with success the others. They say that they ended long ago, so that
 * nobody waits for a back-off. Until the Job is over; then all that pods were told of failures before them.
 */
async function play({ api, namespace }: Scene, name: string, fails: (index: number) => boolean): Promise<readonly string[]> {
  const told = new Set<string>();
  const end = async ({ metadata, spec }: Pod): Promise<void> => {
    const index = Number(metadata.annotations?.[INDEX]);
    told.add(`${index}: ${metadata.annotations?.[FAILURES] ?? 'nothing'}`);
    const exitCode = fails(index) ? 1 : 0;
    const state = { terminated: { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', startedAt: LONG_AGO, finishedAt: LONG_AGO } };
    const status = { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses: (spec?.containers ?? []).map((c) => ({ name: c.name, image: c.image, imageID: '', ready: false, restartCount: 0, state })) };
    await api.patch(PODS, metadata.name, 'merge', { status }, { namespace, subresource: 'status' }).catch(() => {});
  };
  for (;;) {
    const job = await api.get(JOBS, name, { namespace });
    if (isOver(job)) return [...told].toSorted();
    const pods = await podsOf({ api, namespace } as Scene, `job=${name}`);
    await Promise.all(pods.filter((pod) => pod.status?.phase === 'Running' && pod.metadata.deletionTimestamp === undefined).map(end));
    await systemClock.sleep(50);
  }
}

const isOver = ({ status }: Job): boolean => status?.conditions?.some((c) => (c.type === 'Complete' || c.type === 'Failed') && c.status === 'True') === true;
const reasonOf = ({ status }: Job, type: string): string | undefined => status?.conditions?.find((c) => c.type === type && c.status === 'True')?.reason;
const counts = ({ status }: Job & KubeObject): object => ({ failed: status?.failed ?? 0, succeeded: status?.succeeded ?? 0, active: status?.active ?? 0, ready: status?.ready ?? 0, terminating: status?.terminating ?? 0 });

async function run(scene: Scene, name: string, spec: object, fails: (index: number) => boolean): Promise<{ readonly job: Job & KubeObject; readonly told: readonly string[] }> {
  const { api, namespace } = scene;
  await api.create(JOBS, newJob(name, spec), { namespace });
  const played = play(scene, name, fails);
  const job = await becomes(scene, JOBS, name, isOver, 'to come to its end');
  return { job: job as Job & KubeObject, told: await played };
}

behaviour('[sig-apps] Job should execute all indexes despite some failing when using backoffLimitPerIndex [Conformance]', async (scene) => {
  const { t } = scene;
  const { job, told } = await run(scene, 'with-backoff-limit-per-index', { backoffLimitPerIndex: 1 }, odd);
  t.deepEqual([job.status?.failedIndexes, job.status?.completedIndexes], ['1,3', '0,2']);
  t.deepEqual(counts(job), { failed: 4, succeeded: 2, active: 0, ready: 0, terminating: 0 });
  t.is(reasonOf(job, 'Failed'), 'FailedIndexes');
  t.deepEqual(told, ['0: 0', '1: 0', '1: 1', '2: 0', '3: 0', '3: 1'], 'each pod knows how many of its index failed before it');
});

behaviour('[sig-apps] Job should terminate job execution when the number of failed indexes exceeds maxFailedIndexes [Conformance]', async (scene) => {
  const { t } = scene;
  const { job } = await run(scene, 'with-max-failed-indexes', { parallelism: 1, backoffLimitPerIndex: 0, maxFailedIndexes: 0 }, () => true);
  t.deepEqual([job.status?.failedIndexes, job.status?.failed, reasonOf(job, 'Failed')], ['0', 1, 'MaxFailedIndexesExceeded']);
});

behaviour('[sig-apps] Job should mark indexes as failed when the FailIndex action is matched in podFailurePolicy [Conformance]', async (scene) => {
  const { t } = scene;
  const podFailurePolicy = { rules: [{ action: 'FailIndex', onExitCodes: { operator: 'In', values: [1] } }] };
  const { job } = await run(scene, 'matching-fail-index-action', { completions: 2, backoffLimitPerIndex: 1, podFailurePolicy }, odd);
  t.deepEqual([job.status?.failedIndexes, job.status?.completedIndexes, job.status?.failed, job.status?.succeeded], ['1', '0', 1, 1]);
});

for (const { title, rule, completions, fails, completedIndexes } of [
  { title: 'should succeeded when all indexes succeeded', rule: { succeededCount: 2 }, completions: 2, fails: () => false, completedIndexes: '0,1' },
  { title: 'succeededIndexes rule should succeeded even when some indexes remain pending', rule: { succeededIndexes: '0' }, completions: 5, fails: odd, completedIndexes: '0' },
  { title: 'succeededCount rule should succeeded even when some indexes remain pending', rule: { succeededCount: 1 }, completions: 5, fails: odd, completedIndexes: '0' },
]) {
  behaviour(`[sig-apps] Job with successPolicy ${title} [Conformance]`, async (scene) => {
    const { t } = scene;
    const { job } = await run(scene, 'with-success-policy', { completions, backoffLimit: 2 ** 31 - 1, successPolicy: { rules: [rule] } }, fails);
    t.deepEqual([reasonOf(job, 'SuccessCriteriaMet'), reasonOf(job, 'Complete'), job.status?.completedIndexes], ['SuccessPolicy', 'SuccessPolicy', completedIndexes]);
    t.like(counts(job), { active: 0, ready: 0, terminating: 0 });
  });
}
