import { checkCidr, checkOrdinaryIp } from './addresses.ts';
import { goForm, SERVICE_PORT } from './go-form.ts';
import { validateLabels } from './object-meta.ts';
import { validatePortReference } from './probes.ts';
import { checkPort, IMMUTABLE, type Problems } from './problems.ts';
import { isHeadless, refuseOtherFamilies, validateServiceAddresses, validateServiceAddressesUpdate } from './service-addresses.ts';
import type { Service, ServicePort, ServiceSpec } from '#api/generated/core/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { dns1123Label, dns1123Subdomain, qualifiedName } from '#api/names.ts';
import { firstIndexes } from '#base/first-indexes.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const POLICIES = ['Cluster', 'Local'];
const DISTRIBUTIONS = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];
const MAX_AFFINITY_SECONDS = 86_400;
const RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const HINTS_ANNOTATION = 'service.kubernetes.io/topology-aware-hints';
const MODE_ANNOTATION = 'service.kubernetes.io/topology-mode';

export function validateService(problems: Problems, service: Service, _resource: unknown, old: Service | undefined): void {
  const spec = service.spec ?? {};
  const { ports = [], type } = spec;
  const headless = isHeadless(spec);
  validateAnnotations(problems, service);
  if (ports.length === 0 && !headless && type !== 'ExternalName') problems.required('spec.ports');
  if (headless && (type === 'NodePort' || type === 'LoadBalancer')) problems.invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`);
  if (type === 'ExternalName') validateExternalName(problems, spec);
  const first = firstIndexes(ports.map(({ name }) => name));
  for (const [i, port] of ports.entries()) validatePort(problems, `spec.ports[${i}]`, port, first.get(port.name) !== i, spec);
  validateLabels(problems, 'spec.selector', spec.selector);
  validateAffinity(problems, spec);
  if (type !== 'ExternalName') {
    validateServiceAddresses(problems, spec, old?.spec);
    refuseOtherFamilies(problems, spec);
  }
  for (const [i, ip] of (spec.externalIPs ?? []).entries()) checkOrdinaryIp(problems, `spec.externalIPs[${i}]`, ip, old?.spec?.externalIPs);
  problems.oneOf('spec.type', type, TYPES);
  for (const [i, { nodePort }] of ports.entries()) if (nodePort && type === 'ClusterIP') problems.forbidden(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'");
  validateDuplicates(problems, ports);
  validateLoadBalancer(problems, service, spec, old);
  validateTraffic(problems, spec);
}

/** The two say the same; one is the newer name. */
function validateAnnotations(problems: Problems, { metadata: { annotations = {} } }: Service): void {
  const [mode, hints] = [annotations[MODE_ANNOTATION], annotations[HINTS_ANNOTATION]];
  if (mode !== undefined && hints !== undefined && mode !== hints) problems.invalid(`metadata.annotations[${MODE_ANNOTATION}]`, mode, `must match annotations[${HINTS_ANNOTATION}] when both are specified`);
}

function validateExternalName(problems: Problems, { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, externalName }: ServiceSpec): void {
  const why = 'may not be set for ExternalName services';
  if (clusterIP || (clusterIPs ?? []).length > 0) problems.forbidden('spec.clusterIPs', why);
  if ((ipFamilies ?? []).length > 0) problems.forbidden('spec.ipFamilies', why);
  if (ipFamilyPolicy !== undefined) problems.forbidden('spec.ipFamilyPolicy', why);
  problems.checkRequired('spec.externalName', externalName?.replace(/\.$/, ''), dns1123Subdomain);
}

function validatePort(problems: Problems, field: string, port: ServicePort, isRepeated: boolean, { type, ports = [] }: ServiceSpec): void {
  if (port.name) {
    problems.check(`${field}.name`, port.name, dns1123Label);
    if (isRepeated) problems.duplicate(`${field}.name`, port.name);
  } else if (ports.length > 1) problems.required(`${field}.name`);
  checkPort(problems, `${field}.port`, port.port ?? 0);
  problems.oneOf(`${field}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']);
  if (port.targetPort !== undefined && type !== 'ExternalName') validatePortReference(problems, `${field}.targetPort`, port.targetPort);
  if (port.appProtocol !== undefined) problems.check(`${field}.appProtocol`, port.appProtocol, qualifiedName);
  if (port.nodePort && type !== 'ClusterIP') checkPort(problems, `${field}.nodePort`, port.nodePort);
}

function validateDuplicates(problems: Problems, ports: readonly ServicePort[]): void {
  const repeats = (keys: readonly (string | undefined)[], tell: (i: number) => void): void => {
    const first = firstIndexes(keys);
    for (const [i, key] of keys.entries()) if (key !== undefined && first.get(key) !== i) tell(i);
  };
  repeats(ports.map(({ protocol, nodePort }) => (nodePort ? `${protocol}/${nodePort}` : undefined)), (i) => problems.duplicate(`spec.ports[${i}].nodePort`, ports[i]?.nodePort));
  repeats(ports.map(({ protocol, port }) => `${protocol}/${port}`), (i) => problems.duplicate(`spec.ports[${i}]`, goForm({ protocol: ports[i]?.protocol, port: ports[i]?.port }, SERVICE_PORT)));
}

