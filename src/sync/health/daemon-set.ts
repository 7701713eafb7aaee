import type { DaemonSet } from '#api/generated/apps/v1.ts';
import { degraded, healthy, progressing, type HealthRule } from './health.ts';
import { podsFailure } from './pod.ts';

export const daemonSetHealth: HealthRule<DaemonSet> = ({ metadata, spec, status }, context) => {
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) return progressing('the controller has not seen the last change');
  const wanted = status?.desiredNumberScheduled ?? 0;
  const available = status?.numberAvailable ?? 0;
  const updated = spec?.updateStrategy?.type === 'OnDelete' ? wanted : (status?.updatedNumberScheduled ?? 0);
  if (available >= wanted && updated >= wanted) return healthy;
  const failure = podsFailure(context);
  if (failure) return degraded(failure);
  return progressing(updated < wanted ? `${updated} of ${wanted} pods are updated` : `${available} of ${wanted} pods are available`);
};
