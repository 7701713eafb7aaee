import type { StatefulSet } from '#api/generated/apps/v1.ts';
import { degraded, healthy, progressing, type HealthRule } from './health.ts';
import { podsFailure } from './pod.ts';

export const statefulSetHealth: HealthRule<StatefulSet> = ({ metadata, spec, status }, context) => {
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) return progressing('the controller has not seen the last change');
  const wanted = spec?.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  const failure = ready < wanted ? podsFailure(context) : undefined;
  if (failure) return degraded(failure);
  if (ready < wanted) return progressing(`${ready} of ${wanted} replicas are ready`);
  if (spec?.updateStrategy?.type === 'OnDelete') return healthy;
  const partition = spec?.updateStrategy?.rollingUpdate?.partition ?? 0;
  const updated = status?.updatedReplicas ?? 0;
  return updated < wanted - partition ? progressing(`${updated} of ${wanted - partition} replicas are updated`) : healthy;
};