function validateAffinity(problems: Problems, { sessionAffinity, sessionAffinityConfig }: ServiceSpec): void {
  problems.oneOf('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None']);
  const path = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'None' && sessionAffinityConfig !== undefined) problems.forbidden(path, 'must not be set when session affinity is None');
  if (sessionAffinity !== 'ClientIP') return;
  const why = 'when session affinity type is ClientIP';
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (sessionAffinityConfig === undefined) problems.required(path, why);
  else if (sessionAffinityConfig.clientIP === undefined) problems.required(`${path}.clientIP`, why);
  else if (seconds === undefined) problems.required(`${path}.clientIP.timeoutSeconds`, why);
  else if (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS) problems.invalid(`${path}.clientIP.timeoutSeconds`, seconds, `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`);
}

function validateLoadBalancer(problems: Problems, service: Service, spec: ServiceSpec, old: Service | undefined): void {
  const only = "may only be used when `type` is 'LoadBalancer'";
  const { loadBalancerSourceRanges = [], allocateLoadBalancerNodePorts } = spec;
  const isBalanced = spec.type === 'LoadBalancer';
  const [annotation, oldAnnotation] = [service, old].map((s) => s?.metadata.annotations?.[RANGES_ANNOTATION]);
  if (loadBalancerSourceRanges.length > 0) {
    if (!isBalanced) problems.forbidden('spec.LoadBalancerSourceRanges', only);
    const kept = old?.spec?.loadBalancerSourceRanges?.map((range) => range.trim());
    for (const [i, range] of loadBalancerSourceRanges.entries()) checkCidr(problems, `spec.LoadBalancerSourceRanges[${i}]`, range.trim(), kept);
  } else if (annotation !== undefined) {
    const field = `metadata.annotations[${RANGES_ANNOTATION}]`;
    if (!isBalanced) problems.forbidden(field, only);
    if (annotation.trim() !== '' && annotation !== oldAnnotation) for (const range of annotation.split(',')) checkCidr(problems, field, range.trim());
  }
  if (allocateLoadBalancerNodePorts !== undefined && !isBalanced) problems.forbidden('spec.allocateLoadBalancerNodePorts', only);
  validateClass(problems, spec);
}

function validateClass(problems: Problems, { type, loadBalancerClass }: ServiceSpec): void {
  if (loadBalancerClass === undefined) return;
  if (type === 'LoadBalancer') problems.check('spec.loadBalancerClass', loadBalancerClass, qualifiedName);
  else problems.forbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'");
}

function validateTraffic(problems: Problems, spec: ServiceSpec): void {
  const { type, externalIPs = [], externalTrafficPolicy, internalTrafficPolicy, healthCheckNodePort, trafficDistribution } = spec;
  const isOutside = type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && externalIPs.length > 0);
  if (isOutside) problems.oneOf('spec.externalTrafficPolicy', externalTrafficPolicy, POLICIES);
  else if (externalTrafficPolicy) problems.invalid('spec.externalTrafficPolicy', externalTrafficPolicy, 'may only be set for externally-accessible services');
  const isChecked = type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
  if (isChecked && healthCheckNodePort) checkPort(problems, 'spec.healthCheckNodePort', healthCheckNodePort);
  else if (healthCheckNodePort) problems.invalid('spec.healthCheckNodePort', healthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
  if (internalTrafficPolicy !== undefined) problems.optionalOneOf('spec.internalTrafficPolicy', internalTrafficPolicy, POLICIES);
  if (trafficDistribution !== undefined && !DISTRIBUTIONS.includes(trafficDistribution)) problems.notSupported('spec.trafficDistribution', trafficDistribution, DISTRIBUTIONS);
}

export function validateServiceUpdate(problems: Problems, service: Service, before: Service): void {
  validateServiceAddressesUpdate(problems, service, before);
  const [{ spec = {} }, { spec: old = {} }] = [service, before];
  const both = (test: (s: ServiceSpec) => boolean): boolean => test(spec) && test(old);
  if (both(({ type }) => type === 'LoadBalancer') && !jsonEqual(spec.loadBalancerClass ?? null, old.loadBalancerClass ?? null)) problems.invalid('spec.loadBalancerClass', spec.loadBalancerClass ?? null, 'may not change once set');
  // Kubernetes looks at the class twice.
  validateClass(problems, spec);
  const isChecked = both(({ type, externalTrafficPolicy }) => type === 'LoadBalancer' && externalTrafficPolicy === 'Local');
  if (isChecked && (spec.healthCheckNodePort ?? 0) !== (old.healthCheckNodePort ?? 0)) problems.forbidden('spec.healthCheckNodePort', IMMUTABLE);
}
