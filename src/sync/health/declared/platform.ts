import { always, annotation, both, degradedIf, field, healthyIf, isFalse, isTrue, isUnknown, not, phases, progressingIf, READY, READY_IF_ANY, says, suspendedIf, type Clauses } from './clauses.ts';

const ACME = phases('status.state', { healthy: /^(valid|ready)$/, degraded: /^(invalid|expired|errored)$/ });
/** Managed resources, claims and composites alike: https://docs.crossplane.io. Kinds without conditions only configure. */
const CROSSPLANE: Clauses = [
  suspendedIf(annotation('crossplane.io/paused', 'true')), degradedIf(isFalse('Synced'), isFalse('LastAsyncOperation'), isFalse('Healthy')),
  healthyIf(isTrue('Ready'), both(isTrue('Installed'), isTrue('Healthy'))), progressingIf(isFalse('Ready'), isUnknown('Ready'), isFalse('Installed'), isTrue('Synced')), healthyIf(always),
];
const CLUSTER_API: Clauses = [
  suspendedIf(field('spec.paused', true), annotation('cluster.x-k8s.io/paused')), degradedIf(says('status.failureMessage'), field('status.phase', /^(Failed|Unknown)$/)),
  healthyIf(isTrue('Ready'), isTrue('Available')), progressingIf(isFalse('Ready'), isFalse('Available')), healthyIf(field('status.phase', /^(Provisioned|Running)$/), field('status.ready', true)), progressingIf(field('status.phase', /./)), healthyIf(always),
];
const ISTIO: Clauses = [degradedIf(field('status.validationMessages.level', /^error$/i), isFalse('Reconciled')), healthyIf(always)];
const ROUTE: Clauses = [
  degradedIf(isFalse('Accepted', { at: 'status.parents.conditions', reasons: /^(?!Pending$)/ }), isFalse('ResolvedRefs', { at: 'status.parents.conditions' })),
  healthyIf(isTrue('Accepted', { at: 'status.parents.conditions' })),
];
/** A condition of theirs may be neither true nor false but `Degraded`: some of the replicas are up. */
const PROMETHEUS: Clauses = [
  suspendedIf(field('spec.paused', true)), degradedIf(isFalse('Available'), isFalse('Reconciled')), progressingIf(field('status.conditions.status', 'Degraded')), healthyIf(isTrue('Available')), progressingIf(isUnknown('Available')),
];
const KEDA: Clauses = [
  suspendedIf(isTrue('Paused'), annotation('autoscaling.keda.sh/paused', 'true'), annotation('autoscaling.keda.sh/paused-replicas')), degradedIf(isFalse('Ready'), isTrue('Fallback')), healthyIf(isTrue('Ready')),
];
const ACK: Clauses = [degradedIf(isTrue('ACK.Terminal'), isTrue('ACK.Recoverable')), healthyIf(isTrue('ACK.ResourceSynced'), isTrue('Ready'))];
const CONFIG_CONNECTOR: Clauses = [healthyIf(isTrue('Ready')), degradedIf(isFalse('Ready', { reasons: /(Failed|NotFound|Invalid|Conflict|Unresolvable|Unactuated)/ })), progressingIf(isFalse('Ready'))];

