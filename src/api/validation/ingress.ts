import { checkHostname, checkIp } from './addresses.ts';
import { checkDomainPath } from './names.ts';
import { immutable } from './object-meta.ts';
import { checkPort, Problems } from './problems.ts';
import type { HTTPIngressPath, Ingress, IngressBackend, IngressClass, IngressRule, IngressSpec } from '#api/generated/networking/v1.ts';
import { ipFamilyOf } from '#api/ip.ts';
import { dns1123Label, dns1123Subdomain, pathSegmentName, portName, wildcardSubdomain } from '#api/names.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix'];
const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F'];
const BAD_SUFFIXES = ['/..', '/.'];
const MAX_CONTROLLER = 250;

export function validateIngress(problems: Problems, { spec = {} }: Ingress, _resource?: unknown, old?: Ingress): void {
  if ((spec.rules ?? []).length === 0 && spec.defaultBackend === undefined) problems.invalid('spec', spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified');
  if (spec.defaultBackend !== undefined) validateBackend(problems, 'spec.defaultBackend', spec.defaultBackend);
  // What older versions let in may stay, and may be added to.
  const isLax = (old?.spec?.rules ?? []).some((rule) => isWildcard(rule) && isWrong((found) => validateHttp(found, '', rule)));
  for (const [i, rule] of (spec.rules ?? []).entries()) validateRule(problems, `spec.rules[${i}]`, rule, isLax);
  validateTls(problems, spec, old?.spec);
  if (spec.ingressClassName !== undefined) problems.check('spec.ingressClassName', spec.ingressClassName, dns1123Subdomain);
}

/** What was allowed in older versions stays allowed in updates. */
export function validateIngressCreate(problems: Problems, { metadata, spec }: Ingress): void {
  const annotated = metadata?.annotations?.[CLASS_ANNOTATION];
  if (annotated !== undefined && spec?.ingressClassName !== undefined && annotated !== spec.ingressClassName) {
    problems.invalid(`annotations.${CLASS_ANNOTATION}`, annotated, 'must match `ingressClassName` when both are specified');
  }
}

export function validateIngressStatus(problems: Problems, { status }: Ingress, { status: old }: Ingress): void {
  const kept = (old?.loadBalancer?.ingress ?? []).map(({ ip }) => ip);
  for (const [i, point] of (status?.loadBalancer?.ingress ?? []).entries()) {
    const field = `status.loadBalancer.ingress[${i}]`;
    if (point.ip) checkIp(problems, `${field}.ip`, point.ip, kept);
    if (point.hostname) checkHostname(problems, `${field}.hostname`, point.hostname);
  }
}

const isWildcard = ({ host }: IngressRule): boolean => host?.includes('*') === true;

function isWrong(check: (found: Problems) => void): boolean {
  const found = new Problems();
  check(found);
  return found.causes.length > 0;
}

function validateTls(problems: Problems, { tls = [] }: IngressSpec, old: IngressSpec | undefined): void {
  const isLax = (old?.tls ?? []).some(({ secretName }) => secretName && dns1123Subdomain(secretName).length > 0);
  for (const [i, { hosts = [], secretName }] of tls.entries()) {
    for (const [j, host] of hosts.entries()) problems.check(`spec.tls[${i}].hosts[${j}]`, host, host.includes('*') ? wildcardSubdomain : dns1123Subdomain);
    if (secretName && !isLax) problems.check(`spec.tls[${i}].secretName`, secretName, dns1123Subdomain);
  }
}

function validateRule(problems: Problems, field: string, rule: IngressRule, isLax: boolean): void {
  const { host } = rule;
  if (host) {
    if (ipFamilyOf(host) !== undefined) problems.invalid(`${field}.host`, host, 'must be a DNS name, not an IP address');
    problems.check(`${field}.host`, host, host.includes('*') ? wildcardSubdomain : dns1123Subdomain);
  }
  if (!isLax || !isWildcard(rule)) validateHttp(problems, field, rule);
}

function validateHttp(problems: Problems, field: string, { http }: IngressRule): void {
  if (http === undefined) return;
  if ((http.paths ?? []).length === 0) problems.required(`${field}.http.paths`);
  for (const [i, path] of (http.paths ?? []).entries()) validatePath(problems, `${field}.http.paths[${i}]`, path);
}

function validatePath(problems: Problems, field: string, { path = '', pathType, backend }: HTTPIngressPath): void {
  if (pathType === undefined) return problems.required(`${field}.pathType`, 'pathType must be specified');
  if (!PATH_TYPES.includes(pathType)) problems.notSupported(`${field}.pathType`, pathType, PATH_TYPES);
  else if (!path.startsWith('/') && (path !== '' || pathType !== 'ImplementationSpecific')) problems.invalid(`${field}.path`, path, 'must be an absolute path');
  if (pathType === 'Exact' || pathType === 'Prefix') {
    for (const part of BAD_SEQUENCES) if (path.includes(part)) problems.invalid(`${field}.path`, path, `must not contain '${part}'`);
    for (const end of BAD_SUFFIXES) if (path.endsWith(end)) problems.invalid(`${field}.path`, path, `cannot end with '${end}'`);
  }
  validateBackend(problems, `${field}.backend`, backend ?? {});
}

function validateBackend(problems: Problems, field: string, { resource, service }: IngressBackend): void {
  if (resource !== undefined && service !== undefined) return problems.invalid(field, '', 'cannot set both resource and service backends');
  if (resource !== undefined) return checkReference(problems, `${field}.resource`, resource);
  if (service === undefined) return problems.invalid(field, '', 'resource or service backend is required');
  problems.checkRequired(`${field}.service.name`, service.name, dns1123Label);
  const { name, number } = service.port ?? {};
  if (name && number) problems.invalid(field, '', 'cannot set both port name & port number');
  else if (name) problems.check(`${field}.service.port.name`, name, portName);
  else if (number) checkPort(problems, `${field}.service.port.number`, number);
  else problems.required(field, 'port name or number is required');
}

interface Reference {
  readonly apiGroup?: string | undefined;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
}

function checkReference(problems: Problems, field: string, { apiGroup, kind, name }: Reference): void {
  if (apiGroup !== undefined) problems.check(`${field}.apiGroup`, apiGroup, dns1123Subdomain);
  problems.checkRequired(`${field}.kind`, kind, pathSegmentName);
  problems.checkRequired(`${field}.name`, name, pathSegmentName);
}

export function validateIngressClass(problems: Problems, { spec = {} }: IngressClass): void {
  const { controller = '', parameters } = spec;
  if (controller.length > MAX_CONTROLLER) problems.tooLong('spec.controller', MAX_CONTROLLER);
  checkDomainPath(problems, 'spec.controller', controller);
  if (parameters === undefined) return;
  checkReference(problems, 'spec.parameters', parameters);
  problems.oneOf('spec.parameters.scope', parameters.scope, ['Cluster', 'Namespace']);
  if (parameters.scope === 'Namespace') {
    if (parameters.namespace === undefined) problems.required('spec.parameters.namespace', "`parameters.scope` is set to 'Namespace'");
    else problems.check('spec.parameters.namespace', parameters.namespace, dns1123Label);
  } else if (parameters.scope === 'Cluster' && parameters.namespace !== undefined) problems.forbidden('spec.parameters.namespace', "`parameters.scope` is set to 'Cluster'");
}

export const validateIngressClassUpdate = (problems: Problems, { spec }: IngressClass, { spec: old }: IngressClass): void =>
  immutable(problems, 'spec.controller', spec?.controller ?? '', old?.controller ?? '');
