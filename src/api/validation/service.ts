import { checkCidr, checkIp, checkOrdinaryIp } from './addresses.ts';
import { validatePortReference } from './probes.ts';
import { validateLabels } from './object-meta.ts';
import { checkPort, IMMUTABLE, type Problems } from './problems.ts';
import type { Service, ServicePort, ServiceSpec } from '#api/generated/core/v1.ts';
import { ipFamilyOf } from '#api/ip.ts';
import { jsonEqual } from '#api/json.ts';
import { dns1123Label, dns1123Subdomain, qualifiedName } from '#api/names.ts';

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const POLICIES = ['Cluster', 'Local'];
const FAMILIES = ['IPv4', 'IPv6'];
const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];
const DISTRIBUTIONS = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];
const KUBELET_PORT = 10_250;
const MAX_AFFINITY_SECONDS = 86_400;
const RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';

export function validateService(problems: Problems, service: Service): void {
  const spec = service.spec ?? {};
  const isHeadless = spec.clusterIP === 'None' || spec.clusterIPs?.[0] === 'None';
  if ((spec.ports ?? []).length === 0 && !isHeadless && spec.type !== 'ExternalName') problems.required('spec.ports');
  if (isHeadless && (spec.type === 'NodePort' || spec.type === 'LoadBalancer')) problems.invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`);
  if (spec.type === 'ExternalName') validateExternalName(problems, spec);
  if (spec.type === 'LoadBalancer') refuseKubeletPort(problems, spec);
  for (const [i, port] of (spec.ports ?? []).entries()) validatePort(problems, `spec.ports[${i}]`, port, spec);
  validateLabels(problems, 'spec.selector', spec.selector);
  validateAffinity(problems, spec);
  if (spec.type !== 'ExternalName') validateAddresses(problems, spec);
  for (const [i, ip] of (spec.externalIPs ?? []).entries()) checkOrdinaryIp(problems, `spec.externalIPs[${i}]`, ip);
  problems.oneOf('spec.type', spec.type, TYPES);
  validateDuplicates(problems, spec.ports ?? []);
  validateLoadBalancer(problems, service, spec);
  validateTraffic(problems, spec);
}

/** Some load balancers open all nodes for the ports that they balance. */
function refuseKubeletPort(problems: Problems, { ports = [] }: ServiceSpec): void {
  for (const [i, { port }] of ports.entries()) if (port === KUBELET_PORT) problems.invalid(`spec.ports[${i}]`, port, `may not expose port ${KUBELET_PORT} externally since it is used by kubelet`);
}

function validateExternalName(problems: Problems, { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy, externalName }: ServiceSpec): void {
  const why = 'may not be set for ExternalName services';
  if (clusterIP || (clusterIPs ?? []).length > 0) problems.forbidden('spec.clusterIPs', why);
  if ((ipFamilies ?? []).length > 0) problems.forbidden('spec.ipFamilies', why);
  if (ipFamilyPolicy !== undefined) problems.forbidden('spec.ipFamilyPolicy', why);
  problems.checkRequired('spec.externalName', externalName?.replace(/\.$/, ''), dns1123Subdomain);
}

function validatePort(problems: Problems, field: string, port: ServicePort, { type, ports = [] }: ServiceSpec): void {
  if (port.name) problems.check(`${field}.name`, port.name, dns1123Label);
  else if (ports.length > 1) problems.required(`${field}.name`);
  checkPort(problems, `${field}.port`, port.port ?? 0);
  problems.oneOf(`${field}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']);
  if (port.targetPort !== undefined && type !== 'ExternalName') validatePortReference(problems, `${field}.targetPort`, port.targetPort);
  if (port.appProtocol !== undefined) problems.check(`${field}.appProtocol`, port.appProtocol, qualifiedName);
  if (port.nodePort && type === 'ClusterIP') problems.forbidden(`${field}.nodePort`, "may not be used when `type` is 'ClusterIP'");
  else if (port.nodePort) checkPort(problems, `${field}.nodePort`, port.nodePort);
}

