import type { PolicyRule } from '#api/generated/rbac/v1.ts';
import { EVENTS_RULE, READ, rule } from './rules.ts';

const MANY = 'get,list,watch,create,update,patch,delete';
const workloadPods = rule('list,watch,create,delete,patch', 'core', 'pods');

/** What Kubernetes allows each of its controllers; the role is `system:controller:<name>`, its account `<name>` in kube-system. */
export const CONTROLLER_RULES: Readonly<Record<string, readonly PolicyRule[]>> = {
  'deployment-controller': [
    rule('get,list,watch,update', 'extensions,apps', 'deployments'), rule('update', 'extensions,apps', 'deployments/status'), rule('update', 'extensions,apps', 'deployments/finalizers'),
    rule(MANY, 'apps,extensions', 'replicasets'), rule('get,list,watch,update', 'core', 'pods'), EVENTS_RULE,
  ],
  'replicaset-controller': [
    rule('get,list,watch,update', 'apps,extensions', 'replicasets'), rule('update', 'apps,extensions', 'replicasets/status'), rule('update', 'apps,extensions', 'replicasets/finalizers'), workloadPods, EVENTS_RULE,
  ],
  'replication-controller': [
    rule('get,list,watch,update', 'core', 'replicationcontrollers'), rule('update', 'core', 'replicationcontrollers/status'), rule('update', 'core', 'replicationcontrollers/finalizers'), workloadPods, EVENTS_RULE,
  ],
  'job-controller': [
    rule('get,list,watch,update,patch', 'batch', 'jobs'), rule('update', 'batch', 'jobs/status'), rule('update', 'batch', 'jobs/finalizers'), workloadPods, EVENTS_RULE,
  ],
  'cronjob-controller': [
    rule('get,list,watch,update', 'batch', 'cronjobs'), rule(MANY, 'batch', 'jobs'), rule('update', 'batch', 'cronjobs/status'), rule('update', 'batch', 'cronjobs/finalizers'),
    rule('list,watch,delete', 'core', 'pods'), EVENTS_RULE,
  ],
  'daemon-set-controller': [
    rule(READ, 'extensions,apps', 'daemonsets'), rule('update', 'extensions,apps', 'daemonsets/status'), rule('update', 'extensions,apps', 'daemonsets/finalizers'), rule('list,watch', 'core', 'nodes'), workloadPods,
    rule('create', 'core', 'pods/binding'), rule(MANY, 'apps', 'controllerrevisions'), EVENTS_RULE,
  ],
  'statefulset-controller': [
    rule('list,watch', 'core', 'pods'), rule(READ, 'apps', 'statefulsets'), rule('update', 'apps', 'statefulsets/status'), rule('update', 'apps', 'statefulsets/finalizers'),
    rule('get,create,delete,update,patch', 'core', 'pods'), rule(MANY, 'apps', 'controllerrevisions'), rule('get,create,list,watch', 'core', 'persistentvolumeclaims'),
    rule('update,delete', 'core', 'persistentvolumeclaims'), rule('update', 'core', 'pods/finalizers'), EVENTS_RULE,
  ],
  'namespace-controller': [
    rule('get,list,watch,delete', 'core', 'namespaces'), rule('update', 'core', 'namespaces/finalize,namespaces/status'), rule('get,list,watch,delete,deletecollection', '*', '*'),
  ],
  'service-account-controller': [rule('create', 'core', 'serviceaccounts'), EVENTS_RULE],
  'root-ca-cert-publisher': [rule('create,update', 'core', 'configmaps'), EVENTS_RULE],
  'endpointslice-controller': [
    rule(READ, 'core', 'services,pods,nodes'), rule('update', 'core', 'services/finalizers'), rule('get,list,watch,create,update,delete', 'discovery.k8s.io', 'endpointslices'), EVENTS_RULE,
  ],
  'endpoint-controller': [
    rule(READ, 'core', 'services,pods'), rule('get,list,watch,create,update,delete', 'core', 'endpoints'), rule('create', 'core', 'endpoints/restricted'), EVENTS_RULE,
  ],
  'generic-garbage-collector': [rule('get,list,watch,patch,update,delete', '*', '*'), EVENTS_RULE],
  'pod-garbage-collector': [rule('list,watch,delete', 'core', 'pods'), rule(READ, 'core', 'nodes'), rule('patch', 'core', 'pods/status')],
  'node-controller': [
    rule('get,list,watch,update,delete,patch', 'core', 'nodes'), rule('patch,update', 'core', 'nodes/status'), rule('patch,update', 'core', 'pods/status'),
    rule('list,watch,get,delete', 'core', 'pods'), EVENTS_RULE,
  ],
  'ttl-after-finished-controller': [rule('get,list,watch,delete', 'batch', 'jobs'), EVENTS_RULE],
  'disruption-controller': [
    rule(READ, 'extensions,apps', 'deployments'), rule(READ, 'apps,extensions', 'replicasets'), rule(READ, 'core', 'replicationcontrollers'), rule(READ, 'policy', 'poddisruptionbudgets'),
    rule(READ, 'apps', 'statefulsets'), rule('update', 'policy', 'poddisruptionbudgets/status'), rule('patch,update', 'core', 'pods/status'), rule('get', '*', '*/scale'), EVENTS_RULE,
  ],
  'horizontal-pod-autoscaler': [
    rule(READ, 'autoscaling', 'horizontalpodautoscalers'), rule('update', 'autoscaling', 'horizontalpodautoscalers/status'), rule('get,update', '*', '*/scale'), rule('list,watch', 'core', 'pods'),
    rule('list,watch', 'metrics.k8s.io', 'pods'), rule(READ, 'custom.metrics.k8s.io', '*'), rule(READ, 'external.metrics.k8s.io', '*'), EVENTS_RULE,
  ],
  'resourcequota-controller': [rule('list,watch', '*', '*'), rule('update', 'core', 'resourcequotas/status'), EVENTS_RULE],
  'certificate-controller': [
    rule('get,list,watch,delete', 'certificates.k8s.io', 'certificatesigningrequests'), rule('update', 'certificates.k8s.io', 'certificatesigningrequests/status,certificatesigningrequests/approval'),
    rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client-kubelet'),
    rule('sign', 'certificates.k8s.io', 'signers', 'kubernetes.io/legacy-unknown,kubernetes.io/kube-apiserver-client,kubernetes.io/kube-apiserver-client-kubelet,kubernetes.io/kubelet-serving'),
    rule('create', 'authorization.k8s.io', 'subjectaccessreviews'), EVENTS_RULE,
  ],
  'clusterrole-aggregation-controller': [rule('escalate,get,list,watch,update,patch', 'rbac.authorization.k8s.io', 'clusterroles')],
};

/** What Headway's controllers need beyond: informers read with the rights of the control plane, so it is writes alone, and the controllers that Kubernetes has not. */
export const ADDED_CONTROLLER_RULES: Readonly<Record<string, readonly PolicyRule[]>> = {
  'deployment-controller': [rule('patch', 'apps', 'deployments/status')],
  'service-address-repair-controller': [rule(READ, 'core', 'services'), rule('get,list,watch,create,delete', 'networking.k8s.io', 'ipaddresses'), EVENTS_RULE],
};
