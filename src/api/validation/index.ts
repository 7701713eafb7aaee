import { validateApiService, validateApiServiceStatus } from './api-service.ts';
import * as core from './core.ts';
import { validateFlowSchema, validateFlowStatus, validatePriorityLevel } from './flowcontrol.ts';
import { validateCustomScale, validateCustomScaleStatus } from './custom-scale.ts';
import * as application from './application.ts';
import { validateApplicationSet } from './application-set.ts';
import * as headway from './headway.ts';
import { validateProject } from './project.ts';
import { validateSync, validateSyncUpdate } from './sync-record.ts';
import * as autoscaler from './autoscaler.ts';
import * as claim from './claim.ts';
import * as cluster from './cluster.ts';
import { validateCronJob, validateCronJobCreate } from './cron-job.ts';
import * as devices from './devices/claim.ts';
import { validateDeviceClass } from './devices/device-class.ts';
import { validateSlice } from './devices/slice.ts';
import * as budget from './disruption-budget.ts';
import * as endpoints from './endpoints.ts';
import * as events from './event.ts';
import * as ingress from './ingress.ts';
import { validateJob, validateJobUpdate } from './job.ts';
import { validateNetworkPolicy } from './network-policy.ts';
import { validateNode, validateNodeUpdate } from './node.ts';
import { validateVolume, validateVolumeUpdate } from './persistent-volume.ts';
import * as storage from './storage.ts';
import { validateAttributesClass, validateAttributesClassUpdate } from './attributes-class.ts';
import { validateIpAddress, validateIpAddressUpdate, validateServiceCidr, validateServiceCidrUpdate } from './ip-ranges.ts';
import { validateLimitRange } from './limit-range.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './object-meta.ts';
import { validatePod, validatePodCreate, validatePodTemplate } from './pod.ts';
import { validatePodUpdate } from './pod-update.ts';
import * as policy from './policy.ts';
import { validatePriorityClass, validatePriorityClassUpdate } from './priority-class.ts';
import { Problems } from './problems.ts';
import { validateMutatingPolicy, validateMutatingPolicyBinding, validateValidatingPolicy, validateValidatingPolicyBinding, validateValidatingPolicyStatus } from './admission-policies.ts';
import { validateWebhookConfiguration } from './webhooks.ts';
import { validateRepository } from './repository.ts';
import { validateResourceQuota, validateResourceQuotaStatus, validateResourceQuotaUpdate } from './quota.ts';
import { validateService, validateServiceUpdate } from './service.ts';
import { validateJobStatus } from './status/job-status.ts';
import { validatePodStatus } from './status/pod-status.ts';
import { validateServiceStatus } from './status/service-status.ts';
import * as counts from './status/workload-status.ts';
import * as workloads from './workloads.ts';
import type { ReplicaSet, StatefulSet } from '#api/generated/apps/v1.ts';
import type { CronJob } from '#api/generated/batch/v1.ts';
import type { Endpoints, Node, PersistentVolume, PersistentVolumeClaim, PodTemplate } from '#api/generated/core/v1.ts';
import type { EndpointSlice } from '#api/generated/discovery/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { Warn } from '#api/structural/custom-schema.ts';
import type { KubeObject } from '#api/object.ts';
import { isStored, type CustomFacts, type ResourceType } from '#api/resource-type.ts';

/** Each adds what is wrong to the problems. */
interface Rules<T extends KubeObject = KubeObject> {
  /** What holds of every object; `old` is absent on creation. */
  readonly always?: (problems: Problems, object: T, resource: ResourceType, old: T | undefined) => void;
  /** What holds of new objects only: what older versions let in may stay. */
  readonly first?: (problems: Problems, object: T) => void;
  /** What holds of changes. */
  readonly update?: (problems: Problems, object: T, old: T) => void;
  /** What holds of a status that is written by itself. */
  readonly status?: (problems: Problems, object: T, old: T) => void;
}
/** Ties the rules to the type of their kind; whoever looks them up by the resource has an object of it. */
const rulesOf = <T extends KubeObject>(rules: Rules<T>): Rules => rules as unknown as Rules;
const rules = <T extends KubeObject>(always: NonNullable<Rules<T>['always']>, update?: NonNullable<Rules<T>['update']>): Rules => rulesOf<T>(update === undefined ? { always } : { always, update });

