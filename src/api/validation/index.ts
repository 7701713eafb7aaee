import { validateApiService } from './api-service.ts';
import * as core from './core.ts';
import { validateFlowSchema, validatePriorityLevel } from './flowcontrol.ts';
import { validateCustomScale } from './custom-scale.ts';
import * as headway from './headway.ts';
import { validateAttributesClass, validateAttributesClassUpdate } from './attributes-class.ts';
import { validateIpAddress, validateIpAddressUpdate, validateServiceCidr, validateServiceCidrUpdate } from './ip-ranges.ts';
import { validateLimitRange } from './limit-range.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts';
import { validatePodSpec, validatePodTemplate, validatePodUpdate } from './pod.ts';
import * as policy from './policy.ts';
import { validatePriorityClass, validatePriorityClassUpdate } from './priority-class.ts';
import { Problems } from './problems.ts';
import { validateMutatingPolicy, validateMutatingPolicyBinding, validateValidatingPolicy, validateValidatingPolicyBinding } from './admission-policies.ts';
import { validateWebhookConfiguration } from './webhooks.ts';
import { validateResourceQuota, validateResourceQuotaUpdate } from './quota.ts';
import { validateService, validateServiceUpdate } from './service.ts';
import * as workloads from './workloads.ts';
import type { Pod, PodTemplate } from '#api/generated/core/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { CustomFacts, ResourceType } from '#api/resource-type.ts';

interface Rules {
  readonly create?: (problems: Problems, object: KubeObject, resource: ResourceType) => void;
  readonly update?: (problems: Problems, object: KubeObject, old: KubeObject) => void;
}
/** Ties the rules to the type of their kind; whoever looks them up by the resource has an object of it. */
function rules<T extends KubeObject>(create: (problems: Problems, object: T, resource: ResourceType) => void, update?: (problems: Problems, object: T, old: T) => void): Rules {
  return { create: create as NonNullable<Rules['create']>, ...(update ? { update: update as NonNullable<Rules['update']> } : {}) };
}

const ROLE = rules<KubeObject>((problems, role, resource) => policy.validateRole(problems, role, resource.namespaced));
const BINDING = rules<Parameters<typeof policy.validateBinding>[1]>((problems, binding, resource) => policy.validateBinding(problems, binding, resource.namespaced), policy.validateBindingUpdate);

