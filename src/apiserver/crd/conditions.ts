import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from '#api/generated/apiextensions/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { formatTime } from '#base/clock.ts';

export type Definition = CustomResourceDefinition & KubeObject;
export type DefinitionCondition = Pick<CustomResourceDefinitionCondition, 'reason' | 'message'> & { readonly type: 'NamesAccepted' | 'Established' | 'Terminating' | 'KubernetesAPIApprovalPolicyConformant'; readonly status: 'True' | 'False' };

export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

export const findCondition = (definition: CustomResourceDefinition, type: DefinitionCondition['type']): CustomResourceDefinitionCondition | undefined =>
  definition.status?.conditions?.find((c) => c.type === type);
export const isConditionTrue = (definition: CustomResourceDefinition, type: DefinitionCondition['type']): boolean => findCondition(definition, type)?.status === 'True';

export const isTerminating = (definition: Definition): boolean => definition.metadata.deletionTimestamp !== undefined || isConditionTrue(definition, 'Terminating');

/** The conditions with one replaced, which keeps its time of transition as long as its status stays. */
export function withCondition(conditions: readonly CustomResourceDefinitionCondition[], condition: DefinitionCondition, nowMs: number): readonly CustomResourceDefinitionCondition[] {
  const present = conditions.find((c) => c.type === condition.type);
  const lastTransitionTime = present?.status === condition.status ? present.lastTransitionTime : formatTime(nowMs);
  const next = { ...condition, lastTransitionTime };
  return present === undefined ? [...conditions, next] : conditions.map((c) => (c === present ? next : c));
}
