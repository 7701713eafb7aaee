import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { validateCreate, validateUpdate } from '#api/validation/index.ts';

const build = (resource: ResourceType, spec: object): KubeObject =>
  applyDefaults(resource, { apiVersion: 'networking.k8s.io/v1', kind: resource.kind, metadata: { name: 'a', ...(resource.namespaced ? { namespace: 'n' } : {}) }, spec } as unknown as KubeObject);
const created = (resource: ResourceType, spec: object): readonly string[] => validateCreate(resource, build(resource, spec)).map((c) => `${c.field}: ${c.message}`);
const updated = (resource: ResourceType, before: object, after: object): readonly string[] => validateUpdate(resource, build(resource, after), build(resource, before)).map((c) => `${c.field}: ${c.message}`);

const SERVICE_CIDRS = resources.BUILT_IN_RESOURCES.find(({ kind }) => kind === 'ServiceCIDR') as ResourceType;
const ONE_A_FAMILY = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
const SUBDOMAIN = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const backend = { service: { name: 's', port: { number: 80 } } };
const rule = (host: string, path: string): object => ({ host, http: { paths: [{ path, pathType: 'Prefix', backend }] } });
const tls = (...names: string[]): object => ({ defaultBackend: backend, tls: names.map((secretName) => ({ secretName })) });
const parameters = (more: object): object => ({ controller: 'a.io/b', parameters: { kind: 'K', name: 'n', ...more } });

for (const [resource, spec, ...expected] of [
  [SERVICE_CIDRS, { cidrs: ['10.0.0.0/24', 'fd00::/64'] }],
  [SERVICE_CIDRS, {}, 'spec.cidrs: Required value: at least one CIDR required'],
  [SERVICE_CIDRS, { cidrs: ['10.0.0.0/24', 'fd00::/64', '10.1.0.0/24'] }, 'spec.cidrs: Invalid value: {"CIDRs":["10.0.0.0/24","fd00::/64","10.1.0.0/24"]}: may only hold up to 2 values'],
  [SERVICE_CIDRS, { cidrs: ['10.0.0.0/24', '10.1.0.0/24'] }, `spec.cidrs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: ${ONE_A_FAMILY}`],
  [SERVICE_CIDRS, { cidrs: ['x', 'fd00:0::/64'] }, 'spec.cidrs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)', 'spec.cidrs[1]: Invalid value: "fd00:0::/64": must be in canonical form ("fd00::/64")'],
  [resources.INGRESS_CLASSES, parameters({})],
  [resources.INGRESS_CLASSES, parameters({ scope: 'Namespace' }), "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
  [resources.INGRESS_CLASSES, parameters({ namespace: 'n' }), "spec.parameters.namespace: Forbidden: `parameters.scope` is set to 'Cluster'"],
  [resources.INGRESSES, tls('A'), `spec.tls[0].secretName: Invalid value: "A": ${SUBDOMAIN}`],
  [resources.INGRESSES, { rules: [rule('*.a.io', 'x')] }, 'spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path'],
] as readonly (readonly [ResourceType, object, ...string[]])[]) {
  test(`the spec of a ${resource.kind} is ${expected.length === 0 ? 'taken' : 'refused'}: ${JSON.stringify(spec)}`, (t) => t.deepEqual(created(resource, spec), expected));
}

for (const [name, resource, before, after, ...expected] of [
  ['a range of services that gets one of the other family', SERVICE_CIDRS, { cidrs: ['10.0.0.0/24'] }, { cidrs: ['10.0.0.0/24', 'fd00::/64'] }],
  ['a range of services that moves', SERVICE_CIDRS, { cidrs: ['10.0.0.0/24'] }, { cidrs: ['10.1.0.0/24', 'fd00::/64'] }, 'spec.cidrs[0]: Invalid value: "10.1.0.0/24": field is immutable'],
  ['ranges of services of which one goes', SERVICE_CIDRS, { cidrs: ['10.0.0.0/24', 'fd00::/64'] }, { cidrs: ['10.0.0.0/24'] }, 'spec.cidrs: Invalid value: ["10.0.0.0/24"]: field is immutable'],
  ['an ingress that had a wrong name of a Secret and gets another', resources.INGRESSES, tls('A'), tls('A', 'B')],
  ['an ingress that gets a wrong name of a Secret', resources.INGRESSES, tls('a'), tls('A'), `spec.tls[0].secretName: Invalid value: "A": ${SUBDOMAIN}`],
  ['an ingress that had a wrong rule for a wildcard and gets another', resources.INGRESSES, { rules: [rule('*.a.io', 'x')] }, { rules: [rule('*.a.io', 'y')] }],
  ['an ingress that had a wrong rule for a wildcard and gets one for a host', resources.INGRESSES, { rules: [rule('*.a.io', 'x')] }, { rules: [rule('a.io', 'y')] }, 'spec.rules[0].http.paths[0].path: Invalid value: "y": must be an absolute path'],
  ['an ingress that gets a wrong rule for a wildcard', resources.INGRESSES, { rules: [rule('*.a.io', '/')] }, { rules: [rule('*.a.io', 'y')] }, 'spec.rules[0].http.paths[0].path: Invalid value: "y": must be an absolute path'],
] as const) {
  test(`${name} is ${expected.length === 0 ? 'taken' : 'refused'}`, (t) => t.deepEqual(updated(resource, before, after), [...expected]));
}
