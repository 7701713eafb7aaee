import type { PersistentVolumeClaim } from '#api/generated/core/v1.ts';
import { degraded, healthy, progressing, type HealthRule } from './health.ts';

export const persistentVolumeClaimHealth: HealthRule<PersistentVolumeClaim> = ({ status }) => {
  if (status?.phase === 'Bound') return healthy;
  return status?.phase === 'Lost' ? degraded('the volume is lost') : progressing('the claim is not bound');
};
