import type { ReplicaSet } from '#api/generated/apps/v1.ts';
import { degraded, healthy, progressing, type HealthRule } from './health.ts';
import { podsFailure } from './pod.ts';

export const replicaSetHealth: HealthRule<ReplicaSet> = ({ metadata, spec, status }, context) => {
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) return progressing('the controller has not seen the last change');
  const wanted = spec?.replicas ?? 1;
  const available = status?.availableReplicas ?? 0;
  if (available >= wanted) return healthy;
  const failure = podsFailure(context) ?? status?.conditions?.find((c) => c.type === 'ReplicaFailure' && c.status === 'True')?.message;
  return failure ? degraded(failure) : progressing(`${available} of ${wanted} replicas are available`);
};