const ROLE = rules<KubeObject>((problems, role, resource) => policy.validateRole(problems, role, resource.namespaced));
const BINDING = rules<Parameters<typeof policy.validateBinding>[1]>((problems, binding, resource) => policy.validateBinding(problems, binding, resource.namespaced), policy.validateBindingUpdate);

/** By the type in the fact tables; of other kinds the metadata is checked. */
const RULES: Readonly<Record<string, Rules>> = {
  'core/v1.Pod': rulesOf({ always: validatePod, first: validatePodCreate, update: validatePodUpdate, status: validatePodStatus }),
  'core/v1.PodTemplate': rules<PodTemplate>((problems, template) => { if (template.template) validatePodTemplate(problems, 'template', template.template); }),
  'core/v1.Service': rulesOf({ always: validateService, update: validateServiceUpdate, status: validateServiceStatus }),
  'core/v1.ConfigMap': rules(core.validateConfigMap, core.validateDataUpdate),
  'core/v1.Secret': rules(core.validateSecret, core.validateDataUpdate),
  'core/v1.Namespace': rulesOf({ always: core.validateNamespace, status: core.validateNamespaceStatus }),
  'core/v1.Node': rulesOf<Node>({ always: validateNode, update: validateNodeUpdate, status: validateNodeUpdate }),
  'core/v1.ReplicationController': rulesOf({ always: workloads.validateReplicationController, status: counts.validateReplicaSetStatus }),
  'core/v1.PersistentVolume': rulesOf<PersistentVolume & KubeObject>({ always: (problems, volume, _resource, old) => validateVolume(problems, volume, old), update: validateVolumeUpdate }),
  'core/v1.PersistentVolumeClaim': rulesOf<PersistentVolumeClaim & KubeObject>({ always: (problems, object, _resource, old) => claim.validateClaim(problems, object, old), update: claim.validateClaimUpdate, status: claim.validateClaimStatus }),
  'core/v1.Endpoints': rules<Endpoints>((problems, object, _resource, old) => endpoints.validateEndpoints(problems, object, old)),
  'core/v1.Event': rules(events.validateCoreEvent),
  'events/v1.Event': rulesOf({ always: events.validateEvent, first: events.validateEventCreate, update: events.validateEventUpdate }),
  'discovery/v1.EndpointSlice': rules<EndpointSlice>((problems, object, _resource, old) => endpoints.validateEndpointSlice(problems, object, old)),
  'networking/v1.Ingress': rulesOf({ always: ingress.validateIngress, first: ingress.validateIngressCreate, status: ingress.validateIngressStatus }),
  'networking/v1.IngressClass': rules(ingress.validateIngressClass, ingress.validateIngressClassUpdate),
  'networking/v1.NetworkPolicy': rules(validateNetworkPolicy),
  'autoscaling/v2.HorizontalPodAutoscaler': rulesOf({ always: autoscaler.validateAutoscaler, status: autoscaler.validateAutoscalerStatus }),
  'autoscaling/v1.HorizontalPodAutoscaler': rules(autoscaler.validateAutoscalerV1),
  'policy/v1.PodDisruptionBudget': rulesOf({ always: budget.validateDisruptionBudget, status: budget.validateDisruptionBudgetStatus }),
  'storage/v1.StorageClass': rules(storage.validateStorageClass, storage.validateStorageClassUpdate),
  'storage/v1.VolumeAttachment': rulesOf({ always: storage.validateVolumeAttachment, first: storage.validateVolumeAttachmentCreate, update: storage.validateVolumeAttachmentUpdate, status: storage.validateVolumeAttachmentStatus }),
  'storage/v1.CSINode': rules(storage.validateCsiNode, storage.validateCsiNodeUpdate),
  'storage/v1.CSIDriver': rules(storage.validateCsiDriver, storage.validateCsiDriverUpdate),
  'storage/v1.CSIStorageCapacity': rules(storage.validateCsiCapacity, storage.validateCsiCapacityUpdate),
  'coordination/v1.Lease': rules(cluster.validateLease),
  'node/v1.RuntimeClass': rules(cluster.validateRuntimeClass, cluster.validateRuntimeClassUpdate),
  'apps/v1.ControllerRevision': rules(cluster.validateRevision, cluster.validateRevisionUpdate),
  'core/v1.ResourceQuota': rulesOf({ always: validateResourceQuota, update: validateResourceQuotaUpdate, status: validateResourceQuotaStatus }),
  'core/v1.LimitRange': rules(validateLimitRange),
  'networking/v1.ServiceCIDR': rules(validateServiceCidr, validateServiceCidrUpdate),
  'networking/v1.IPAddress': rules(validateIpAddress, validateIpAddressUpdate),
  'storage/v1.VolumeAttributesClass': rules(validateAttributesClass, validateAttributesClassUpdate),
  'scheduling/v1.PriorityClass': rules(validatePriorityClass, validatePriorityClassUpdate),
  'apps/v1.Deployment': rulesOf({ always: workloads.validateDeployment, update: workloads.validateSelectorUpdate, status: counts.validateDeploymentStatus }),
  'apps/v1.ReplicaSet': rulesOf<ReplicaSet>({ always: workloads.validateReplicaSet, update: (problems, set, old) => workloads.validateSelectorUpdate(problems, set as never, old as never), status: counts.validateReplicaSetStatus }),
  'apps/v1.DaemonSet': rulesOf({ always: workloads.validateDaemonSet, update: workloads.validateSelectorUpdate, status: counts.validateDaemonSetStatus }),
  'apps/v1.StatefulSet': rulesOf<StatefulSet>({ always: (problems, set, _resource, old) => workloads.validateStatefulSet(problems, set, old === undefined), update: workloads.validateStatefulSetUpdate, status: counts.validateStatefulSetStatus }),
  'batch/v1.Job': rulesOf({ always: validateJob, update: validateJobUpdate, status: validateJobStatus }),
  'batch/v1.CronJob': rulesOf<CronJob>({ always: (problems, job, _resource, old) => validateCronJob(problems, job, old), first: validateCronJobCreate }),
  'rbac/v1.Role': ROLE,
  'rbac/v1.ClusterRole': ROLE,
  'rbac/v1.RoleBinding': BINDING,
  'rbac/v1.ClusterRoleBinding': BINDING,
  'admissionregistration/v1.ValidatingWebhookConfiguration': rules(validateWebhookConfiguration),
  'admissionregistration/v1.MutatingWebhookConfiguration': rules(validateWebhookConfiguration),
  'admissionregistration/v1.ValidatingAdmissionPolicy': rulesOf({ always: validateValidatingPolicy, status: validateValidatingPolicyStatus }),
  'admissionregistration/v1.ValidatingAdmissionPolicyBinding': rules(validateValidatingPolicyBinding),
  'admissionregistration/v1.MutatingAdmissionPolicy': rules(validateMutatingPolicy),
  'admissionregistration/v1.MutatingAdmissionPolicyBinding': rules(validateMutatingPolicyBinding),
  'resource/v1.DeviceClass': rules(validateDeviceClass),
  'resource/v1.ResourceClaim': rulesOf({ first: devices.validateResourceClaim, update: devices.validateResourceClaimUpdate, status: devices.validateResourceClaimStatus }),
  'resource/v1.ResourceClaimTemplate': rulesOf({ first: devices.validateClaimTemplate, update: devices.validateClaimTemplateUpdate }),
  'resource/v1.ResourceSlice': rules(validateSlice),
  'flowcontrol/v1.FlowSchema': rulesOf({ always: validateFlowSchema, status: validateFlowStatus }),
  'flowcontrol/v1.PriorityLevelConfiguration': rulesOf({ always: validatePriorityLevel, status: validateFlowStatus }),
  'apiregistration/v1.APIService': rulesOf({ always: validateApiService, status: validateApiServiceStatus }),
  'headway/v1.Repository': rules(validateRepository),
  'headway/v1.Application': rulesOf({ always: application.validateApplication, first: application.validateApplicationCreate }),
  'headway/v1.ApplicationSet': rules(validateApplicationSet),
  'headway/v1.Project': rules(validateProject),
  'headway/v1.Sync': rules(validateSync, validateSyncUpdate),
  'headway/v1.NodeRestore': rules(headway.validateNodeRestore),
};

