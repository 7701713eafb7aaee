import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import * as resources from '#api/resources.ts';
import { validateCreate, validateUpdate } from '#api/validation/index.ts';
import { cpuMs } from '#test/support/cpu-ms.ts';

const build = (resource: ResourceType, body: object): KubeObject => applyDefaults(resource, { apiVersion: 'x', kind: resource.kind, metadata: { name: 'a', namespace: 'n' }, ...body } as KubeObject);
const texts = (causes: readonly StatusCause[]): readonly string[] => causes.map(({ field, message }) => `${field}: ${message}`);
const created = (resource: ResourceType, body: object): readonly string[] => texts(validateCreate(resource, build(resource, body)));
const updated = (resource: ResourceType, before: object, after: object, subresource = ''): readonly string[] => texts(validateUpdate(resource, build(resource, after), build(resource, before), subresource));

const ports = [{ port: 80 }];
const service = (spec: object): object => ({ spec: { ports, ...spec } });
const balanced = (spec: object = {}): object => service({ type: 'LoadBalancer', ...spec });
const annotated = (annotations: object): object => ({ ...balanced(), metadata: { name: 'a', namespace: 'n', annotations } });
const at = (clusterIP: string, ...more: readonly string[]): object => ({ clusterIP, clusterIPs: [clusterIP, ...more] });
const pod = (spec: object): object => ({ spec: { containers: [{ name: 'c', image: 'i' }], ...spec } });
const points = (ip: string): object => ({ ...balanced(), status: { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } } });
const policy = (cidr: string): object => ({ spec: { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr } }] }] } });
const endpoints = (ip: string): object => ({ subsets: [{ addresses: [{ ip }], ports }] });
const BAD_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';

for (const [resource, body, ...expected] of [
  [resources.SERVICES, service({ ...at('None', '10.0.0.1') }), "spec.clusterIPs: Invalid value: [\"None\",\"10.0.0.1\"]: 'None' must be the first and only value"],
  [resources.SERVICES, service(at('10.0.0.1', 'None')), `spec.clusterIPs[1]: Invalid value: "None": ${BAD_IP}`],
  [resources.SERVICES, service(at('10.0.0.1', '2001::1', '10.0.0.2')), 'spec.clusterIPs: Invalid value: ["10.0.0.1","2001::1","10.0.0.2"]: may only hold up to 2 values'],
  [resources.SERVICES, service({ ...at('2001::1'), ipFamilies: ['IPv4'] }), 'spec.clusterIPs[0]: Invalid value: "2001::1": expected an IPv4 value as indicated by `ipFamilies[0]`'],
  [resources.SERVICES, service({ ports: [{ name: 'a', port: 80 }, { name: 'b', port: 80 }] }), 'spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}'],
  [resources.SERVICES, balanced({ externalTrafficPolicy: 'Local', healthCheckNodePort: -1 }), 'spec.healthCheckNodePort: Invalid value: -1: must be between 1 and 65535, inclusive'],
  [resources.SERVICES, balanced({ loadBalancerSourceRanges: ['10.0.0.1/8'] }), 'spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length'],
  [resources.SERVICES, service({ externalIPs: ['010.0.0.1', '::ffff:1.2.3.4'] }), 'spec.externalIPs[0]: Invalid value: "010.0.0.1": must not have leading 0s', 'spec.externalIPs[1]: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address'],
  [resources.SERVICES, annotated({ 'service.kubernetes.io/topology-mode': 'x', 'service.kubernetes.io/topology-aware-hints': 'y' }), 'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "x": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified'],
  [resources.PODS, pod({ hostAliases: [{ ip: '1.2.3.04' }] }), 'spec.hostAliases[0].ip: Invalid value: "1.2.3.04": must not have leading 0s'],
  [resources.NETWORK_POLICIES, policy('10.0.0.0/08'), 'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "10.0.0.0/08": must not have leading 0s in IP or prefix length'],
  [resources.NETWORK_POLICIES, policy('::ffff:10.0.0.0/104'), 'spec.egress[0].to[0].ipBlock.cidr: Invalid value: "::ffff:10.0.0.0/104": must not have an IPv4-mapped IPv6 address'],
  [resources.ENDPOINTS, endpoints('x'), `subsets[0].addresses[0].ip: Invalid value: "x": ${BAD_IP}`, 'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address'],
  [resources.ENDPOINTS, endpoints('::1'), 'subsets[0].addresses[0].ip: Invalid value: "::1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
] as const) test(`a ${resource.kind} is refused: ${expected[0]}`, (t) => { t.deepEqual(created(resource, body), [...expected]); });

for (const [name, before, after, ...expected] of [
  ['second address', at('10.0.0.1', '2001::1'), { ...at('10.0.0.1', '2001::2'), ipFamilyPolicy: 'PreferDualStack' }, 'spec.clusterIPs[1]: Invalid value: ["10.0.0.1","2001::2"]: may not change once set'],
  ['address to none', at('10.0.0.1'), {}, 'spec.clusterIPs[0]: Invalid value: null: primary clusterIP can not be unset'],
  ['number of addresses without a word of it', at('10.0.0.1', '2001::1'), { ...at('10.0.0.1'), ipFamilyPolicy: 'PreferDualStack' }, "spec.ipFamilyPolicy: Invalid value: \"PreferDualStack\": must be set to 'SingleStack' when releasing the secondary clusterIP"],
  ['class to a wrong one', {}, { loadBalancerClass: 'A/b' }, ...Array.from({ length: 2 }, () => "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'")],
] as const) test(`an update may not change a Service's ${name}`, (t) => { t.deepEqual(updated(resources.SERVICES, service(before), service(after)), [...expected]); });

for (const [name, resource, body, subresource] of [
  ['balancer\'s address', resources.SERVICES, points('010.0.0.1'), 'status'], ['annotation', resources.SERVICES, annotated({ [RANGES]: 'x' }), ''],
  ['source range', resources.SERVICES, balanced({ loadBalancerSourceRanges: [' 10.0.0.1/8'] }), ''], ['outside address', resources.SERVICES, service({ externalIPs: ['010.0.0.1'] }), ''],
  ['block of a policy', resources.NETWORK_POLICIES, policy('10.0.0.1/8'), ''], ['name server', resources.PODS, pod({ dnsConfig: { nameservers: ['::ffff:1.2.3.4'] } }), ''],
] as const) test(`what an older version let in may stay: the ${name}`, (t) => { t.deepEqual(updated(resource, body, body, subresource), []); });

test('what a Service may be', (t) => {
  t.deepEqual(created(resources.SERVICES, { ...service({}), metadata: { name: '1-a', namespace: 'n' } }), []);
  t.deepEqual(created(resources.SERVICES, balanced({ ports: [{ port: 10_250 }] })), []);
  t.deepEqual(updated(resources.SERVICES, service(at('10.0.0.1', '2001::1')), service({ ...at('10.0.0.1'), ipFamilyPolicy: 'SingleStack' })), []);
  t.deepEqual(updated(resources.SERVICES, service({ ...at('None'), ipFamilies: ['IPv4', 'IPv6'] }), service({ ...at('None'), ipFamilies: ['IPv6'] })), []);
});

test('as many ports as a request can hold are checked in no time', (t) => {
  const many = Array.from({ length: 60_000 }, (_, i) => ({ name: `p${i}`, port: (i % 60_000) + 1 }));
  t.true(cpuMs(() => t.deepEqual(created(resources.SERVICES, service({ ports: many })), [])) < 3_000);
});
