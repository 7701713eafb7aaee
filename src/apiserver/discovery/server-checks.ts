import { Health, type HealthCheck } from './health.ts';

export interface ServerState {
  /** All parts have begun; stays so. */
  readonly isStarted: HealthCheck;
  /** Requests may come. */
  readonly isReady: HealthCheck;
  readonly isClosing: HealthCheck;
  readonly isRecovering: HealthCheck;
  readonly storeAnswers: HealthCheck;
}

/** Parts of the server by Kubernetes' names and in its order, as far as there are such parts; probes and dashboards look for them. Here they begin together. */
const PARTS: readonly string[] = [
  ...hooks(
    // Under the name that probes of older versions have, too.
    'start-apiserver-admission-initializer', 'start-kube-apiserver-admission-initializer', 'generic-apiserver-start-informers', 'priority-and-fairness-config-consumer', 'priority-and-fairness-filter', 'storage-object-count-tracker-hook',
    'start-apiextensions-informers', 'start-apiextensions-controllers', 'crd-informer-synced', 'start-system-namespaces-controller', 'start-cluster-authentication-info-controller', 'storage-readiness',
    'start-legacy-token-tracking-controller', 'start-service-ip-repair-controllers', 'rbac/bootstrap-roles', 'scheduling/bootstrap-system-priority-classes', 'priority-and-fairness-config-producer',
    'bootstrap-controller', 'start-kubernetes-service-cidr-controller', 'aggregator-reload-proxy-client-cert', 'start-kube-aggregator-informers', 'apiservice-status-local-available-controller',
    'apiservice-status-remote-available-controller', 'apiservice-registration-controller', 'apiservice-discovery-controller', 'kube-apiserver-autoregistration',
  ),
  'autoregister-completion', ...hooks('apiservice-openapi-controller', 'apiservice-openapiv3-controller'),
];

/** What the server says of its health. */
export function serverHealth({ isStarted, isReady, isClosing, isRecovering, storeAnswers }: ServerState): Health {
  return new Health({
    // That a store is away is no fault of this process, but Kubernetes asks it here too, and so do probes that name the check.
    liveness: { ping: () => true, log: () => true, etcd: storeAnswers, ...Object.fromEntries(PARTS.map((name) => [name, isStarted])) },
    readiness: { 'etcd-readiness': storeAnswers, 'informer-sync': isReady, recovery: () => !isRecovering(), shutdown: () => !isClosing() },
    aliases: { store: 'etcd', 'watch-cache': 'informer-sync', 'poststarthook/apiservice-status-available-controller': 'poststarthook/apiservice-status-local-available-controller' },
  });
}

function hooks(...names: readonly string[]): readonly string[] {
  return names.map((name) => `poststarthook/${name}`);
}
