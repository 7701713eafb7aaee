/** Every resource that is built in, with the facts that Go's types do not hold: plural, short names, scope, subresources. */
import type * as apiextensions from '#api/generated/apiextensions/v1.ts';
import type * as apiregistration from '#api/generated/apiregistration/v1.ts';
import type * as apps from '#api/generated/apps/v1.ts';
import type * as authentication from '#api/generated/authentication/v1.ts';
import type * as authorization from '#api/generated/authorization/v1.ts';
import type * as autoscalingV1 from '#api/generated/autoscaling/v1.ts';
import type * as autoscalingV2 from '#api/generated/autoscaling/v2.ts';
import type * as batch from '#api/generated/batch/v1.ts';
import type * as certificates from '#api/generated/certificates/v1.ts';
import type * as coordination from '#api/generated/coordination/v1.ts';
import type * as core from '#api/generated/core/v1.ts';
import type * as discovery from '#api/generated/discovery/v1.ts';
import type * as events from '#api/generated/events/v1.ts';
import type * as flowcontrol from '#api/generated/flowcontrol/v1.ts';
import type * as networking from '#api/generated/networking/v1.ts';
import type * as policy from '#api/generated/policy/v1.ts';
import type * as rbac from '#api/generated/rbac/v1.ts';
import type * as devices from '#api/generated/resource/v1.ts';
import type * as scheduling from '#api/generated/scheduling/v1.ts';
import type * as storage from '#api/generated/storage/v1.ts';
import type * as headway from '#api/headway/v1/types.ts';
import type { Transaction } from '#api/headway/v1/transaction.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType, Verb } from '#api/resource-type.ts';

const ALL_VERBS: readonly Verb[] = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
/** For the kinds that are a question and an answer, and never stored. */
const CREATE_ONLY: readonly Verb[] = ['create'];

interface Options {
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  readonly cluster?: true;
  readonly sub?: readonly string[];
  readonly verbs?: readonly Verb[];
  readonly plural?: string;
  readonly deprecation?: string;
}

function group(packageId: string, groupName: string) {
  const version = packageId.split('/')[1] ?? '';
  return <T extends KubeObject>(kind: string, options: Options = {}): ResourceType<T> => {
    const singular = kind.toLowerCase();
    return {
      group: groupName, version, kind, singular,
      plural: options.plural ?? pluralOf(singular),
      shortNames: options.short ?? [], categories: options.categories ?? [],
      namespaced: !options.cluster, verbs: options.verbs ?? ALL_VERBS, subresources: options.sub ?? [],
      facts: `${packageId}.${kind}`, ...(options.deprecation === undefined ? {} : { deprecation: options.deprecation }),
    };
  };
}

function pluralOf(singular: string): string {
  if (/(s|x|ch|sh)$/.test(singular)) return `${singular}es`;
  return /[^aeiou]y$/.test(singular) ? `${singular.slice(0, -1)}ies` : `${singular}s`;
}

