import type { PolicyRule } from '#api/generated/rbac/v1.ts';
import { ALL, EVENTS_RULE, READ, rule, WRITE } from './rules.ts';
import { NODE_RULES } from '../authz/node-rules.ts';

export interface RoleFacts {
  readonly name: string;
  readonly rules?: readonly PolicyRule[];
  readonly labels?: Readonly<Record<string, string>>;
  /** The role is the sum of the roles with this label. */
  readonly aggregates?: string;
}

const AGGREGATE = 'rbac.authorization.k8s.io/aggregate-to-';
const to = (role: string): Readonly<Record<string, string>> => ({ [AGGREGATE + role]: 'true' });
const DISCOVERY = ['/api', '/api/*', '/apis', '/apis/*', '/healthz', '/livez', '/openapi', '/openapi/*', '/readyz', '/version', '/version/'];

const VIEW: readonly PolicyRule[] = [
  rule(READ, 'core', 'configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status'),
  rule(READ, 'core', 'bindings,events,limitranges,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status,namespaces'),
  rule(READ, 'discovery.k8s.io', 'endpointslices'),
  rule(READ, 'apps', 'controllerrevisions,daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,replicasets,replicasets/scale,replicasets/status,statefulsets,statefulsets/scale,statefulsets/status'),
  rule(READ, 'autoscaling', 'horizontalpodautoscalers,horizontalpodautoscalers/status'),
  rule(READ, 'batch', 'cronjobs,cronjobs/status,jobs,jobs/status'),
  rule(READ, 'policy', 'poddisruptionbudgets,poddisruptionbudgets/status'),
  rule(READ, 'networking.k8s.io', 'ingresses,ingresses/status,networkpolicies'),
  rule(READ, 'extensions', 'daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,networkpolicies,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale'),
  rule(READ, 'resource.k8s.io', 'resourceclaims,resourceclaims/status,resourceclaimtemplates'),
  rule(READ, 'headway.dev', 'applications,applicationsets,projects,repositories,syncs'),
];
const EDIT: readonly PolicyRule[] = [
  rule(READ, 'core', 'pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy'),
  rule('impersonate', 'core', 'serviceaccounts'),
  rule(WRITE, 'core', 'pods,pods/attach,pods/exec,pods/portforward,pods/proxy,configmaps,events,persistentvolumeclaims,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy'),
  rule('create', 'core', 'pods/eviction,serviceaccounts/token'),
  rule(WRITE, 'apps', 'daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale'),
  rule(WRITE, 'autoscaling', 'horizontalpodautoscalers'),
  rule(WRITE, 'batch', 'cronjobs,jobs'),
  rule(WRITE, 'policy', 'poddisruptionbudgets'),
  rule(WRITE, 'networking.k8s.io', 'ingresses,networkpolicies'),
  rule([...READ, ...WRITE], 'coordination.k8s.io', 'leases'),
  rule(WRITE, 'extensions', 'daemonsets,deployments,deployments/rollback,deployments/scale,ingresses,networkpolicies,replicasets,replicasets/scale,replicationcontrollers/scale'),
  rule(WRITE, 'resource.k8s.io', 'resourceclaims,resourceclaimtemplates'),
  rule(WRITE, 'headway.dev', 'applications,applicationsets,repositories'),
];
const CLAIM_CHANGES = 'get,list,watch,patch,update';
const SCHEDULER: readonly PolicyRule[] = [
  EVENTS_RULE,
  rule('create', 'coordination.k8s.io', 'leases'),
  rule('get,list,update,watch', 'coordination.k8s.io', 'leases', 'kube-scheduler'),
  rule([...READ, ...WRITE], 'coordination.k8s.io', 'leasecandidates'),
  rule(READ, 'core', 'nodes,namespaces,replicationcontrollers,services,persistentvolumeclaims,persistentvolumes'),
  rule('get,list,watch,delete', 'core', 'pods'),
  rule('create', 'core', 'bindings,pods/binding'),
  rule('patch,update', 'core', 'pods/status'),
  rule(READ, 'apps,extensions', 'replicasets'),
  rule(READ, 'apps', 'statefulsets'),
  rule(READ, 'policy', 'poddisruptionbudgets'),
  rule('create', 'authentication.k8s.io', 'tokenreviews'),
  rule('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  rule(READ, 'storage.k8s.io', 'csidrivers,csinodes,csistoragecapacities,volumeattachments'),
  rule(READ, 'resource.k8s.io', 'deviceclasses,devicetaintrules,resourceslices'),
  rule(CLAIM_CHANGES, 'resource.k8s.io', 'resourceclaims,resourceclaims/status'),
  rule('patch,update', 'resource.k8s.io', 'resourceclaims/binding'),
  rule(CLAIM_CHANGES, 'core', 'pods/finalizers'),
];

/** The cluster roles that Kubernetes has from the start, controllers' roles excepted. */
export const CLUSTER_ROLE_FACTS: readonly RoleFacts[] = [
  { name: 'cluster-admin', rules: [rule(ALL, '*', '*'), { verbs: ['*'], nonResourceURLs: ['*'] }] },
  { name: 'admin', aggregates: `${AGGREGATE}admin` },
  { name: 'edit', aggregates: `${AGGREGATE}edit`, labels: to('admin') },
  { name: 'view', aggregates: `${AGGREGATE}view`, labels: to('edit') },
  {
    name: 'system:aggregate-to-admin', labels: to('admin'),
    rules: [rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews'), rule([...READ, ...WRITE], 'rbac.authorization.k8s.io', 'rolebindings,roles')],
  },
  { name: 'system:aggregate-to-edit', labels: to('edit'), rules: EDIT },
  { name: 'system:aggregate-to-view', labels: to('view'), rules: VIEW },
  { name: 'system:auth-delegator', rules: [rule('create', 'authentication.k8s.io', 'tokenreviews'), rule('create', 'authorization.k8s.io', 'subjectaccessreviews')] },
  { name: 'system:basic-user', rules: [rule('create', 'authorization.k8s.io', 'selfsubjectaccessreviews,selfsubjectrulesreviews'), rule('create', 'authentication.k8s.io', 'selfsubjectreviews')] },
  { name: 'system:discovery', rules: [{ verbs: ['get'], nonResourceURLs: DISCOVERY }] },
  { name: 'system:public-info-viewer', rules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/livez', '/readyz', '/version', '/version/'] }] },
  { name: 'system:monitoring', rules: [{ verbs: ['get'], nonResourceURLs: ['/flagz', '/healthz', '/healthz/*', '/livez', '/livez/*', '/metrics', '/metrics/slis', '/readyz', '/readyz/*', '/statusz'] }] },
  { name: 'system:service-account-issuer-discovery', rules: [{ verbs: ['get'], nonResourceURLs: ['/.well-known/openid-configuration', '/.well-known/openid-configuration/', '/openid/v1/jwks', '/openid/v1/jwks/'] }] },
  { name: 'system:heapster', rules: [rule(READ, 'core', 'events,namespaces,nodes,pods'), rule(READ, 'extensions', 'deployments')] },
  { name: 'system:kube-aggregator', rules: [rule(READ, 'core', 'endpoints,services')] },
  { name: 'system:kube-dns', rules: [rule('list,watch', 'core', 'endpoints,services')] },
  { name: 'system:kube-scheduler', rules: SCHEDULER },
  { name: 'system:volume-scheduler', rules: [rule('get,list,watch,patch,update', 'core', 'persistentvolumes,persistentvolumeclaims'), rule(READ, 'storage.k8s.io', 'storageclasses')] },
  {
    name: 'system:kube-controller-manager',
    rules: [
      EVENTS_RULE, rule('create', 'coordination.k8s.io', 'leases'), rule('get,update', 'coordination.k8s.io', 'leases', 'kube-controller-manager'),
      rule('create,update,get', 'core', 'secrets,serviceaccounts'), rule('delete', 'core', 'secrets'), rule('get', 'core', 'configmaps,namespaces'),
      rule('create', 'authentication.k8s.io', 'tokenreviews'), rule('create', 'authorization.k8s.io', 'subjectaccessreviews'), rule('list,watch', '*', '*'), rule('create', 'core', 'serviceaccounts/token'),
    ],
  },
  { name: 'system:node', rules: NODE_RULES },
  {
    name: 'system:node-proxier',
    rules: [EVENTS_RULE, rule('list,watch', 'core', 'services,endpoints'), rule(READ, 'core', 'nodes'), rule('list,watch', 'discovery.k8s.io', 'endpointslices'), rule('list,watch', 'networking.k8s.io', 'servicecidrs')],
  },
  { name: 'system:node-bootstrapper', rules: [rule([...READ, 'create'], 'certificates.k8s.io', 'certificatesigningrequests')] },
  { name: 'system:node-problem-detector', rules: [EVENTS_RULE, rule('get', 'core', 'nodes'), rule('patch', 'core', 'nodes/status')] },
  {
    name: 'system:persistent-volume-provisioner',
    rules: [rule('get,list,watch,create,delete', 'core', 'persistentvolumes'), rule('get,list,watch,update', 'core', 'persistentvolumeclaims'), rule(READ, 'storage.k8s.io', 'storageclasses'), rule('watch', 'core', 'events'), EVENTS_RULE],
  },
  { name: 'system:kubelet-api-admin', rules: [rule(READ, 'core', 'nodes'), rule('proxy', 'core', 'nodes'), rule(ALL, 'core', 'nodes/log,nodes/metrics,nodes/proxy,nodes/stats'), rule(ALL, 'core', 'nodes/configz,nodes/healthz,nodes/pods')] },
  { name: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient', rules: [rule('create', 'certificates.k8s.io', 'certificatesigningrequests/nodeclient')] },
  { name: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient', rules: [rule('create', 'certificates.k8s.io', 'certificatesigningrequests/selfnodeclient')] },
  { name: 'system:certificates.k8s.io:kube-apiserver-client-approver', rules: [rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client')] },
  { name: 'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver', rules: [rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kube-apiserver-client-kubelet')] },
  { name: 'system:certificates.k8s.io:kubelet-serving-approver', rules: [rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/kubelet-serving')] },
  // Each item of a transaction needs a right of its own: the transaction is but the way in which it comes.
  { name: 'headway:transactions', rules: [rule('create', 'headway.dev', 'transactions')] },
  { name: 'system:certificates.k8s.io:legacy-unknown-approver', rules: [rule('approve', 'certificates.k8s.io', 'signers', 'kubernetes.io/legacy-unknown')] },
];

/** Role to its subjects. */
export const CLUSTER_ROLE_BINDING_FACTS: readonly { readonly name: string; readonly role: string; readonly users?: readonly string[]; readonly groups?: readonly string[]; readonly accounts?: readonly string[] }[] = [
  { name: 'cluster-admin', role: 'cluster-admin', groups: ['system:masters'] },
  { name: 'system:monitoring', role: 'system:monitoring', groups: ['system:monitoring'] },
  { name: 'system:discovery', role: 'system:discovery', groups: ['system:authenticated'] },
  { name: 'system:basic-user', role: 'system:basic-user', groups: ['system:authenticated'] },
  { name: 'system:public-info-viewer', role: 'system:public-info-viewer', groups: ['system:authenticated', 'system:unauthenticated'] },
  { name: 'system:node-proxier', role: 'system:node-proxier', users: ['system:kube-proxy'] },
  { name: 'system:kube-controller-manager', role: 'system:kube-controller-manager', users: ['system:kube-controller-manager'] },
  { name: 'system:kube-dns', role: 'system:kube-dns', accounts: ['kube-dns'] },
  { name: 'system:node', role: 'system:node' },
  { name: 'system:kube-scheduler', role: 'system:kube-scheduler', users: ['system:kube-scheduler'] },
  { name: 'system:volume-scheduler', role: 'system:volume-scheduler', users: ['system:kube-scheduler'] },
  { name: 'system:service-account-issuer-discovery', role: 'system:service-account-issuer-discovery', groups: ['system:serviceaccounts'] },
  { name: 'headway:sync', role: 'cluster-admin', users: ['headway:sync'] },
  { name: 'headway:transactions', role: 'headway:transactions', groups: ['system:authenticated'] },
];
