/**
 * The cluster roles that Kubernetes 1.36 has from the start with its default features, one rule a line: verbs, API groups (`core` is the one without name),
 * resources, names; of paths: verbs, `url`, paths. `+label` lines tell what a role is aggregated to.
 */
export const KUBERNETES_CLUSTER_ROLES = `
cluster-admin
  * * *
  * url *
admin
edit +admin
view +edit
system:aggregate-to-admin +admin
  create authorization.k8s.io localsubjectaccessreviews
  rw rbac.authorization.k8s.io roles,rolebindings
system:aggregate-to-edit +edit
  read core pods/attach,pods/proxy,pods/exec,pods/portforward,secrets,services/proxy
  impersonate core serviceaccounts
  write core pods,pods/attach,pods/proxy,pods/exec,pods/portforward
  create core pods/eviction
  write core replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/proxy,persistentvolumeclaims,configmaps,secrets,events
  create core serviceaccounts/token
  write apps statefulsets,statefulsets/scale,daemonsets,deployments,deployments/scale,deployments/rollback,replicasets,replicasets/scale
  write autoscaling horizontalpodautoscalers
  write batch jobs,cronjobs
  write extensions daemonsets,deployments,deployments/scale,deployments/rollback,ingresses,replicasets,replicasets/scale,replicationcontrollers/scale,networkpolicies
  write policy poddisruptionbudgets
  write networking.k8s.io networkpolicies,ingresses
  rw coordination.k8s.io leases
  write resource.k8s.io resourceclaims,resourceclaimtemplates
system:aggregate-to-view +view
  read core pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,configmaps
  read core limitranges,resourcequotas,bindings,events,pods/status,resourcequotas/status,namespaces/status,replicationcontrollers/status,pods/log
  read core namespaces
  read discovery.k8s.io endpointslices
  read apps controllerrevisions,statefulsets,statefulsets/status,statefulsets/scale,daemonsets,daemonsets/status,deployments,deployments/status,deployments/scale,replicasets,replicasets/status,replicasets/scale
  read autoscaling horizontalpodautoscalers,horizontalpodautoscalers/status
  read batch jobs,cronjobs,cronjobs/status,jobs/status
  read extensions daemonsets,daemonsets/status,deployments,deployments/scale,deployments/status,ingresses,ingresses/status,replicasets,replicasets/scale,replicasets/status,replicationcontrollers/scale,networkpolicies
  read policy poddisruptionbudgets,poddisruptionbudgets/status
  read networking.k8s.io networkpolicies,ingresses,ingresses/status
  read resource.k8s.io resourceclaims,resourceclaims/status,resourceclaimtemplates
system:auth-delegator
  create authentication.k8s.io tokenreviews
  create authorization.k8s.io subjectaccessreviews
system:basic-user
  create authorization.k8s.io selfsubjectaccessreviews,selfsubjectrulesreviews
  create authentication.k8s.io selfsubjectreviews
system:certificates.k8s.io:certificatesigningrequests:nodeclient
  create certificates.k8s.io certificatesigningrequests/nodeclient
system:certificates.k8s.io:certificatesigningrequests:selfnodeclient
  create certificates.k8s.io certificatesigningrequests/selfnodeclient
system:certificates.k8s.io:kube-apiserver-client-approver
  approve certificates.k8s.io signers kubernetes.io/kube-apiserver-client
system:certificates.k8s.io:kube-apiserver-client-kubelet-approver
  approve certificates.k8s.io signers kubernetes.io/kube-apiserver-client-kubelet
system:certificates.k8s.io:kubelet-serving-approver
  approve certificates.k8s.io signers kubernetes.io/kubelet-serving
system:certificates.k8s.io:legacy-unknown-approver
  approve certificates.k8s.io signers kubernetes.io/legacy-unknown
system:discovery
  get url /livez,/readyz,/healthz,/version,/version/,/openapi,/openapi/*,/api,/api/*,/apis,/apis/*
system:heapster
  read core events,pods,nodes,namespaces
  read extensions deployments
system:kube-aggregator
  read core services,endpoints
system:kube-controller-manager
  events
  create coordination.k8s.io leases
  get,update coordination.k8s.io leases kube-controller-manager
  create core secrets,serviceaccounts
  delete core secrets
  get core namespaces,secrets,serviceaccounts,configmaps
  update core secrets,serviceaccounts
  create authentication.k8s.io tokenreviews
  create authorization.k8s.io subjectaccessreviews
  list,watch * *
  create core serviceaccounts/token
system:kube-dns
  list,watch core endpoints,services
system:kube-scheduler
  events
  create coordination.k8s.io leases
  get,list,update,watch coordination.k8s.io leases kube-scheduler
  rw coordination.k8s.io leasecandidates
  read core nodes
  get,list,watch,delete core pods
  create core bindings,pods/binding
  patch,update core pods/status
  read core replicationcontrollers,services
  read apps,extensions replicasets
  read apps statefulsets
  read policy poddisruptionbudgets
  read core persistentvolumeclaims,persistentvolumes
  create authentication.k8s.io tokenreviews
  create authorization.k8s.io subjectaccessreviews
  read storage.k8s.io csinodes
  read storage.k8s.io volumeattachments
  read core namespaces
  read storage.k8s.io csidrivers
  read storage.k8s.io csistoragecapacities
  read resource.k8s.io deviceclasses
  get,list,watch,patch,update resource.k8s.io resourceclaims
  get,list,watch,patch,update resource.k8s.io resourceclaims/status
  patch,update resource.k8s.io resourceclaims/binding
  get,list,watch,patch,update core pods/finalizers
  read resource.k8s.io resourceslices
  read resource.k8s.io devicetaintrules
system:kubelet-api-admin
  read core nodes
  proxy core nodes
  * core nodes/log,nodes/metrics,nodes/proxy,nodes/stats
  * core nodes/configz,nodes/healthz,nodes/pods
system:monitoring
  get url /flagz,/healthz,/healthz/*,/livez,/livez/*,/metrics,/metrics/slis,/readyz,/readyz/*,/statusz
system:node
  create authentication.k8s.io tokenreviews
  create authorization.k8s.io localsubjectaccessreviews,subjectaccessreviews
  read core services
  create,get,list,watch core nodes
  patch,update core nodes/status
  patch,update core nodes
  create,patch,update core events
  read core pods
  create,delete core pods
  patch,update core pods/status
  create core pods/eviction
  read core configmaps,secrets
  get core persistentvolumeclaims,persistentvolumes
  get core endpoints
  create,get,list,watch certificates.k8s.io certificatesigningrequests
  create,delete,get,patch,update coordination.k8s.io leases
  get storage.k8s.io volumeattachments
  create core serviceaccounts/token
  get,patch,update core persistentvolumeclaims/status
  read storage.k8s.io csidrivers
  create,delete,get,patch,update storage.k8s.io csinodes
  read node.k8s.io runtimeclasses
  get resource.k8s.io resourceclaims
  deletecollection resource.k8s.io resourceslices
  get core serviceaccounts
system:node-bootstrapper
  create,get,list,watch certificates.k8s.io certificatesigningrequests
system:node-problem-detector
  get core nodes
  patch core nodes/status
  events
system:node-proxier
  list,watch core endpoints,services
  read core nodes
  events
  list,watch networking.k8s.io servicecidrs
  list,watch discovery.k8s.io endpointslices
system:persistent-volume-provisioner
  create,delete,get,list,watch core persistentvolumes
  get,list,update,watch core persistentvolumeclaims
  read storage.k8s.io storageclasses
  watch core events
  events
system:public-info-viewer
  get url /healthz,/livez,/readyz,/version,/version/
system:service-account-issuer-discovery
  get url /.well-known/openid-configuration,/.well-known/openid-configuration/,/openid/v1/jwks,/openid/v1/jwks/
system:volume-scheduler
  get,list,patch,update,watch core persistentvolumes
  read storage.k8s.io storageclasses
  get,list,patch,update,watch core persistentvolumeclaims
`;