/**
 * What forbids that a decoded object with its defaults be created; empty when nothing does. `field` is a path such as
 * `spec.containers[0].name`, `reason` a FieldValue* reason. For `invalid()` of status-error.ts.
 */
export function validateCreate(resource: ResourceType, object: KubeObject): readonly StatusCause[] {
  const problems = new Problems();
  // What is answered and never stored needs no name.
  if (isStored(resource)) validateObjectMeta(problems, resource, object.metadata, true);
  const kind = RULES[resource.facts ?? ''];
  if (kind !== undefined) {
    const whole = withSpec(object);
    kind.always?.(problems, whole, resource, undefined);
    kind.first?.(problems, whole);
  }
  if (resource.custom !== undefined) validateCustom(problems, resource.custom, object);
  return problems.causes;
}

/**
 * The same for the change from `old` to `object`. A part that was invalid already and has not changed is an error too.
 * Of a write to the subresource `status` only the metadata and the status are checked. `warn` is told what of a custom resource is wrong and let through.
 */
export function validateUpdate(resource: ResourceType, object: KubeObject, old: KubeObject, subresource = '', warn?: Warn): readonly StatusCause[] {
  const problems = new Problems();
  validateObjectMeta(problems, resource, object.metadata, false);
  validateObjectMetaUpdate(problems, object.metadata, old.metadata);
  const kind = RULES[resource.facts ?? ''];
  // What is outside of the status is the stored object's, which was checked when it came.
  if (subresource === 'status') kind?.status?.(problems, object, old);
  else if (kind !== undefined) {
    const [now, before] = [withSpec(object), withSpec(old)];
    kind.always?.(problems, now, resource, before);
    // Other subresources may change what is fixed otherwise, and have rules of their own.
    if (subresource === '') kind.update?.(problems, now, before);
  }
  if (resource.custom !== undefined && subresource === 'status') validateCustomStatus(problems, resource.custom, object, old, warn);
  else if (resource.custom !== undefined) validateCustom(problems, resource.custom, object, old, warn);
  return problems.causes;
}

function validateCustom(problems: Problems, { schema, scale }: CustomFacts, object: KubeObject, old?: KubeObject, warn?: Warn): void {
  problems.causes.push(...schema.validate(object, old, warn));
  if (scale === undefined) return;
  validateCustomScale(problems, object, scale);
  validateCustomScaleStatus(problems, object, scale);
}

function validateCustomStatus(problems: Problems, { schema, scale }: CustomFacts, object: KubeObject, old: KubeObject, warn?: Warn): void {
  problems.causes.push(...schema.validateStatus(object, old, warn));
  if (scale !== undefined) validateCustomScaleStatus(problems, object, scale);
}

/** A spec that is left out is an empty one: what it must hold is then what is missing. */
const withSpec = (object: KubeObject): KubeObject => ('spec' in object ? object : { ...object, spec: {} } as KubeObject);
