import type { Job } from '#api/generated/batch/v1.ts';
import { keyOf } from '#api/object.ts';
import { JOBS } from '#api/resources.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';

/** Deletes finished Jobs `ttlSecondsAfterFinished` after their end. */
export const ttlAfterFinishedController: ControllerDefinition = {
  name: CONTROLLER_NAMES.ttlAfterFinished,
  concurrency: 2,
  build({ informers, client, clock }) {
    const jobs = informers.informer(JOBS);
    return {
      reconciler: {
        async reconcile(key, { signal }) {
          const job = jobs.lister.get(key);
          const leftMs = job && msToLive(job, clock.now());
          if (job === undefined || leftMs === undefined) return {};
          if (leftMs > 0) return { requeueAfterMs: leftMs };
          const { uid, resourceVersion } = job.metadata;
          // The version too: whoever raised the TTL just now means to keep the Job.
          await client.delete(JOBS, job.metadata, { preconditions: { uid, resourceVersion }, propagationPolicy: 'Foreground', signal }).catch(ignoreNotFound);
          return {};
        },
      },
      triggers: [{ informer: jobs, keysOf: (job) => [keyOf(job)] }],
    };
  },
};

/** Undefined for a Job that is to be kept, runs, or is going away already. */
export function msToLive(job: Job, nowMs: number): number | undefined {
  const ttl = job.spec.ttlSecondsAfterFinished;
  const end = job.status?.conditions?.find((c) => (c.type === 'Complete' || c.type === 'Failed') && c.status === 'True')?.lastTransitionTime;
  if (ttl === undefined || end === undefined || job.metadata.deletionTimestamp !== undefined) return undefined;
  return Date.parse(end) + ttl * 1_000 - nowMs;
}
