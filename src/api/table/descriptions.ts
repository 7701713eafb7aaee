import { DescriptionReader } from '#api/descriptions.ts';
import type { TableColumnDefinition } from '#api/generated/meta/v1.ts';

export const NAMED = 'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names';
export const CREATED = 'CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata';

type Texts = Readonly<Record<string, string>>;
/** Of columns that mean the same wherever they are. */
const COMMON: Texts = { Name: NAMED, Age: CREATED, 'Created At': CREATED, Containers: 'Names of each container in the template.', Images: 'Images referenced by each container in the template.' };

const EVENT: Texts = {
  'Last Seen': '=core/v1.Event.lastTimestamp', Type: '=core/v1.Event.type', Reason: '=core/v1.Event.reason', Object: '=core/v1.Event.involvedObject', Subobject: '=core/v1.ObjectReference.fieldPath', Source: '=core/v1.Event.source',
  Message: '=core/v1.Event.message', 'First Seen': '=core/v1.Event.firstTimestamp', Count: '=core/v1.Event.count',
};
const REPLICAS: Texts = { Desired: '=Spec.replicas', Current: '=Status.replicas', Ready: '=Status.readyReplicas', Selector: '=Spec.selector' };
const AUTOSCALER: Texts = {
  Reference: '=Spec.scaleTargetRef', Targets: '=autoscaling/v2.HorizontalPodAutoscalerSpec.metrics', MinPods: '=Spec.minReplicas', MaxPods: '=Spec.maxReplicas', Replicas: '=Status.currentReplicas',
};
const WEBHOOKS: Texts = { Webhooks: 'Webhooks indicates the number of webhooks registered in this configuration' };
const PARAM_KIND = 'ParamKind specifies the kind of resources used to parameterize this policy';
const POLICY_BINDING: Texts = {
  PolicyName: 'PolicyName indicates the policy definition which the policy binding binded to', ParamRef: 'ParamRef indicates the param resource which sets the configration param',
};

/**
 * Kubernetes' words for the columns of its kinds, by the type in the fact tables. After `=` stands a field that says it: of another type of the
 * kind (`=Spec.replicas`), of the kind itself (`=.type`), or of any type (`=core/v1.NodeStatus.addresses`).
 */
