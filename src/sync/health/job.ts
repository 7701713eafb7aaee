import type { Job } from '#api/generated/batch/v1.ts';
import { degraded, healthy, progressing, suspended, type HealthRule } from './health.ts';
import { podsFailure } from './pod.ts';

export const jobHealth: HealthRule<Job> = ({ spec, status }, context) => {
  const holds = (type: string) => status?.conditions?.find((c) => c.type === type && c.status === 'True');
  if (holds('Complete')) return healthy;
  const failed = holds('Failed');
  if (failed) return degraded(failed.message || failed.reason || 'the job failed');
  if (spec?.suspend) return suspended('the job is suspended');
  const failure = podsFailure(context);
  return failure ? degraded(failure) : progressing('the job has not completed');
};