/** By the type in the fact tables; of other kinds the metadata is checked. */
const RULES: Readonly<Record<string, Rules>> = {
  'core/v1.Pod': rules<Pod>((problems, pod) => validatePodSpec(problems, 'spec', pod.spec), validatePodUpdate),
  'core/v1.PodTemplate': rules<PodTemplate>((problems, template) => { if (template.template) validatePodTemplate(problems, 'template', template.template); }),
  'core/v1.Service': rules(validateService, validateServiceUpdate),
  'core/v1.ConfigMap': rules(core.validateConfigMap, core.validateDataUpdate),
  'core/v1.Secret': rules(core.validateSecret, core.validateDataUpdate),
  'core/v1.Namespace': rules(core.validateNamespace),
  'core/v1.PersistentVolumeClaim': rules(core.validateClaim, core.validateClaimUpdate),
  'core/v1.ResourceQuota': rules(validateResourceQuota, validateResourceQuotaUpdate),
  'core/v1.LimitRange': rules(validateLimitRange),
  'networking/v1.ServiceCIDR': rules(validateServiceCidr, validateServiceCidrUpdate),
  'networking/v1.IPAddress': rules(validateIpAddress, validateIpAddressUpdate),
  'storage/v1.VolumeAttributesClass': rules(validateAttributesClass, validateAttributesClassUpdate),
  'scheduling/v1.PriorityClass': rules(validatePriorityClass, validatePriorityClassUpdate),
  'apps/v1.Deployment': rules(workloads.validateDeployment, workloads.validateSelectorUpdate),
  'apps/v1.ReplicaSet': rules(workloads.validateReplicaSet, (problems, set, old) => workloads.validateSelectorUpdate(problems, set as never, old as never)),
  'apps/v1.DaemonSet': rules(workloads.validateDaemonSet, workloads.validateSelectorUpdate),
  'apps/v1.StatefulSet': rules(workloads.validateStatefulSet, workloads.validateStatefulSetUpdate),
  'batch/v1.Job': rules(workloads.validateJob, workloads.validateJobUpdate),
  'batch/v1.CronJob': rules(workloads.validateCronJob),
  'rbac/v1.Role': ROLE,
  'rbac/v1.ClusterRole': ROLE,
  'rbac/v1.RoleBinding': BINDING,
  'rbac/v1.ClusterRoleBinding': BINDING,
  'admissionregistration/v1.ValidatingWebhookConfiguration': rules(validateWebhookConfiguration),
  'admissionregistration/v1.MutatingWebhookConfiguration': rules(validateWebhookConfiguration),
  'admissionregistration/v1.ValidatingAdmissionPolicy': rules(validateValidatingPolicy),
  'admissionregistration/v1.ValidatingAdmissionPolicyBinding': rules(validateValidatingPolicyBinding),
  'admissionregistration/v1.MutatingAdmissionPolicy': rules(validateMutatingPolicy),
  'admissionregistration/v1.MutatingAdmissionPolicyBinding': rules(validateMutatingPolicyBinding),
  'flowcontrol/v1.FlowSchema': rules(validateFlowSchema),
  'flowcontrol/v1.PriorityLevelConfiguration': rules(validatePriorityLevel),
  'apiregistration/v1.APIService': rules(validateApiService),
  'headway/v1.Repository': rules(headway.validateRepository),
  'headway/v1.Application': rules(headway.validateApplication),
  'headway/v1.NodeRestore': rules(headway.validateNodeRestore),
};
/** Kinds that are answered and never stored: they need no name. */
const isStored = (resource: ResourceType): boolean => resource.verbs.includes('get');

/**
 * What forbids that a decoded object with its defaults be created; empty when nothing does. `field` is a path such as
 * `spec.containers[0].name`, `reason` a FieldValue* reason. For `invalid()` of status-error.ts.
 */
export function validateCreate(resource: ResourceType, object: KubeObject): readonly StatusCause[] {
  const problems = new Problems();
  if (isStored(resource)) validateObjectMeta(problems, resource, object.metadata);
  RULES[resource.facts ?? '']?.create?.(problems, withSpec(object), resource);
  if (resource.custom !== undefined) validateCustom(problems, resource.custom, object);
  return problems.causes;
}

/**
 * The same for the change from `old` to `object`. A part that was invalid already and has not changed is an error too.
 * For updates and patches of the object itself; a status or a scale is checked by its own verb.
 */
export function validateUpdate(resource: ResourceType, object: KubeObject, old: KubeObject): readonly StatusCause[] {
  const problems = new Problems();
  validateObjectMeta(problems, resource, object.metadata);
  validateObjectMetaUpdate(problems, object.metadata, old.metadata);
  const kind = RULES[resource.facts ?? ''];
  kind?.create?.(problems, withSpec(object), resource);
  kind?.update?.(problems, withSpec(object), withSpec(old));
  if (resource.custom !== undefined) validateCustom(problems, resource.custom, object, old);
  return problems.causes;
}

function validateCustom(problems: Problems, { schema, scale }: CustomFacts, object: KubeObject, old?: KubeObject): void {
  problems.causes.push(...schema.validate(object, old));
  if (scale !== undefined) validateCustomScale(problems, object, scale);
}

/** A spec that is left out is an empty one: what it must hold is then what is missing. */
const withSpec = (object: KubeObject): KubeObject => ('spec' in object ? object : { ...object, spec: {} } as KubeObject);
