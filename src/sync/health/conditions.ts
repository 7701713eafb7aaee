import type { Condition } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { degraded, healthy, progressing, type HealthRule } from './health.ts';

interface Conventional extends KubeObject {
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] };
}

/**
 * Kinds without a rule of their own, by the conventions that kstatus describes: `observedGeneration`, then the abnormal-true
 * conditions `Stalled` and `Reconciling`, then `Ready` (or `Available`). Without any of them an object that exists is healthy.
 */
export const conventionalHealth: HealthRule<Conventional> = ({ metadata, status }) => {
  if (typeof status !== 'object' || status === null) return healthy;
  if (status.observedGeneration !== undefined && status.observedGeneration < (metadata.generation ?? 0)) return progressing('the controller has not seen the last change');
  const conditions = Array.isArray(status.conditions) ? status.conditions : [];
  const of = (type: string): Condition | undefined => conditions.find((c) => c.type === type);
  const stalled = of('Stalled');
  if (stalled?.status === 'True') return degraded(stalled.message || stalled.reason);
  const reconciling = of('Reconciling');
  if (reconciling?.status === 'True') return progressing(reconciling.message || reconciling.reason);
  const ready = of('Ready') ?? of('Available');
  if (!ready || ready.status === 'True') return healthy;
  return progressing(ready.message || ready.reason || `${ready.type} is ${ready.status}`);
};
