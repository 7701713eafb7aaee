import * as cluster from './cluster.ts';
import * as core from './core.ts';
import { customPrinter } from './custom.ts';
import { described } from './descriptions.ts';
import type { Printer } from './format.ts';
import { podPrinter } from './pod.ts';
import * as workloads from './workloads.ts';
import type { TableColumnDefinition, TableRowCondition } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { CustomFacts, ResourceType } from '#api/resource-type.ts';

/** By the type in the fact tables. */
const PRINTERS: Readonly<Record<string, Printer>> = {
  'core/v1.Pod': podPrinter,
  'core/v1.PodTemplate': workloads.podTemplatePrinter,
  'core/v1.ReplicationController': workloads.replicationControllerPrinter,
  'core/v1.Service': core.servicePrinter,
  'core/v1.Node': core.nodePrinter,
  'core/v1.Event': core.eventPrinter,
  'events/v1.Event': core.eventV1Printer,
  'core/v1.ComponentStatus': core.componentPrinter,
  'core/v1.Namespace': core.namespacePrinter,
  'core/v1.Secret': core.secretPrinter,
  'core/v1.ConfigMap': core.configMapPrinter,
  'core/v1.ServiceAccount': core.serviceAccountPrinter,
  'core/v1.PersistentVolume': core.volumePrinter,
  'core/v1.PersistentVolumeClaim': core.claimPrinter,
  'core/v1.Endpoints': core.endpointsPrinter,
  'core/v1.ResourceQuota': core.resourceQuotaPrinter,
  'discovery/v1.EndpointSlice': core.endpointSlicePrinter,
  'apps/v1.Deployment': workloads.deploymentPrinter,
  'apps/v1.ReplicaSet': workloads.replicaSetPrinter,
  'apps/v1.StatefulSet': workloads.statefulSetPrinter,
  'apps/v1.DaemonSet': workloads.daemonSetPrinter,
  'apps/v1.ControllerRevision': workloads.controllerRevisionPrinter,
  'batch/v1.Job': workloads.jobPrinter,
  'batch/v1.CronJob': workloads.cronJobPrinter,
  'policy/v1.PodDisruptionBudget': workloads.disruptionBudgetPrinter,
  'autoscaling/v2.HorizontalPodAutoscaler': workloads.autoscalerPrinter,
  'autoscaling/v1.HorizontalPodAutoscaler': workloads.autoscalerV1Printer,
  'autoscaling/v1.Scale': workloads.scalePrinter,
  'networking/v1.Ingress': cluster.ingressPrinter,
  'networking/v1.IngressClass': cluster.ingressClassPrinter,
  'networking/v1.NetworkPolicy': cluster.networkPolicyPrinter,
  'networking/v1.IPAddress': cluster.ipAddressPrinter,
  'networking/v1.ServiceCIDR': cluster.serviceCidrPrinter,
  'rbac/v1.RoleBinding': cluster.roleBindingPrinter,
  'rbac/v1.ClusterRoleBinding': cluster.roleBindingPrinter,
  'certificates/v1.CertificateSigningRequest': cluster.signingRequestPrinter,
  'coordination/v1.Lease': cluster.leasePrinter,
  'apiregistration/v1.APIService': cluster.apiServicePrinter,
  'storage/v1.StorageClass': cluster.storageClassPrinter,
  'storage/v1.VolumeAttributesClass': cluster.attributesClassPrinter,
  'storage/v1.VolumeAttachment': cluster.volumeAttachmentPrinter,
  'storage/v1.CSINode': cluster.csiNodePrinter,
  'storage/v1.CSIDriver': cluster.csiDriverPrinter,
  'storage/v1.CSIStorageCapacity': cluster.csiCapacityPrinter,
  'scheduling/v1.PriorityClass': cluster.priorityClassPrinter,
  'node/v1.RuntimeClass': cluster.runtimeClassPrinter,
  'admissionregistration/v1.ValidatingWebhookConfiguration': cluster.webhooksPrinter,
  'admissionregistration/v1.MutatingWebhookConfiguration': cluster.webhooksPrinter,
  'admissionregistration/v1.ValidatingAdmissionPolicy': cluster.admissionPolicyPrinter,
  'admissionregistration/v1.ValidatingAdmissionPolicyBinding': cluster.admissionBindingPrinter,
  'admissionregistration/v1.MutatingAdmissionPolicy': cluster.mutatingPolicyPrinter,
  'admissionregistration/v1.MutatingAdmissionPolicyBinding': cluster.admissionBindingPrinter,
  'flowcontrol/v1.FlowSchema': cluster.flowSchemaPrinter,
  'flowcontrol/v1.PriorityLevelConfiguration': cluster.priorityLevelPrinter,
  'resource/v1.DeviceClass': cluster.agePrinter,
  'resource/v1.ResourceClaimTemplate': cluster.agePrinter,
  'resource/v1.ResourceClaim': cluster.resourceClaimPrinter,
  'resource/v1.ResourceSlice': cluster.resourceSlicePrinter,
  'headway/v1.Repository': cluster.repositoryPrinter,
  'headway/v1.Application': cluster.applicationPrinter,
  'headway/v1.ApplicationSet': cluster.applicationSetPrinter,
  'headway/v1.Project': cluster.projectPrinter,
  'headway/v1.Sync': cluster.syncPrinter,
};

/** The columns in which a Table shows objects of the resource; priority 1 is shown only by `-o wide`. */
export const tableColumns = (resource: ResourceType): readonly TableColumnDefinition[] => (resource.custom === undefined ? builtInColumns(resource) : printerOf(resource).columns);

/** Described when they are first asked for, which reads files. */
const builtIn = new Map<string, readonly TableColumnDefinition[]>();
function builtInColumns(resource: ResourceType): readonly TableColumnDefinition[] {
  const type = resource.facts ?? '';
  let columns = builtIn.get(type);
  if (columns === undefined) builtIn.set(type, (columns = described(type, printerOf(resource).columns)));
  return columns;
}

/** The cells of one object, in the order of the columns. `now` is milliseconds since the epoch; ages count to it. */
export const tableRow = (resource: ResourceType, object: KubeObject, now: number): readonly unknown[] => printerOf(resource).cells(named(object), now);
/** Of a bookmark's object, which has no name, a row is shown too. */
const named = (object: KubeObject): KubeObject => ((object.metadata.name as string | undefined) === undefined ? { ...object, metadata: { ...object.metadata, name: '' } } : object);

/** What a row says of the object as a whole; undefined for most. */
export const rowConditions = (resource: ResourceType, object: KubeObject): readonly TableRowCondition[] | undefined => printerOf(resource).conditions?.(object);

/** The objects of a list in the order of their rows. */
export function inRowOrder(resource: ResourceType, objects: readonly KubeObject[]): readonly KubeObject[] {
  const { order } = printerOf(resource);
  return order === undefined ? objects : objects.toSorted(order);
}

const printerOf = ({ facts, custom }: ResourceType): Printer => (custom === undefined ? PRINTERS[facts ?? ''] ?? core.plainPrinter : customPrinterOf(custom));

const customPrinters = new WeakMap<CustomFacts, Printer>();
function customPrinterOf(custom: CustomFacts): Printer {
  let printer = customPrinters.get(custom);
  if (printer === undefined) customPrinters.set(custom, (printer = customPrinter(custom.columns)));
  return printer;
}