const coreV1 = group('core/v1', '');
export const PODS = coreV1<core.Pod>('Pod', { short: ['po'], categories: ['all'], sub: ['attach', 'binding', 'ephemeralcontainers', 'eviction', 'exec', 'log', 'portforward', 'proxy', 'resize', 'status'] });
export const SERVICES = coreV1<core.Service>('Service', { short: ['svc'], categories: ['all'], sub: ['proxy', 'status'] });
export const CONFIG_MAPS = coreV1<core.ConfigMap>('ConfigMap', { short: ['cm'] });
export const SECRETS = coreV1<core.Secret>('Secret');
export const NAMESPACES = coreV1<core.Namespace>('Namespace', { short: ['ns'], cluster: true, sub: ['finalize', 'status'], verbs: ALL_VERBS.filter((v) => v !== 'deletecollection') });
export const NODES = coreV1<core.Node>('Node', { short: ['no'], cluster: true, sub: ['proxy', 'status'] });
export const SERVICE_ACCOUNTS = coreV1<core.ServiceAccount>('ServiceAccount', { short: ['sa'], sub: ['token'] });
export const EVENTS = coreV1<core.Event>('Event', { short: ['ev'] });
/** Made up when it is asked for. */
export const COMPONENT_STATUSES = coreV1<core.ComponentStatus>('ComponentStatus', { short: ['cs'], cluster: true, verbs: ['get', 'list'], deprecation: 'v1 ComponentStatus is deprecated in v1.19+' });
export const ENDPOINTS = coreV1<core.Endpoints>('Endpoints', { short: ['ep'], plural: 'endpoints', deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice' });
export const PERSISTENT_VOLUMES = coreV1<core.PersistentVolume>('PersistentVolume', { short: ['pv'], cluster: true, sub: ['status'] });
export const PERSISTENT_VOLUME_CLAIMS = coreV1<core.PersistentVolumeClaim>('PersistentVolumeClaim', { short: ['pvc'], sub: ['status'] });
export const LIMIT_RANGES = coreV1<core.LimitRange>('LimitRange', { short: ['limits'] });
export const RESOURCE_QUOTAS = coreV1<core.ResourceQuota>('ResourceQuota', { short: ['quota'], sub: ['status'] });
export const REPLICATION_CONTROLLERS = coreV1<core.ReplicationController>('ReplicationController', { short: ['rc'], categories: ['all'], sub: ['scale', 'status'] });
export const BINDINGS = coreV1<core.Binding & KubeObject>('Binding', { verbs: CREATE_ONLY });
export const POD_TEMPLATES = coreV1<core.PodTemplate>('PodTemplate');

const appsV1 = group('apps/v1', 'apps');
export const DEPLOYMENTS = appsV1<apps.Deployment>('Deployment', { short: ['deploy'], categories: ['all'], sub: ['scale', 'status'] });
export const REPLICA_SETS = appsV1<apps.ReplicaSet>('ReplicaSet', { short: ['rs'], categories: ['all'], sub: ['scale', 'status'] });
export const STATEFUL_SETS = appsV1<apps.StatefulSet>('StatefulSet', { short: ['sts'], categories: ['all'], sub: ['scale', 'status'] });
export const DAEMON_SETS = appsV1<apps.DaemonSet>('DaemonSet', { short: ['ds'], categories: ['all'], sub: ['status'] });
export const CONTROLLER_REVISIONS = appsV1<apps.ControllerRevision>('ControllerRevision');

const batchV1 = group('batch/v1', 'batch');
export const JOBS = batchV1<batch.Job>('Job', { categories: ['all'], sub: ['status'] });
export const CRON_JOBS = batchV1<batch.CronJob>('CronJob', { short: ['cj'], categories: ['all'], sub: ['status'] });

const autoscaling = { short: ['hpa'], categories: ['all'], sub: ['status'] };
export const HORIZONTAL_POD_AUTOSCALERS = group('autoscaling/v2', 'autoscaling')<autoscalingV2.HorizontalPodAutoscaler>('HorizontalPodAutoscaler', autoscaling);
export const HORIZONTAL_POD_AUTOSCALERS_V1 = group('autoscaling/v1', 'autoscaling')<autoscalingV1.HorizontalPodAutoscaler>('HorizontalPodAutoscaler', autoscaling);

export const POD_DISRUPTION_BUDGETS = group('policy/v1', 'policy')<policy.PodDisruptionBudget>('PodDisruptionBudget', { short: ['pdb'], sub: ['status'] });

const networkingV1 = group('networking/v1', 'networking.k8s.io');
export const INGRESSES = networkingV1<networking.Ingress>('Ingress', { short: ['ing'], sub: ['status'] });
export const INGRESS_CLASSES = networkingV1<networking.IngressClass>('IngressClass', { cluster: true });
export const NETWORK_POLICIES = networkingV1<networking.NetworkPolicy>('NetworkPolicy', { short: ['netpol'] });
export const IP_ADDRESSES = networkingV1<networking.IPAddress>('IPAddress', { short: ['ip'], cluster: true });
export const SERVICE_CIDRS = networkingV1<networking.ServiceCIDR>('ServiceCIDR', { cluster: true, sub: ['status'] });

export const ENDPOINT_SLICES = group('discovery/v1', 'discovery.k8s.io')<discovery.EndpointSlice>('EndpointSlice');
export const LEASES = group('coordination/v1', 'coordination.k8s.io')<coordination.Lease>('Lease');
export const EVENTS_V1 = group('events/v1', 'events.k8s.io')<events.Event>('Event', { short: ['ev'] });

const rbacV1 = group('rbac/v1', 'rbac.authorization.k8s.io');
export const ROLES = rbacV1<rbac.Role>('Role');
export const ROLE_BINDINGS = rbacV1<rbac.RoleBinding>('RoleBinding');
export const CLUSTER_ROLES = rbacV1<rbac.ClusterRole>('ClusterRole', { cluster: true });
export const CLUSTER_ROLE_BINDINGS = rbacV1<rbac.ClusterRoleBinding>('ClusterRoleBinding', { cluster: true });

const storageV1 = group('storage/v1', 'storage.k8s.io');
export const STORAGE_CLASSES = storageV1<storage.StorageClass>('StorageClass', { short: ['sc'], cluster: true });
export const VOLUME_ATTRIBUTES_CLASSES = storageV1<storage.VolumeAttributesClass>('VolumeAttributesClass', { short: ['vac'], cluster: true });
export const VOLUME_ATTACHMENTS = storageV1<storage.VolumeAttachment>('VolumeAttachment', { cluster: true, sub: ['status'] });
export const CSI_DRIVERS = storageV1<storage.CSIDriver>('CSIDriver', { cluster: true });
export const CSI_NODES = storageV1<storage.CSINode>('CSINode', { cluster: true });
export const CSI_STORAGE_CAPACITIES = storageV1<storage.CSIStorageCapacity>('CSIStorageCapacity');

export const PRIORITY_CLASSES = group('scheduling/v1', 'scheduling.k8s.io')<scheduling.PriorityClass>('PriorityClass', { short: ['pc'], cluster: true });
export const RUNTIME_CLASSES = group('node/v1', 'node.k8s.io')<KubeObject>('RuntimeClass', { cluster: true });
export const CERTIFICATE_SIGNING_REQUESTS = group('certificates/v1', 'certificates.k8s.io')<certificates.CertificateSigningRequest>('CertificateSigningRequest', { short: ['csr'], cluster: true, sub: ['approval', 'status'] });

const authenticationV1 = group('authentication/v1', 'authentication.k8s.io');
export const TOKEN_REVIEWS = authenticationV1<authentication.TokenReview>('TokenReview', { cluster: true, verbs: CREATE_ONLY });
export const SELF_SUBJECT_REVIEWS = authenticationV1<authentication.SelfSubjectReview>('SelfSubjectReview', { cluster: true, verbs: CREATE_ONLY });
const authorizationV1 = group('authorization/v1', 'authorization.k8s.io');
export const SUBJECT_ACCESS_REVIEWS = authorizationV1<authorization.SubjectAccessReview>('SubjectAccessReview', { cluster: true, verbs: CREATE_ONLY });
export const SELF_SUBJECT_ACCESS_REVIEWS = authorizationV1<authorization.SelfSubjectAccessReview>('SelfSubjectAccessReview', { cluster: true, verbs: CREATE_ONLY });
export const SELF_SUBJECT_RULES_REVIEWS = authorizationV1<authorization.SelfSubjectRulesReview>('SelfSubjectRulesReview', { cluster: true, verbs: CREATE_ONLY });
export const LOCAL_SUBJECT_ACCESS_REVIEWS = authorizationV1<authorization.LocalSubjectAccessReview>('LocalSubjectAccessReview', { verbs: CREATE_ONLY });

const flowcontrolV1 = group('flowcontrol/v1', 'flowcontrol.apiserver.k8s.io');
export const FLOW_SCHEMAS = flowcontrolV1<flowcontrol.FlowSchema>('FlowSchema', { cluster: true, sub: ['status'] });
export const PRIORITY_LEVELS = flowcontrolV1<flowcontrol.PriorityLevelConfiguration>('PriorityLevelConfiguration', { cluster: true, sub: ['status'] });
const admissionV1 = group('admissionregistration/v1', 'admissionregistration.k8s.io');
const resourceV1 = group('resource/v1', 'resource.k8s.io');
export const DEVICE_CLASSES = resourceV1<devices.DeviceClass>('DeviceClass', { cluster: true });
export const RESOURCE_CLAIMS = resourceV1<devices.ResourceClaim>('ResourceClaim', { sub: ['status'] });
export const RESOURCE_CLAIM_TEMPLATES = resourceV1<devices.ResourceClaimTemplate>('ResourceClaimTemplate');
export const RESOURCE_SLICES = resourceV1<devices.ResourceSlice>('ResourceSlice', { cluster: true });
export const CUSTOM_RESOURCE_DEFINITIONS = group('apiextensions/v1', 'apiextensions.k8s.io')<apiextensions.CustomResourceDefinition>('CustomResourceDefinition', { short: ['crd', 'crds'], categories: ['api-extensions'], cluster: true, sub: ['status'] });
export const API_SERVICES = group('apiregistration/v1', 'apiregistration.k8s.io')<apiregistration.APIService>('APIService', { categories: ['api-extensions'], cluster: true, sub: ['status'] });

const headwayV1 = group('headway/v1', 'headway.dev');
export const REPOSITORIES = headwayV1<headway.Repository>('Repository', { short: ['repo'], categories: ['headway'], sub: ['status'] });
export const APPLICATIONS = headwayV1<headway.Application>('Application', { short: ['app'], categories: ['headway'], sub: ['status'] });
export const APPLICATION_SETS = headwayV1<headway.ApplicationSet>('ApplicationSet', { short: ['appset'], categories: ['headway'], sub: ['status'] });
export const PROJECTS = headwayV1<headway.Project>('Project', { short: ['proj'], categories: ['headway'], sub: ['status'] });
export const SYNCS = headwayV1<headway.Sync>('Sync', { categories: ['headway'], sub: ['status'] });
export const NODE_RESTORES = headwayV1<headway.NodeRestore>('NodeRestore', { cluster: true, verbs: CREATE_ONLY });
export const TRANSACTIONS = headwayV1<Transaction>('Transaction', { cluster: true, verbs: CREATE_ONLY });

/** In discovery order. */
export const BUILT_IN_RESOURCES: readonly ResourceType[] = [
  PODS, SERVICES, CONFIG_MAPS, SECRETS, NAMESPACES, NODES, SERVICE_ACCOUNTS, EVENTS, ENDPOINTS, PERSISTENT_VOLUMES,
  PERSISTENT_VOLUME_CLAIMS, LIMIT_RANGES, RESOURCE_QUOTAS, REPLICATION_CONTROLLERS, POD_TEMPLATES, BINDINGS, COMPONENT_STATUSES,
  EVENTS_V1, TOKEN_REVIEWS, SELF_SUBJECT_REVIEWS, SUBJECT_ACCESS_REVIEWS, SELF_SUBJECT_ACCESS_REVIEWS,
  SELF_SUBJECT_RULES_REVIEWS, LOCAL_SUBJECT_ACCESS_REVIEWS,
  HORIZONTAL_POD_AUTOSCALERS, HORIZONTAL_POD_AUTOSCALERS_V1, JOBS, CRON_JOBS, CERTIFICATE_SIGNING_REQUESTS,
  INGRESSES, INGRESS_CLASSES, NETWORK_POLICIES, IP_ADDRESSES, SERVICE_CIDRS, POD_DISRUPTION_BUDGETS,
  ROLES, ROLE_BINDINGS, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS,
  STORAGE_CLASSES, VOLUME_ATTRIBUTES_CLASSES, VOLUME_ATTACHMENTS, CSI_DRIVERS, CSI_NODES, CSI_STORAGE_CAPACITIES,
  admissionV1('ValidatingWebhookConfiguration', { categories: ['api-extensions'], cluster: true }), admissionV1('MutatingWebhookConfiguration', { categories: ['api-extensions'], cluster: true }),
  admissionV1('ValidatingAdmissionPolicy', { categories: ['api-extensions'], cluster: true, sub: ['status'] }), admissionV1('ValidatingAdmissionPolicyBinding', { categories: ['api-extensions'], cluster: true }),
  admissionV1('MutatingAdmissionPolicy', { categories: ['api-extensions'], cluster: true }), admissionV1('MutatingAdmissionPolicyBinding', { categories: ['api-extensions'], cluster: true }),
  CUSTOM_RESOURCE_DEFINITIONS, PRIORITY_CLASSES, LEASES, RUNTIME_CLASSES, ENDPOINT_SLICES,
  FLOW_SCHEMAS, PRIORITY_LEVELS,
  DEVICE_CLASSES, RESOURCE_CLAIMS, RESOURCE_CLAIM_TEMPLATES, RESOURCE_SLICES,
  DEPLOYMENTS, REPLICA_SETS, STATEFUL_SETS, DAEMON_SETS, CONTROLLER_REVISIONS,
  API_SERVICES,
  REPOSITORIES, APPLICATIONS, APPLICATION_SETS, PROJECTS, SYNCS, NODE_RESTORES, TRANSACTIONS,
];
