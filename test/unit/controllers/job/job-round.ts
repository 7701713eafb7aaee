import type { Job, JobSpec, JobStatus } from '#api/generated/batch/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { nextPods, type NextPods } from '#controllers/job/next-pods.ts';
import { judge, missingPods, type PodTally, surplusOf, tallyPods, TRACKING_FINALIZER, type Verdict, wantedActive } from '#controllers/job/plan.ts';
import { countsOf, jobStatus } from '#controllers/job/status.ts';

export const NOW_MS = Date.parse('2026-01-01T00:10:00Z');
export const STARTED: JobStatus = { startTime: '2026-01-01T00:00:00Z' };
export const job = (spec: Partial<JobSpec> = {}, status: JobStatus = STARTED): Job => ({
  apiVersion: 'batch/v1', kind: 'Job', metadata: { namespace: 'default', name: 'j', uid: 'j' },
  spec: { completions: 1, parallelism: 1, backoffLimit: 2, template: { spec: { containers: [{ name: 'c' }], restartPolicy: 'Never' } }, ...spec }, status,
});
interface Shape { readonly tracked?: boolean; readonly deleting?: boolean; readonly index?: number; readonly exitCode?: number; readonly annotations?: Readonly<Record<string, string>>; readonly created?: string }
export const pod = (name: string, phase: string, { tracked = true, deleting, index, exitCode, annotations = {}, created }: Shape = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod',
  metadata: { name, uid: name, ...(tracked ? { finalizers: [TRACKING_FINALIZER] } : {}), ...(deleting ? { deletionTimestamp: '2026-01-01T00:09:00Z' } : {}), ...(index === undefined ? {} : { annotations: { 'batch.kubernetes.io/job-completion-index': String(index), ...annotations } }), ...(created ? { creationTimestamp: created } : {}) },
  spec: { containers: [] },
  status: { phase: phase as 'Running', ...(exitCode === undefined ? {} : { containerStatuses: [{ name: 'c', image: '', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode } } }] }) },
});

/** One round of the controller: the status that it writes. */
export function round(j: Job, pods: readonly Pod[], nowMs = NOW_MS): { readonly status: JobStatus; readonly verdict: Verdict | undefined; readonly wanted: number; readonly surplus: readonly string[]; readonly tally: PodTally; readonly next: NextPods } {
  const tally = tallyPods(j, pods);
  const counts = countsOf({ job: j, tally });
  const verdict = judge({ job: j, succeeded: counts.allSucceeded, failed: counts.allFailed, completed: counts.completed, tally, nowMs });
  const wanted = wantedActive(j, counts.allSucceeded, tally);
  return { status: jobStatus({ job: j, tally, nowMs }, counts, verdict), verdict, wanted, tally, surplus: surplusOf(j, counts.allSucceeded, tally).map(({ metadata }) => metadata.name), next: nextPods({ job: j, pods, tally, completed: counts.completed, nowMs }, missingPods(j, counts.allSucceeded, tally)) };
}