/** Role bindings of the cluster: name, then `user:`, `group:` or `account:` of kube-system; each is of the role with its name. */
export const KUBERNETES_CLUSTER_ROLE_BINDINGS: Readonly<Record<string, readonly string[]>> = {
  'cluster-admin': ['group:system:masters'],
  'system:basic-user': ['group:system:authenticated'],
  'system:discovery': ['group:system:authenticated'],
  'system:kube-controller-manager': ['user:system:kube-controller-manager'],
  'system:kube-dns': ['account:kube-dns'],
  'system:kube-scheduler': ['user:system:kube-scheduler'],
  'system:monitoring': ['group:system:monitoring'],
  'system:node': [],
  'system:node-proxier': ['user:system:kube-proxy'],
  'system:public-info-viewer': ['group:system:authenticated', 'group:system:unauthenticated'],
  'system:service-account-issuer-discovery': ['group:system:serviceaccounts'],
  'system:volume-scheduler': ['user:system:kube-scheduler'],
};

/** Roles of Kubernetes' own namespaces: `namespace/name`. */
export const KUBERNETES_NAMESPACE_ROLES = `
kube-public/system:controller:bootstrap-signer
  read core configmaps
  update core configmaps cluster-info
  events
kube-system/extension-apiserver-authentication-reader
  read core configmaps extension-apiserver-authentication
kube-system/system::leader-locking-kube-controller-manager
  watch core configmaps
  get,update core configmaps kube-controller-manager
  create,get,list,update,watch coordination.k8s.io leases
  create,get,list,update,watch coordination.k8s.io leasecandidates
kube-system/system::leader-locking-kube-scheduler
  watch core configmaps
  get,update core configmaps kube-scheduler
  create,get,list,update,watch coordination.k8s.io leases
  create,get,list,update,watch coordination.k8s.io leasecandidates
kube-system/system:controller:bootstrap-signer
  read core secrets
kube-system/system:controller:cloud-provider
  create,get,list,watch core configmaps
kube-system/system:controller:token-cleaner
  get,list,watch,delete core secrets
  events
`;

/** Who holds them: name of the binding, role, subjects. */
export const KUBERNETES_ROLE_BINDINGS: Readonly<Record<string, readonly [role: string, ...subjects: readonly string[]]>> = {
  'kube-public/system:controller:bootstrap-signer': ['system:controller:bootstrap-signer', 'account:bootstrap-signer'],
  'kube-system/system::extension-apiserver-authentication-reader': ['extension-apiserver-authentication-reader', 'user:system:kube-controller-manager', 'user:system:kube-scheduler'],
  'kube-system/system::leader-locking-kube-controller-manager': ['system::leader-locking-kube-controller-manager', 'user:system:kube-controller-manager', 'account:kube-controller-manager'],
  'kube-system/system::leader-locking-kube-scheduler': ['system::leader-locking-kube-scheduler', 'user:system:kube-scheduler', 'account:kube-scheduler'],
  'kube-system/system:controller:bootstrap-signer': ['system:controller:bootstrap-signer', 'account:bootstrap-signer'],
  'kube-system/system:controller:cloud-provider': ['system:controller:cloud-provider', 'account:cloud-provider'],
  'kube-system/system:controller:token-cleaner': ['system:controller:token-cleaner', 'account:token-cleaner'],
};