/** What clusters are made of and what runs in all of them: certificates, secrets, networks, scaling, clouds. */
export const PLATFORM: Readonly<Record<string, Clauses>> = {
  'Certificate.cert-manager.io': [progressingIf(isTrue('Issuing', { reasons: /^(?!Failed$)/ })), ...READY],
  'CertificateRequest.cert-manager.io': [degradedIf(isTrue('InvalidRequest'), isTrue('Denied'), isFalse('Ready', { reasons: /^(Failed|Denied)$/ })), healthyIf(isTrue('Ready')), progressingIf(isFalse('Ready'))],
  'Issuer.cert-manager.io': READY,
  'ClusterIssuer.cert-manager.io': READY,
  'Order.acme.cert-manager.io': ACME,
  'Challenge.acme.cert-manager.io': ACME,

  '*.external-secrets.io': READY,
  '*.generators.external-secrets.io': [healthyIf(always)],
  '*.secrets.hashicorp.com': READY_IF_ANY,

  '*.pkg.crossplane.io': CROSSPLANE,
  '*.*.crossplane.io': CROSSPLANE,
  '*.*.upbound.io': CROSSPLANE,
  '*.*.services.k8s.aws': ACK,
  '*.*.cnrm.cloud.google.com': CONFIG_CONNECTOR,

  '*.cluster.x-k8s.io': CLUSTER_API,
  '*.*.cluster.x-k8s.io': CLUSTER_API,

  'Service.serving.knative.dev': READY,
  '*.serving.knative.dev': READY_IF_ANY,
  '*.eventing.knative.dev': READY_IF_ANY,
  '*.messaging.knative.dev': READY_IF_ANY,
  '*.sources.knative.dev': READY_IF_ANY,

  '*.networking.istio.io': ISTIO,
  '*.security.istio.io': ISTIO,
  '*.telemetry.istio.io': ISTIO,
  '*.extensions.istio.io': ISTIO,
  '*.sailoperator.io': [degradedIf(isFalse('Reconciled'), isFalse('Ready')), healthyIf(isTrue('Ready'))],
  'GatewayClass.gateway.networking.k8s.io': [healthyIf(isTrue('Accepted')), degradedIf(isFalse('Accepted')), progressingIf(isUnknown('Accepted'))],
  'Gateway.gateway.networking.k8s.io': [
    degradedIf(isFalse('Accepted', { reasons: /^(?!Pending$)/ }), isFalse('ResolvedRefs', { at: 'status.listeners.conditions' }), isFalse('Programmed', { reasons: /^(?!Pending$)/ })), healthyIf(isTrue('Programmed')), progressingIf(isFalse('Programmed')),
  ],
  'HTTPRoute.gateway.networking.k8s.io': ROUTE,
  'GRPCRoute.gateway.networking.k8s.io': ROUTE,
  'TLSRoute.gateway.networking.k8s.io': ROUTE,
  'TCPRoute.gateway.networking.k8s.io': ROUTE,
  'UDPRoute.gateway.networking.k8s.io': ROUTE,
  'Route.route.openshift.io': [degradedIf(isFalse('Admitted', { at: 'status.ingress.conditions' })), healthyIf(isTrue('Admitted', { at: 'status.ingress.conditions' }))],
  'CiliumNetworkPolicy.cilium.io': [degradedIf(isFalse('Valid')), healthyIf(always)],
  'CiliumClusterwideNetworkPolicy.cilium.io': [degradedIf(isFalse('Valid')), healthyIf(always)],

  'Prometheus.monitoring.coreos.com': PROMETHEUS,
  'PrometheusAgent.monitoring.coreos.com': PROMETHEUS,
  'Alertmanager.monitoring.coreos.com': PROMETHEUS,
  'ThanosRuler.monitoring.coreos.com': PROMETHEUS,
  'OpenTelemetryCollector.opentelemetry.io': [healthyIf(always)],
  'Jaeger.jaegertracing.io': phases('status.phase', { healthy: /^Running$/, degraded: /^Failed$/ }),
  'Grafana.grafana.integreatly.org': [degradedIf(field('status.stageStatus', 'failed')), healthyIf(both(field('status.stage', 'complete'), field('status.stageStatus', 'success')))],

  'ScaledObject.keda.sh': KEDA,
  'ScaledJob.keda.sh': KEDA,
  'NodePool.karpenter.sh': READY_IF_ANY,
  'NodeClaim.karpenter.sh': [healthyIf(isTrue('Ready')), progressingIf(isFalse('Ready'), isUnknown('Ready'))],

  'Policy.kyverno.io': [...READY, healthyIf(field('status.ready', true)), degradedIf(field('status.ready', false))],
  'ClusterPolicy.kyverno.io': [...READY, healthyIf(field('status.ready', true)), degradedIf(field('status.ready', false))],
  'ClusterPolicy.nvidia.com': phases('status.state', { healthy: /^ready$/, degraded: /^(disabled|ignored)$/ }),
  'VirtualMachine.kubevirt.io': [
    degradedIf(isTrue('Failure'), field('status.printableStatus', /^(CrashLoopBackOff|ErrorUnschedulable|ErrImagePull|ImagePullBackOff|ErrorPvcNotFound|DataVolumeError)$/)), suspendedIf(field('status.printableStatus', /^(Paused|Stopped)$/)), healthyIf(isTrue('Ready')), progressingIf(isFalse('Ready'), not(says('status'))),
  ],
  'Backup.velero.io': phases('status.phase', { healthy: /^Completed$/, degraded: /Failed/ }),
  'Restore.velero.io': phases('status.phase', { healthy: /^Completed$/, degraded: /Failed/ }),
  'Schedule.velero.io': [suspendedIf(field('spec.paused', true)), ...phases('status.phase', { healthy: /^Enabled$/, degraded: /^FailedValidation$/ })],
  'BackupStorageLocation.velero.io': phases('status.phase', { healthy: /^Available$/, degraded: /^Unavailable$/ }),
};
