/** Name of each controller: of its queue, and of its service account in kube-system. RBAC's bootstrap roles go by them. */
export const CONTROLLER_NAMES = {
  deployment: 'deployment-controller',
  replicaSet: 'replicaset-controller',
  job: 'job-controller',
  ttlAfterFinished: 'ttl-after-finished-controller',
  namespace: 'namespace-controller',
  serviceAccount: 'service-account-controller',
  rootCa: 'root-ca-cert-publisher',
  endpointSlice: 'endpointslice-controller',
  endpoints: 'endpoint-controller',
  garbageCollector: 'generic-garbage-collector',
  nodeLifecycle: 'node-controller',
  resourceQuota: 'resourcequota-controller',
  podGarbageCollector: 'pod-garbage-collector',
  certificates: 'certificate-controller',
  clusterRoleAggregation: 'clusterrole-aggregation-controller',
  tokenCleaner: 'token-cleaner',
} as const;
