import type { PolicyRule } from '#api/generated/rbac/v1.ts';
import { EVENTS_RULE, READ, rule } from './rules.ts';

const WORKLOAD_PODS = rule('get,list,watch,create,delete,patch,update', 'core', 'pods');

/** What each controller may do; its role is `system:controller:<name>`, its account `<name>` in kube-system. Reading is common to all. */
export const CONTROLLER_RULES: Readonly<Record<string, readonly PolicyRule[]>> = {
  'deployment-controller': [
    rule('get,list,watch,update,patch', 'apps', 'deployments'), rule('update,patch', 'apps', 'deployments/status,deployments/finalizers'),
    rule('get,list,watch,create,update,patch,delete', 'apps', 'replicasets'), rule('get,list,watch,update', 'core', 'pods'), EVENTS_RULE,
  ],
  'replicaset-controller': [
    rule('get,list,watch,update,patch', 'apps', 'replicasets'), rule('update,patch', 'apps', 'replicasets/status,replicasets/finalizers'), WORKLOAD_PODS, EVENTS_RULE,
  ],
  'replication-controller': [
    rule('get,list,watch,update', 'core', 'replicationcontrollers'), rule('update,patch', 'core', 'replicationcontrollers/status,replicationcontrollers/finalizers'), WORKLOAD_PODS, EVENTS_RULE,
  ],
  'job-controller': [
    rule('get,list,watch,update,patch', 'batch', 'jobs'), rule('update,patch', 'batch', 'jobs/status,jobs/finalizers'), WORKLOAD_PODS, EVENTS_RULE,
  ],
  'cronjob-controller': [
    rule('get,list,watch,update', 'batch', 'cronjobs'), rule('update,patch', 'batch', 'cronjobs/status,cronjobs/finalizers'),
    rule('get,list,watch,create,delete,patch,update', 'batch', 'jobs'), EVENTS_RULE,
  ],
  'daemon-set-controller': [
    rule(READ, 'apps', 'daemonsets'), rule('update,patch', 'apps', 'daemonsets/status,daemonsets/finalizers'), rule(READ, 'core', 'nodes'), WORKLOAD_PODS,
    rule('create', 'core', 'pods/binding'), rule('get,list,watch,create,delete,update,patch', 'apps', 'controllerrevisions'), EVENTS_RULE,
  ],
  'statefulset-controller': [
    rule(READ, 'apps', 'statefulsets'), rule('update,patch', 'apps', 'statefulsets/status,statefulsets/finalizers'), WORKLOAD_PODS,
    rule('get,list,watch,create,delete,update,patch', 'apps', 'controllerrevisions'), rule('get,list,watch,create,update,delete', 'core', 'persistentvolumeclaims'), EVENTS_RULE,
  ],
  'namespace-controller': [
    rule('get,list,watch,delete', 'core', 'namespaces'), rule('update', 'core', 'namespaces/finalize,namespaces/status'), rule('get,list,delete,deletecollection,watch', '*', '*'),
  ],
  'service-account-controller': [rule('get,list,watch,create', 'core', 'serviceaccounts'), rule(READ, 'core', 'namespaces'), EVENTS_RULE],
  'root-ca-cert-publisher': [rule('get,list,watch,create,update', 'core', 'configmaps'), rule(READ, 'core', 'namespaces'), EVENTS_RULE],
  'endpointslice-controller': [
    rule(READ, 'core', 'services,pods,nodes'), rule('update', 'core', 'services/finalizers'), rule('get,list,watch,create,update,patch,delete', 'discovery.k8s.io', 'endpointslices'), EVENTS_RULE,
  ],
  'endpoint-controller': [rule(READ, 'core', 'services,pods'), rule('get,list,watch,create,update,delete', 'core', 'endpoints'), EVENTS_RULE],
  'generic-garbage-collector': [rule('get,list,watch,patch,update,delete', '*', '*'), EVENTS_RULE],
  'pod-garbage-collector': [rule('get,list,watch,delete', 'core', 'pods'), rule('patch,update', 'core', 'pods/status'), rule(READ, 'core', 'nodes')],
  'node-controller': [
    rule('get,list,watch,update,delete,patch', 'core', 'nodes'), rule('update,patch', 'core', 'nodes/status'), rule('patch,update', 'core', 'pods/status'),
    rule('get,list,watch,delete', 'core', 'pods'), rule(READ, 'coordination.k8s.io', 'leases'), EVENTS_RULE,
  ],
  'ttl-after-finished-controller': [rule('get,list,watch,delete', 'batch', 'jobs'), EVENTS_RULE],
  'disruption-controller': [
    rule(READ, 'apps', 'deployments,replicasets,statefulsets'), rule(READ, 'core', 'replicationcontrollers,pods'), rule(READ, 'policy', 'poddisruptionbudgets'),
    rule('update,patch', 'policy', 'poddisruptionbudgets/status'), rule('get', '*', '*/scale'), EVENTS_RULE,
  ],
  'horizontal-pod-autoscaler': [
    rule(READ, 'autoscaling', 'horizontalpodautoscalers'), rule('update,patch', 'autoscaling', 'horizontalpodautoscalers/status'), rule('get,update', '*', '*/scale'), rule('list,watch', 'core', 'pods'), EVENTS_RULE,
  ],
  'endpointslicemirroring-controller': [
    rule(READ, 'core', 'services,endpoints'), rule('update', 'core', 'endpoints/finalizers'), rule('get,list,watch,create,update,delete', 'discovery.k8s.io', 'endpointslices'), EVENTS_RULE,
  ],
  'service-cidrs-controller': [
    rule('get,list,watch,patch,update', 'networking.k8s.io', 'servicecidrs'), rule('patch,update', 'networking.k8s.io', 'servicecidrs/finalizers,servicecidrs/status'),
    rule(READ, 'networking.k8s.io', 'ipaddresses'), EVENTS_RULE,
  ],
  'service-address-repair-controller': [rule(READ, 'core', 'services'), rule('get,list,watch,create,delete', 'networking.k8s.io', 'ipaddresses'), EVENTS_RULE],
  'pvc-protection-controller': [rule('get,list,watch,update', 'core', 'persistentvolumeclaims'), rule(READ, 'core', 'pods'), EVENTS_RULE],
  'volumeattributesclass-protection-controller': [
    rule('get,list,watch,update', 'storage.k8s.io', 'volumeattributesclasses'), rule(READ, 'core', 'persistentvolumes,persistentvolumeclaims'), EVENTS_RULE,
  ],
  'pv-protection-controller': [rule('get,list,watch,update', 'core', 'persistentvolumes'), EVENTS_RULE],
  'resourcequota-controller': [rule('list,watch', '*', '*'), rule('update', 'core', 'resourcequotas/status'), EVENTS_RULE],
  'certificate-controller': [
    rule('get,list,watch,delete', 'certificates.k8s.io', 'certificatesigningrequests'), rule('update', 'certificates.k8s.io', 'certificatesigningrequests/status,certificatesigningrequests/approval'),
    rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client-kubelet'),
    rule('sign', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client,kubernetes.io/kube-apiserver-client-kubelet,kubernetes.io/kubelet-serving,kubernetes.io/legacy-unknown'),
    rule('create', 'authorization.k8s.io', 'subjectaccessreviews'), EVENTS_RULE,
  ],
  'clusterrole-aggregation-controller': [rule('escalate,get,list,patch,update,watch', 'rbac.authorization.k8s.io', 'clusterroles')],
};