function validateDuplicates(problems: Problems, ports: readonly ServicePort[]): void {
  problems.unique((i) => `spec.ports[${i}].name`, ports.map((port) => port.name));
  const repeats = (keys: readonly (string | undefined)[], tell: (i: number) => void): void => {
    for (const [i, key] of keys.entries()) if (key !== undefined && keys.indexOf(key) < i) tell(i);
  };
  repeats(ports.map(({ protocol, nodePort }) => (nodePort ? `${protocol}/${nodePort}` : undefined)), (i) => problems.duplicate(`spec.ports[${i}].nodePort`, ports[i]?.nodePort));
  repeats(ports.map(({ protocol, port }) => `${protocol}/${port}`), (i) => problems.duplicate(`spec.ports[${i}]`, { protocol: ports[i]?.protocol, port: ports[i]?.port }));
}

function validateAffinity(problems: Problems, { sessionAffinity, sessionAffinityConfig }: ServiceSpec): void {
  problems.oneOf('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None']);
  const path = 'spec.sessionAffinityConfig';
  if (sessionAffinity === 'None' && sessionAffinityConfig !== undefined) problems.forbidden(path, 'must not be set when session affinity is None');
  if (sessionAffinity !== 'ClientIP') return;
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (sessionAffinityConfig === undefined) problems.required(path, 'when session affinity type is ClientIP');
  else if (seconds === undefined) problems.required(`${path}.clientIP.timeoutSeconds`, 'when session affinity type is ClientIP');
  else if (seconds <= 0 || seconds > MAX_AFFINITY_SECONDS) problems.invalid(`${path}.clientIP.timeoutSeconds`, seconds, `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`);
}

