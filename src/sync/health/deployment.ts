import type { Deployment } from '#api/generated/apps/v1.ts';
import { degraded, healthy, progressing, suspended, type HealthRule } from './health.ts';
import { podsFailure } from './pod.ts';

/** As `kubectl rollout status` decides, and degraded as soon as a pod says why it cannot start. */
export const deploymentHealth: HealthRule<Deployment> = ({ metadata, spec, status = {} }, context) => {
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return progressing('the controller has not seen the last change');
  const wanted = spec?.replicas ?? 1;
  const [updated, total, available] = [status.updatedReplicas ?? 0, status.replicas ?? 0, status.availableReplicas ?? 0];
  const isDone = updated >= wanted && total <= updated && available >= updated;
  if (isDone) return healthy;
  const failure = podsFailure(context);
  if (failure) return degraded(failure);
  const late = status.conditions?.find((c) => c.type === 'Progressing' && c.reason === 'ProgressDeadlineExceeded');
  if (late) return degraded(late.message ?? 'the rollout passed its deadline');
  const refused = status.conditions?.find((c) => c.type === 'ReplicaFailure' && c.status === 'True');
  if (refused) return degraded(refused.message ?? 'pods cannot be created');
  if (spec?.paused) return suspended('the rollout is paused');
  if (updated < wanted) return progressing(`${updated} of ${wanted} replicas are updated`);
  if (total > updated) return progressing(`${total - updated} old replicas are going`);
  return progressing(`${available} of ${updated} updated replicas are available`);
};
