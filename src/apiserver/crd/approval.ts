import type { Definition, DefinitionCondition } from './conditions.ts';

const ANNOTATION = 'api-approved.kubernetes.io';
const PROTECTED = /(?:^|\.)(?:k8s|kubernetes)\.io$/;

/** Whether a definition in a group of the Kubernetes project was approved there; undefined for all other groups. */
export function approvalOf({ spec, metadata }: Definition): DefinitionCondition | undefined {
  if (!PROTECTED.test(spec.group)) return undefined;
  const approval = metadata.annotations?.[ANNOTATION] ?? '';
  const condition = (status: 'True' | 'False', reason: string, message: string): DefinitionCondition => ({ type: 'KubernetesAPIApprovalPolicyConformant', status, reason, message });
  if (approval === '') return condition('False', 'MissingAnnotation', `protected groups must have approval annotation "${ANNOTATION}", see https://github.com/kubernetes/enhancements/pull/1111`);
  if (approval.startsWith('unapproved')) return condition('False', 'UnapprovedAnnotation', `not approved: ${JSON.stringify(approval)}`);
  if (URL.canParse(approval) && new URL(approval).host !== '') return condition('True', 'ApprovedAnnotation', `approved in ${approval}`);
  return condition('False', 'InvalidAnnotation', `protected groups must have approval annotation "${ANNOTATION}" with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`);
}