/** For a cluster of one family: IPv4. */
function validateAddresses(problems: Problems, { clusterIP, clusterIPs = [], ipFamilies = [], ipFamilyPolicy, selector }: ServiceSpec): void {
  for (const [i, family] of ipFamilies.entries()) {
    if (!FAMILIES.includes(family)) problems.notSupported(`spec.ipFamilies[${i}]`, family, FAMILIES);
    else if (ipFamilies.indexOf(family) < i) problems.duplicate(`spec.ipFamilies[${i}]`, family);
  }
  if (ipFamilyPolicy !== undefined && !FAMILY_POLICIES.includes(ipFamilyPolicy)) problems.notSupported('spec.ipFamilyPolicy', ipFamilyPolicy, FAMILY_POLICIES);
  const isByHand = (clusterIP || clusterIPs[0]) === 'None' && Object.keys(selector ?? {}).length === 0;
  if (!isByHand) {
    if (ipFamilyPolicy === 'RequireDualStack') problems.invalid('spec.ipFamilyPolicy', ipFamilyPolicy, 'this cluster is not configured for dual-stack services');
    for (const [i, family] of ipFamilies.entries()) if (family === 'IPv6') problems.invalid(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster');
  }
  if (!clusterIP && clusterIPs.length > 0) problems.invalid('spec.clusterIPs', clusterIPs, 'must be empty when `clusterIP` is not specified');
  else if (clusterIP && clusterIPs.length > 0 && clusterIPs[0] !== clusterIP) problems.invalid('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`');
  if (clusterIPs.length > 2) problems.invalid('spec.clusterIPs', clusterIPs, 'may only hold up to 2 values');
  if (clusterIPs.length > 1 && clusterIPs.includes('None')) problems.invalid('spec.clusterIPs[0]', clusterIPs[0], '`None` may not be used together with any other value');
  const families = clusterIPs.map((ip) => ipFamilyOf(ip)).filter((family) => family !== undefined);
  if (new Set(families).size < families.length) problems.invalid('spec.clusterIPs', clusterIPs, 'may specify no more than one IP for each IP family');
  for (const [i, ip] of (clusterIPs.length > 0 ? clusterIPs : clusterIP ? [clusterIP] : []).entries()) if (ip !== 'None') checkClusterIp(problems, `spec.clusterIPs[${i}]`, ip, ipFamilies[i] ?? 'IPv4');
}

function checkClusterIp(problems: Problems, field: string, ip: string, family: string): void {
  const found = ipFamilyOf(ip);
  if (found === undefined) checkIp(problems, field, ip);
  else if (found !== family) problems.invalid(field, ip, `expected an ${family} value as indicated by \`ipFamilies[0]\``);
}

function validateLoadBalancer(problems: Problems, service: Service, { type, loadBalancerSourceRanges, allocateLoadBalancerNodePorts, loadBalancerClass }: ServiceSpec): void {
  const only = "may only be used when `type` is 'LoadBalancer'";
  const isBalanced = type === 'LoadBalancer';
  const annotation = service.metadata.annotations?.[RANGES_ANNOTATION];
  if ((loadBalancerSourceRanges ?? []).length > 0) {
    if (!isBalanced) problems.forbidden('spec.LoadBalancerSourceRanges', only);
    for (const [i, range] of (loadBalancerSourceRanges ?? []).entries()) checkCidr(problems, `spec.LoadBalancerSourceRanges[${i}]`, range.trim());
  } else if (annotation !== undefined) {
    const field = `metadata.annotations[${RANGES_ANNOTATION}]`;
    if (!isBalanced) problems.forbidden(field, only);
    for (const range of annotation.trim() === '' ? [] : annotation.split(',')) checkCidr(problems, field, range.trim());
  }
  if (allocateLoadBalancerNodePorts !== undefined && !isBalanced) problems.forbidden('spec.allocateLoadBalancerNodePorts', only);
  if (loadBalancerClass === undefined) return;
  if (!isBalanced) problems.forbidden('spec.loadBalancerClass', 'may only be used when `type` is \'LoadBalancer\'');
  else problems.check('spec.loadBalancerClass', loadBalancerClass, qualifiedName);
}

function validateTraffic(problems: Problems, spec: ServiceSpec): void {
  const { type, externalIPs = [], externalTrafficPolicy, internalTrafficPolicy, healthCheckNodePort, trafficDistribution } = spec;
  const isOutside = type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && externalIPs.length > 0);
  if (isOutside) problems.oneOf('spec.externalTrafficPolicy', externalTrafficPolicy, POLICIES);
  else if (externalTrafficPolicy) problems.invalid('spec.externalTrafficPolicy', externalTrafficPolicy, 'may only be set for externally-accessible services');
  const isChecked = type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
  if (!isChecked && healthCheckNodePort) problems.invalid('spec.healthCheckNodePort', healthCheckNodePort, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
  if (internalTrafficPolicy !== undefined) problems.optionalOneOf('spec.internalTrafficPolicy', internalTrafficPolicy, POLICIES);
  if (trafficDistribution !== undefined && !DISTRIBUTIONS.includes(trafficDistribution)) problems.notSupported('spec.trafficDistribution', trafficDistribution, DISTRIBUTIONS);
}

export function validateServiceUpdate(problems: Problems, { spec }: Service, { spec: old }: Service): void {
  const isNamed = [spec, old].some((s) => s?.type === 'ExternalName');
  const [now, before] = [spec, old].map((s) => s?.clusterIPs ?? (s?.clusterIP ? [s.clusterIP] : []));
  if (!isNamed && before?.[0] && now?.[0] !== before[0]) problems.invalid('spec.clusterIPs[0]', now ?? null, 'may not change once set');
  if (!isNamed && old?.ipFamilies?.[0] && spec?.ipFamilies?.[0] && spec.ipFamilies[0] !== old.ipFamilies[0]) problems.invalid('spec.ipFamilies[0]', spec.ipFamilies, 'may not change once set');
  if ([spec, old].every((s) => s?.type === 'LoadBalancer') && !jsonEqual(spec?.loadBalancerClass ?? '', old?.loadBalancerClass ?? '')) problems.invalid('spec.loadBalancerClass', spec?.loadBalancerClass ?? null, 'may not change once set');
  const isChecked = [spec, old].every((s) => s?.type === 'LoadBalancer' && s.externalTrafficPolicy === 'Local');
  if (isChecked && (spec?.healthCheckNodePort ?? 0) !== (old?.healthCheckNodePort ?? 0)) problems.forbidden('spec.healthCheckNodePort', IMMUTABLE);
}
