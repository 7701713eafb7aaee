import * as cluster from './cluster.ts';
import * as core from './core.ts';
import { type Default, forEach, inside } from './fill.ts';
import { podDefaults, podTemplateDefaults } from './pod.ts';
import * as workloads from './workloads.ts';
import type { JsonObject } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';

/** By the type in the fact tables; kinds that are not here have no defaults. */
const DEFAULTS: Readonly<Record<string, Default>> = {
  'core/v1.Pod': podDefaults,
  'core/v1.PodTemplate': inside('template', podTemplateDefaults),
  'core/v1.ReplicationController': workloads.replicationControllerDefaults,
  'core/v1.Service': core.serviceDefaults,
  'core/v1.Secret': core.secretDefaults,
  'core/v1.Namespace': core.namespaceDefaults,
  'core/v1.Node': core.nodeDefaults,
  'core/v1.Endpoints': core.endpointsDefaults,
  'core/v1.PersistentVolume': core.persistentVolumeDefaults,
  'core/v1.PersistentVolumeClaim': workloads.claimDefaults,
  'core/v1.LimitRange': core.limitRangeDefaults,
  'core/v1.ResourceQuota': core.resourceQuotaDefaults,
  'apps/v1.Deployment': workloads.deploymentDefaults,
  'apps/v1.ReplicaSet': workloads.replicaSetDefaults,
  'apps/v1.StatefulSet': workloads.statefulSetDefaults,
  'apps/v1.DaemonSet': workloads.daemonSetDefaults,
  'batch/v1.Job': workloads.jobDefaults,
  'batch/v1.CronJob': workloads.cronJobDefaults,
  'autoscaling/v2.HorizontalPodAutoscaler': cluster.autoscalerDefaults,
  'autoscaling/v1.HorizontalPodAutoscaler': cluster.autoscalerV1Defaults,
  'networking/v1.NetworkPolicy': cluster.networkPolicyDefaults,
  'networking/v1.IngressClass': cluster.ingressClassDefaults,
  'discovery/v1.EndpointSlice': cluster.endpointSliceDefaults,
  'rbac/v1.RoleBinding': cluster.roleBindingDefaults,
  'rbac/v1.ClusterRoleBinding': cluster.roleBindingDefaults,
  'storage/v1.StorageClass': cluster.storageClassDefaults,
  'storage/v1.CSIDriver': cluster.csiDriverDefaults,
  'scheduling/v1.PriorityClass': cluster.priorityClassDefaults,
  'admissionregistration/v1.ValidatingWebhookConfiguration': cluster.validatingWebhookDefaults,
  'admissionregistration/v1.MutatingWebhookConfiguration': cluster.mutatingWebhookDefaults,
  'admissionregistration/v1.ValidatingAdmissionPolicy': cluster.admissionPolicyDefaults,
  'admissionregistration/v1.MutatingAdmissionPolicy': cluster.admissionPolicyDefaults,
  'admissionregistration/v1.ValidatingAdmissionPolicyBinding': cluster.admissionBindingDefaults,
  'admissionregistration/v1.MutatingAdmissionPolicyBinding': cluster.admissionBindingDefaults,
  'apiextensions/v1.CustomResourceDefinition': cluster.definitionDefaults,
  'apiregistration/v1.APIService': cluster.apiServiceDefaults,
  'flowcontrol/v1.FlowSchema': cluster.flowSchemaDefaults,
  'flowcontrol/v1.PriorityLevelConfiguration': cluster.priorityLevelDefaults,
  'resource/v1.ResourceClaim': cluster.resourceClaimDefaults,
  'resource/v1.ResourceClaimTemplate': cluster.resourceClaimTemplateDefaults,
  'headway/v1.Repository': cluster.repositoryDefaults,
  'headway/v1.Application': cluster.applicationDefaults,
  'headway/v1.ApplicationSet': cluster.applicationSetDefaults,
  'headway/v1.NodeRestore': inside('spec', forEach('pods', podDefaults)),
};

/**
 * The object with what kube-apiserver fills in when it decodes one; `object` itself when nothing is missing. Applying it twice
 * changes nothing more. What needs other objects (addresses, tokens, priorities) is admission's.
 */
export function applyDefaults(resource: ResourceType, object: KubeObject): KubeObject {
  if (resource.custom !== undefined) return resource.custom.schema.applyDefaults(object);
  const defaults = resource.facts === undefined ? undefined : DEFAULTS[resource.facts];
  return defaults === undefined ? object : defaults(object as unknown as JsonObject) as unknown as KubeObject;
}
