import { warnOfClaimSpec } from './claim-spec.ts';
import { warnOfTemplate } from './pod.ts';
import type { StatefulSet } from '#api/generated/apps/v1.ts';
import type { CronJob, JobSpec } from '#api/generated/batch/v1.ts';

const MAX_TRACKED_COMPLETIONS = 100_000;
const MAX_TRACKED_PARALLELISM = 10_000;
const UNTRACKED = 'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail';
const ZONE = 'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';

export function warnOfJob(path: string, spec: JobSpec | undefined): readonly string[] {
  if (spec === undefined) return [];
  const { completionMode, completions = 0, parallelism = 0 } = spec;
  const isUntracked = completionMode === 'Indexed' && completions > MAX_TRACKED_COMPLETIONS && parallelism > MAX_TRACKED_PARALLELISM;
  return [...(isUntracked ? [`${path}: ${UNTRACKED}`] : []), ...warnOfTemplate(`${path}.template`, spec.template)];
}

/** Of one that has a zone in its schedule from before that was refused. */
export const warnOfCronJob = ({ schedule }: CronJob['spec']): readonly string[] => (schedule.includes('TZ') ? [ZONE] : []);

/** The path of a claim's spec is Kubernetes': one of a new object, another of one that is there. */
export function warnOfStatefulSet({ volumeClaimTemplates, revisionHistoryLimit }: StatefulSet['spec'], isNew: boolean): readonly string[] {
  return [
    ...(volumeClaimTemplates ?? []).flatMap(({ spec }, i) => (spec === undefined ? [] : warnOfClaimSpec(`spec.volumeClaimTemplates[${i}]${isNew ? '' : '.Spec'}`, spec))),
    ...((revisionHistoryLimit ?? 0) < 0 ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended'] : []),
  ];
}