const OWN: Readonly<Record<string, Texts>> = {
  'core/v1.Pod': {
    Ready: 'The aggregate readiness state of this pod for accepting traffic.', Status: 'The aggregate status of the containers in this pod.',
    Restarts: 'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
    IP: '=Status.podIP', Node: '=Spec.nodeName', 'Nominated Node': '=Status.nominatedNodeName', 'Readiness Gates': '=Spec.readinessGates',
  },
  'core/v1.PodTemplate': { 'Pod Labels': 'The labels for the pod template.' },
  'core/v1.ReplicationController': REPLICAS,
  'core/v1.Service': { Type: '=Spec.type', 'Cluster-IP': '=Spec.clusterIP', 'External-IP': '=Spec.externalIPs', 'Port(s)': '=Spec.ports', Selector: '=Spec.selector' },
  'core/v1.Node': {
    Status: 'The status of the node', Roles: 'The roles of the node', Version: '=core/v1.NodeSystemInfo.kubeletVersion', 'Internal-IP': '=Status.addresses', 'External-IP': '=Status.addresses',
    'OS-Image': '=core/v1.NodeSystemInfo.osImage', 'Kernel-Version': '=core/v1.NodeSystemInfo.kernelVersion', 'Container-Runtime': '=core/v1.NodeSystemInfo.containerRuntimeVersion',
  },
  'core/v1.Event': EVENT,
  'events/v1.Event': EVENT,
  'core/v1.ComponentStatus': { Status: 'Status of the component conditions', Message: 'Message of the component conditions', Error: 'Error of the component conditions' },
  'core/v1.Namespace': { Status: 'The status of the namespace' },
  'core/v1.Secret': { Type: '=.type', Data: '=.data' },
  'core/v1.ConfigMap': { Data: '=.data' },
  'core/v1.PersistentVolume': {
    Capacity: '=Spec.capacity', 'Access Modes': '=Spec.accessModes', 'Reclaim Policy': '=Spec.persistentVolumeReclaimPolicy', Status: '=Status.phase', Claim: '=Spec.claimRef', StorageClass: 'StorageClass of the pv',
    VolumeAttributesClass: 'VolumeAttributesClass of the pv', Reason: '=Status.reason', VolumeMode: '=Spec.volumeMode',
  },
  'core/v1.PersistentVolumeClaim': {
    Status: '=Status.phase', Volume: '=Spec.volumeName', Capacity: '=Status.capacity', 'Access Modes': '=Status.accessModes', StorageClass: 'StorageClass of the pvc',
    VolumeAttributesClass: 'VolumeAttributesClass of the pvc', VolumeMode: '=Spec.volumeMode',
  },
  'core/v1.Endpoints': { Endpoints: '=.subsets' },
  'core/v1.ResourceQuota': {
    Request: 'Request represents a minimum amount of cpu/memory that a container may consume.',
    Limit: 'Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.',
  },
  'discovery/v1.EndpointSlice': { AddressType: '=.addressType', Ports: '=.ports', Endpoints: '=.endpoints' },
  'apps/v1.Deployment': { Ready: 'Number of the pod with ready state', 'Up-to-date': '=Status.updatedReplicas', Available: '=Status.availableReplicas', Selector: '=Spec.selector' },
  'apps/v1.ReplicaSet': REPLICAS,
  'apps/v1.StatefulSet': { Ready: 'Number of the pod with ready state' },
  'apps/v1.DaemonSet': {
    Desired: '=Status.desiredNumberScheduled', Current: '=Status.currentNumberScheduled', Ready: '=Status.numberReady', 'Up-to-date': '=Status.updatedNumberScheduled', Available: '=Status.numberAvailable',
    'Node Selector': '=core/v1.PodSpec.nodeSelector', Selector: '=Spec.selector',
  },
  'apps/v1.ControllerRevision': { Controller: 'Controller of the object', Revision: '=.revision' },
  'batch/v1.Job': { Status: 'Status of the job.', Completions: '=Status.succeeded', Duration: 'Time required to complete the job.', Selector: '=Spec.selector' },
  'batch/v1.CronJob': {
    Schedule: '=Spec.schedule', Timezone: '=Spec.timeZone', Suspend: '=Spec.suspend', Active: '=Status.active', 'Last Schedule': '=Status.lastScheduleTime', Selector: '=batch/v1.JobSpec.selector',
  },
  'policy/v1.PodDisruptionBudget': {
    'Min Available': 'The minimum number of pods that must be available.', 'Max Unavailable': 'The maximum number of pods that may be unavailable.',
    'Allowed Disruptions': 'Calculated number of pods that may be disrupted at this time.',
  },
  'autoscaling/v2.HorizontalPodAutoscaler': AUTOSCALER,
  'autoscaling/v1.HorizontalPodAutoscaler': AUTOSCALER,
  'autoscaling/v1.Scale': { Desired: '=Spec.replicas', Available: '=Status.replicas' },
  'networking/v1.Ingress': {
    Class: 'The name of the IngressClass resource that should be used for additional configuration', Hosts: 'Hosts that incoming requests are matched against before the ingress rule',
    Address: 'Address is a list containing ingress points for the load-balancer', Ports: 'Ports of TLS configurations that open',
  },
  'networking/v1.IngressClass': { Controller: 'Controller that is responsible for handling this class', Parameters: 'A reference to a resource with additional parameters' },
  'networking/v1.NetworkPolicy': { 'Pod-Selector': '=Spec.podSelector' },
  'networking/v1.IPAddress': { ParentRef: '=Spec.parentRef' },
  'networking/v1.ServiceCIDR': { CIDRs: '=Spec.cidrs' },
  'rbac/v1.RoleBinding': { Role: '=.roleRef', Users: 'Users in the roleBinding', Groups: 'Groups in the roleBinding', ServiceAccounts: 'ServiceAccounts in the roleBinding' },
  'rbac/v1.ClusterRoleBinding': { Role: '=.roleRef', Users: 'Users in the clusterRoleBinding', Groups: 'Groups in the clusterRoleBinding', ServiceAccounts: 'ServiceAccounts in the clusterRoleBinding' },
  'certificates/v1.CertificateSigningRequest': { SignerName: '=Spec.signerName', Requestor: '=Spec.request', RequestedDuration: '=Spec.expirationSeconds', Condition: '=Status.conditions' },
  'coordination/v1.Lease': { Holder: '=Spec.holderIdentity' },
  'apiregistration/v1.APIService': { Service: 'The reference to the service that hosts this API endpoint.', Available: 'Whether this service is available.' },
  'storage/v1.StorageClass': { Provisioner: '=.provisioner', ReclaimPolicy: '=.reclaimPolicy', VolumeBindingMode: '=.volumeBindingMode', AllowVolumeExpansion: '=.allowVolumeExpansion' },
  'storage/v1.VolumeAttributesClass': { DriverName: '=.driverName' },
  'storage/v1.VolumeAttachment': { Attacher: '=Spec.attacher', PV: '=Source.persistentVolumeName', Node: '=Spec.nodeName', Attached: '=Status.attached' },
  'storage/v1.CSINode': { Drivers: 'Drivers indicates the number of CSI drivers registered on the node' },
  'storage/v1.CSIDriver': {
    AttachRequired: '=Spec.attachRequired', PodInfoOnMount: '=Spec.podInfoOnMount', StorageCapacity: '=Spec.storageCapacity', TokenRequests: '=Spec.tokenRequests', RequiresRepublish: '=Spec.requiresRepublish',
    Modes: '=Spec.volumeLifecycleModes',
  },
  'storage/v1.CSIStorageCapacity': { StorageClassName: '=.storageClassName', Capacity: '=.capacity' },
  'scheduling/v1.PriorityClass': { Value: '=.value', 'Global-Default': '=.globalDefault', PreemptionPolicy: '=.preemptionPolicy' },
  'node/v1.RuntimeClass': { Handler: '=.handler' },
  'admissionregistration/v1.ValidatingWebhookConfiguration': WEBHOOKS,
  'admissionregistration/v1.MutatingWebhookConfiguration': WEBHOOKS,
  'admissionregistration/v1.ValidatingAdmissionPolicy': { Validations: 'Validations indicates the number of validation rules defined in this configuration', ParamKind: PARAM_KIND },
  'admissionregistration/v1.ValidatingAdmissionPolicyBinding': POLICY_BINDING,
  'admissionregistration/v1.MutatingAdmissionPolicy': { Mutations: 'Mutation indicates the number of mutations rules defined in this configuration', ParamKind: PARAM_KIND },
  'admissionregistration/v1.MutatingAdmissionPolicyBinding': POLICY_BINDING,
  'flowcontrol/v1.FlowSchema': {
    PriorityLevel: '=flowcontrol/v1.PriorityLevelConfigurationReference.name', MatchingPrecedence: '=Spec.matchingPrecedence', DistinguisherMethod: '=Spec.distinguisherMethod',
    MissingPL: 'references a broken or non-existent PriorityLevelConfiguration',
  },
  'flowcontrol/v1.PriorityLevelConfiguration': {
    Type: '=Spec.type', NominalConcurrencyShares: '=flowcontrol/v1.LimitedPriorityLevelConfiguration.nominalConcurrencyShares', Queues: '=flowcontrol/v1.QueuingConfiguration.queues',
    HandSize: '=flowcontrol/v1.QueuingConfiguration.handSize', QueueLengthLimit: '=flowcontrol/v1.QueuingConfiguration.queueLengthLimit',
  },
  'resource/v1.ResourceClaim': { State: 'A summary of the current state (allocated, pending, reserved, etc.).' },
  'resource/v1.ResourceSlice': { Node: '=Spec.nodeName', Driver: '=Spec.driver', Pool: '=resource/v1.ResourcePool.name' },
  'headway/v1.Repository': { URL: '=Spec.url', Ref: '=Spec.ref', Revision: '=Status.revision' },
  'headway/v1.Application': {
    Repository: '=Spec.repository', Path: '=Spec.path', Synced: '=Status.conditions', Healthy: '=Status.conditions', Revision: '=Status.syncedRevision', Objects: '=Status.inventory', Prune: '=headway/v1.SyncPolicy.prune',
  },
  'headway/v1.ApplicationSet': { Applications: '=Status.applications', Pending: '=Status.pending' },
  'headway/v1.Project': { Namespaces: '=Spec.namespaces', 'Service-Account': '=Spec.serviceAccount', Repositories: '=Spec.repositories' },
  'headway/v1.Sync': { Revision: '=Spec.revision', Trigger: '=Spec.trigger', By: '=headway/v1.SyncTrigger.by' },
};

/** OpenAPI lists the values of a field after its description. */
const VALUES = '\n\nPossible enum values:';

/** The columns of a kind, each with what it means; empty for those about which nothing is said. `type`: in the fact tables. */
export function described(type: string, columns: readonly TableColumnDefinition[]): readonly TableColumnDefinition[] {
  const own = OWN[type] ?? {};
  const reader = new DescriptionReader();
  return columns.map((column) => {
    const text = own[column.name] ?? COMMON[column.name] ?? '';
    return { ...column, description: text.startsWith('=') ? fieldText(reader, type, text.slice(1)) : text };
  });
}

function fieldText(reader: DescriptionReader, type: string, path: string): string {
  const dot = path.lastIndexOf('.');
  const owner = path.slice(0, dot);
  const said = reader.of(owner.includes('/') ? owner : type + owner).fields?.[path.slice(dot + 1)] ?? '';
  return said.split(VALUES, 1)[0] ?? '';
}
