import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import type { Environment } from '#apiserver/environment.ts';
import { SERVICE } from '#apiserver/registry/core/service/strategy.ts';
import type { AnyObject } from '#apiserver/registry/strategy.ts';
import { type Answer, openApi } from '#test/support/api-calls.ts';

const PATH = '/api/v1/namespaces/default/services';
const ADDRESSES = '/apis/networking.k8s.io/v1/ipaddresses';
const service = (name: string, spec: object = {}) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }], ...spec } });

test('the address of a Service is an IPAddress that names it, and goes with it', async (t) => {
  const api = await openApi(t);
  const { body } = await api.post(PATH, service('web'));
  const ip = body.spec.clusterIP as string;
  t.deepEqual([body.spec.clusterIPs, body.spec.ipFamilies, body.spec.ipFamilyPolicy], [[ip], ['IPv4'], 'SingleStack']);
  const address = (await api.get(`${ADDRESSES}/${ip}`)).body;
  t.deepEqual(address.spec.parentRef, { resource: 'services', namespace: 'default', name: 'web' });
  t.is(address.metadata.labels['ipaddress.kubernetes.io/managed-by'], 'ipallocator.k8s.io');
  await api.remove(`${PATH}/web`);
  t.is((await api.get(`${ADDRESSES}/${ip}`)).code, 404);
  t.is((await api.get(`${ADDRESSES}/10.96.0.1`)).code, 200);
});

test('a finalizer holds the address as long as the Service', async (t) => {
  const api = await openApi(t);
  const sent = service('web');
  const { body } = await api.post(PATH, { ...sent, metadata: { ...sent.metadata, finalizers: ['example.com/hold'] } });
  await api.remove(`${PATH}/web`);
  t.is((await api.get(`${ADDRESSES}/${body.spec.clusterIP}`)).code, 200);
  await api.patch(`${PATH}/web`, { metadata: { finalizers: null } });
  t.is((await api.get(`${ADDRESSES}/${body.spec.clusterIP}`)).code, 404);
});

test('the type changes there and back: addresses and ports come and go', async (t) => {
  const api = await openApi(t);
  const first = (await api.post(PATH, service('web'))).body;
  const nodePort = (await api.patch(`${PATH}/web`, { spec: { type: 'NodePort' } })).body;
  t.is(nodePort.spec.clusterIP, first.spec.clusterIP);
  t.is(nodePort.spec.externalTrafficPolicy, 'Cluster');
  const port = nodePort.spec.ports[0].nodePort as number;
  t.true(port >= 30_000 && port <= 32_767);
  const balanced = (await api.patch(`${PATH}/web`, { spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local' } })).body;
  t.is(balanced.spec.ports[0].nodePort, port);
  t.true(balanced.spec.healthCheckNodePort >= 30_000);
  const plain = (await api.patch(`${PATH}/web`, { spec: { type: 'ClusterIP' } })).body;
  t.deepEqual([plain.spec.ports[0].nodePort, plain.spec.externalTrafficPolicy, plain.spec.healthCheckNodePort, plain.spec.allocateLoadBalancerNodePorts], [undefined, undefined, undefined, undefined]);
  const named = await api.patch(`${PATH}/web`, { spec: { type: 'ExternalName', externalName: 'example.com' } });
  t.deepEqual([named.code, named.body.spec.clusterIP, named.body.spec.ipFamilies], [200, undefined, undefined]);
  t.is((await api.get(`${ADDRESSES}/${first.spec.clusterIP}`)).code, 404);
  const again = (await api.patch(`${PATH}/web`, { spec: { type: 'ClusterIP', externalName: null } })).body;
  t.is(again.spec.clusterIP, first.spec.clusterIP);
  t.is((await api.post(PATH, service('other', { type: 'NodePort', ports: [{ port: 80, nodePort: port }] }))).code, 201, 'the port is free again');
});

test('a Service that asks for no load balancer any more tells of none', async (t) => {
  const api = await openApi(t);
  await api.post(PATH, service('web', { type: 'LoadBalancer' }));
  const balanced = await api.patch(`${PATH}/web/status`, { status: { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } } });
  t.deepEqual(balanced.body.status.loadBalancer, { ingress: [{ ip: '203.0.113.1', ipMode: 'VIP' }] });
  t.deepEqual((await api.patch(`${PATH}/web`, { spec: { ports: [{ port: 443 }] } })).body.status.loadBalancer, balanced.body.status.loadBalancer);
  t.deepEqual((await api.patch(`${PATH}/web`, { spec: { type: 'ClusterIP' } })).body.status.loadBalancer, {});
  t.is((await api.patch(`${PATH}/web`, { metadata: { labels: { a: 'b' } } })).code, 200);
});

for (const left of [{ clusterIP: null }, { clusterIPs: null }, { clusterIP: '', clusterIPs: [] }]) {
  test(`who makes a Service a name and clears ${Object.keys(left).join(' and ')} gives up the address`, async (t) => {
    const api = await openApi(t);
    const { body } = await api.post(PATH, service('web'));
    const named = await api.patch(`${PATH}/web`, { spec: { type: 'ExternalName', externalName: 'example.com', ...left } });
    t.deepEqual([named.code, named.body.spec.clusterIP, named.body.spec.clusterIPs], [200, undefined, undefined]);
    t.is((await api.get(`${ADDRESSES}/${body.spec.clusterIP}`)).code, 404);
  });
}

test('a name outside of the cluster keeps no policy of traffic inside, whoever says one or becomes such a name', async (t) => {
  const api = await openApi(t);
  const named = { type: 'ExternalName', externalName: 'example.com' };
  t.is((await api.post(PATH, service('said', { ...named, internalTrafficPolicy: 'Cluster' }))).body.spec.internalTrafficPolicy, undefined);
  t.is((await api.post(PATH, service('web'))).body.spec.internalTrafficPolicy, 'Cluster');
  t.is((await api.patch(`${PATH}/web`, { spec: named })).body.spec.internalTrafficPolicy, undefined);
});

test('a PUT that leaves out what the server chose keeps it', async (t) => {
  const api = await openApi(t);
  const { body } = await api.post(PATH, service('web', { type: 'NodePort' }));
  const put = await api.put(`${PATH}/web`, service('web', { type: 'NodePort', ports: [{ port: 80, targetPort: 8080 }] }));
  t.is(put.code, 200);
  t.deepEqual([put.body.spec.clusterIP, put.body.spec.ports[0].nodePort], [body.spec.clusterIP, body.spec.ports[0].nodePort]);
});

test('one number serves several protocols of one port', async (t) => {
  const api = await openApi(t);
  const { body } = await api.post(PATH, service('dns', { type: 'NodePort', ports: [{ name: 'u', port: 53, protocol: 'UDP' }, { name: 't', port: 53, protocol: 'TCP' }] }));
  t.is(body.spec.ports[0].nodePort, body.spec.ports[1].nodePort);
});

test('a number that is asked for serves also the ports before it', async (t) => {
  const api = await openApi(t);
  const { body } = await api.post(PATH, service('dns', { type: 'NodePort', ports: [{ name: 'u', port: 53, protocol: 'UDP' }, { name: 't', port: 53, protocol: 'TCP', nodePort: 30_013 }] }));
  t.deepEqual(body.spec.ports.map(nodePortOf), [30_013, 30_013]);
});

const nodePortOf = ({ nodePort }: { readonly nodePort?: number }): number | undefined => nodePort;
const pair = (first: object, second: object = {}): object => ({ type: 'NodePort', ports: [{ name: 'p', port: 80, ...first }, { name: 'q', port: 443, ...second }] });
const LOCAL = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };
for (const [name, before, after, expected] of [
  ['another port of the same name', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_100 }] }, { type: 'NodePort', ports: [{ port: 81 }] }, { ports: [{ port: 81, nodePort: 30_100 }] }],
  ['a balancer that needs none any more', { type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30_100 }] }, { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false }, { ports: [{ nodePort: 30_100 }] }],
  ['fewer ports and another type', pair({ nodePort: 30_100 }, { nodePort: 30_101 }), { ports: [{ name: 'p', port: 80, nodePort: 30_100 }] }, { type: 'ClusterIP', ports: [{ nodePort: undefined }] }],
  ['one number twice', pair({ nodePort: 30_100 }, { nodePort: 30_101 }), pair({ nodePort: 30_100 }, { nodePort: 30_100 }), 'duplicate nodePort: {TCP 30100}'],
  ['the number of its health check', { ...LOCAL, healthCheckNodePort: 30_100 }, { ...LOCAL, ports: [{ port: 80, nodePort: 30_100 }] }, 'Service "s" is invalid: spec.ports[0].nodePort: Invalid value: 30100: provided port is already allocated'],
  ['a name that says ports holds none', { type: 'ExternalName', externalName: 'a.b' }, { type: 'ExternalName', externalName: 'a.b', ports: [{ port: 80, nodePort: 30_500 }] }, { ports: [{ nodePort: 30_500 }] }],
  ['an address in use by another', {}, { clusterIP: '10.96.0.1' }, /spec\.clusterIPs\[0\]: Invalid value: \["10\.96\.0\.1"\]: may not change once set$/],
  ['one family of two', { clusterIP: 'None' }, { clusterIP: 'None', ipFamilies: ['IPv4'] }, 'Service "s" is invalid: spec.ipFamilyPolicy: Invalid value: "RequireDualStack": must be \'SingleStack\' to release the secondary IP family'],
  ['the policy of one family', { clusterIP: 'None' }, { clusterIP: 'None', ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4', 'IPv6'] }, { ipFamilies: ['IPv4'] }],
] as const) {
  test(`a Service is changed: ${name}`, async (t) => {
    const api = await openApi(t);
    await api.post(PATH, service('first', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_500 }] }));
    t.is((await api.post(PATH, service('s', before))).code, 201);
    const answer = await api.put(`${PATH}/s`, service('s', after));
    if (typeof expected === 'string') t.is(answer.message, expected);
    else if (expected instanceof RegExp) t.regex(answer.message, expected);
    else t.like(answer.body.spec, expected);
  });
}

const taken = 'provided port is already allocated';
const refused: readonly { name: string; spec: object; message: RegExp | string }[] = [
  { name: 'an address in use', spec: { clusterIP: '10.96.0.1' }, message: 'Service "s" is invalid: spec.clusterIPs: Invalid value: ["10.96.0.1"]: failed to allocate IP 10.96.0.1: provided IP is already allocated' },
  { name: 'an address outside the range', spec: { clusterIP: '10.1.0.1' }, message: /: failed to allocate IP 10\.1\.0\.1: the provided network does not match the current range$/ },
  { name: 'a port in use', spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 30_500 }] }, message: `Service "s" is invalid: spec.ports[0].nodePort: Invalid value: 30500: ${taken}` },
  { name: 'a port outside the range', spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }, message: /provided port is not in the valid range\. The range of valid ports is 30000-32767$/ },
  { name: 'two families', spec: { ipFamilyPolicy: 'RequireDualStack' }, message: /spec\.ipFamilyPolicy: Invalid value: "RequireDualStack": this cluster is not configured for dual-stack services$/ },
  { name: 'the other family', spec: { ipFamilies: ['IPv6'] }, message: /spec\.ipFamilies\[0\]: Invalid value: "IPv6": not configured on this cluster$/ },
  { name: 'a bad source range', spec: { type: 'LoadBalancer', loadBalancerSourceRanges: ['10.0.0.0/33'] }, message: /spec\.LoadBalancerSourceRanges\[0\]: Invalid value: "10\.0\.0\.0\/33": must be a valid CIDR value/ },
  { name: 'source ranges of a ClusterIP', spec: { loadBalancerSourceRanges: ['10.0.0.0/8'] }, message: /spec\.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'$/ },
  { name: 'affinity for too long', spec: { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 86_401 } } }, message: /timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400$/ },
  { name: 'a loopback address', spec: { externalIPs: ['127.0.0.1'] }, message: /spec\.externalIPs\[0\]: Invalid value: "127\.0\.0\.1": may not be in the loopback range/ },
  { name: 'a class of a ClusterIP', spec: { loadBalancerClass: 'a/b' }, message: /spec\.loadBalancerClass: Forbidden: may only be used when/ },
  { name: 'no ports', spec: { ports: [] }, message: /spec\.ports: Required value$/ },
  { name: 'a policy of the outside', spec: { externalTrafficPolicy: 'Local' }, message: /spec\.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services$/ },
];
const both = ['10.96.7.7', 'fd00::1'];
const single = (list: string): string => `spec.ipFamilyPolicy: Invalid value: "SingleStack": must be 'RequireDualStack' or 'PreferDualStack' when multiple ${list} are specified`;
const only = (...faults: readonly string[]): string => `Service "s" is invalid: ${faults.length > 1 ? `[${faults.join(', ')}]` : faults.join('')}`;
const families: typeof refused = [
  { name: 'two families without a policy', spec: { ipFamilies: ['IPv4', 'IPv6'] }, message: only(single('IP families')) },
  { name: 'two families of which one is said twice', spec: { ipFamilies: ['IPv4', 'IPv4'] }, message: only('spec.ipFamilies[1]: Duplicate value: "IPv4"') },
  { name: 'two families, preferred', spec: { ipFamilies: ['IPv6', 'IPv4'], ipFamilyPolicy: 'PreferDualStack' }, message: only('spec.ipFamilies[0]: Invalid value: "IPv6": not configured on this cluster') },
  { name: 'two families of one that has no selector', spec: { clusterIP: 'None', ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'SingleStack' }, message: only(single('IP families')) },
  { name: 'an address of the other family', spec: { clusterIP: 'fd00::1' }, message: only('spec.clusterIPs[0]: Invalid value: ["fd00::1"]: IPv6 is not configured on this cluster') },
  { name: 'addresses of both families', spec: { clusterIP: both[0], clusterIPs: both }, message: only(single('cluster IPs'), `spec.clusterIPs[1]: Invalid value: ${JSON.stringify(both)}: IPv6 is not configured on this cluster`) },
  { name: 'an address that is not of its family, and nothing beside it', spec: { clusterIP: '10.96.7.7', ipFamilies: ['IPv6'], ipFamilyPolicy: 'RequireDualStack', ports: [{ port: 0 }] }, message: only('spec.clusterIPs[0]: Invalid value: "10.96.7.7": expected an IPv6 value as indicated by `ipFamilies[0]`') },
  { name: 'a node port that another port of it has', spec: { type: 'NodePort', ports: [{ name: 'a', port: 1, nodePort: 30_501 }, { name: 'b', port: 2, nodePort: 30_501 }] }, message: only(`spec.ports[1].nodePort: Invalid value: 30501: ${taken}`) },
];
for (const { name, spec, message } of [...refused, ...families]) {
  test(`a Service is refused: ${name}`, async (t) => {
    const api = await openApi(t);
    await api.post(PATH, service('first', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_500 }] }));
    const answer: Answer = await api.post(PATH, service('s', spec));
    t.is(answer.code, 422, answer.message);
    if (typeof message === 'string') t.is(answer.message, message);
    else t.regex(answer.message, message);
  });
}

test('the range of node ports may be another one', async (t) => {
  const api = await openApi(t, { nodePorts: { first: 20_000, last: 20_100 } });
  const { body } = await api.post(PATH, service('web', { type: 'NodePort', ports: [{ port: 80 }] }));
  t.true(body.spec.ports[0].nodePort >= 20_000 && body.spec.ports[0].nodePort <= 20_100);
  t.regex((await api.post(PATH, service('s', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_000 }] }))).message, /The range of valid ports is 20000-20100$/);
});

test('a Service keeps a port that is outside of the range by now', async (t) => {
  const live = { ...service('web', { type: 'NodePort', clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ports: [{ port: 80, nodePort: 30_500 }] }), metadata: { name: 'web', namespace: 'default' } } as unknown as KubeObject;
  const nodePorts = { first: 20_000, last: 20_100 };
  const env = { services: { nodePorts, claim: () => true, contains: () => true } } as unknown as Environment;
  const changed = (port: object): KubeObject => ({ ...live, spec: { ...(live as AnyObject).spec, ports: [{ port: 81, ...port }] } }) as KubeObject;
  t.like(await SERVICE.prepareUpdate?.(changed({ nodePort: 30_500 }), live, env, undefined as never), { spec: { ports: [{ port: 81, nodePort: 30_500 }] } });
  await t.throwsAsync(async () => SERVICE.prepareUpdate?.(changed({ nodePort: 30_501 }), live, env, undefined as never), { message: /The range of valid ports is 20000-20100$/ });
});

test('a health check port that cannot be had is told as Kubernetes tells it', async (t) => {
  const api = await openApi(t);
  const balanced = (healthCheckNodePort: number): object => service('s', { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80, nodePort: 30_500 }], healthCheckNodePort });
  for (const [port, problem] of [[80, 'provided port is not in the valid range. The range of valid ports is 30000-32767'], [30_501, taken], [30_500, taken]] as const) {
    await api.post(PATH, service('first', { type: 'NodePort', ports: [{ port: 80, nodePort: 30_501 }] }));
    const answer: Answer = await api.post(PATH, balanced(port));
    t.deepEqual([answer.code, answer.message], [500, `Internal error occurred: failed to allocate requested HealthCheck NodePort ${port}: ${problem}`]);
  }
});

test('what may not change once it is set', async (t) => {
  const api = await openApi(t);
  await api.post(PATH, service('web', { type: 'LoadBalancer', loadBalancerClass: 'a/b' }));
  t.regex((await api.patch(`${PATH}/web`, { spec: { loadBalancerClass: 'a/c' } })).message, /spec\.loadBalancerClass: Invalid value: "a\/c": may not change once set$/);
  t.regex((await api.patch(`${PATH}/web`, { spec: { clusterIP: '10.96.0.77', clusterIPs: ['10.96.0.77'] } })).message, /spec\.clusterIPs\[0\]: Invalid value: \["10\.96\.0\.77"\]: may not change once set$/);
  t.regex((await api.patch(`${PATH}/web`, { spec: { clusterIP: '10.96.0.78' } })).message, /spec\.clusterIPs\[0\]: Invalid value: \["10\.96\.0\.78"\]: may not change once set$/, 'the old field alone means both');
  t.regex((await api.patch(`${PATH}/web`, { spec: { clusterIP: '192.0.2.1' } })).message, /spec\.clusterIPs\[0\]: Invalid value: \["192\.0\.2\.1"\]: may not change once set$/, 'also to one that could not be had');
});

test('a headless Service without selector may use both families', async (t) => {
  const api = await openApi(t);
  const { body } = await api.post(PATH, service('h', { clusterIP: 'None', ports: undefined }));
  t.deepEqual([body.spec.clusterIPs, body.spec.ipFamilies, body.spec.ipFamilyPolicy], [['None'], ['IPv4', 'IPv6'], 'RequireDualStack']);
});

test('ServiceCIDRs and IPAddresses are checked', async (t) => {
  const api = await openApi(t);
  t.is((await api.get('/apis/networking.k8s.io/v1/servicecidrs/kubernetes')).body.status.conditions[0].status, 'True');
  const cidr = (cidrs: readonly string[]) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'more' }, spec: { cidrs } });
  t.regex((await api.post('/apis/networking.k8s.io/v1/servicecidrs', cidr(['10.0.0.1/8']))).message, /must not have bits set beyond the prefix length$/);
  t.is((await api.post('/apis/networking.k8s.io/v1/servicecidrs', cidr(['10.0.0.0/24']))).code, 201);
  t.regex((await api.patch('/apis/networking.k8s.io/v1/servicecidrs/more', { spec: { cidrs: ['10.1.0.0/24'] } })).message, /field is immutable$/);
  const address = (name: string) => ({ apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress', metadata: { name }, spec: { parentRef: { group: 'mygroup', resource: 'myresources', namespace: 'foo', name: 'bar' } } });
  t.is((await api.post(ADDRESSES, address('255.255.255.255'))).code, 201);
  t.is((await api.post(ADDRESSES, address('fe80::42:1dff:fe84:f9e2'))).code, 201);
  t.is((await api.get(`${ADDRESSES}/fe80::42:1dff:fe84:f9e2`)).code, 200);
  t.is((await api.post(ADDRESSES, address('nonsense'))).code, 422);
  await api.post(ADDRESSES, address('10.96.0.77'));
  t.regex((await api.post(PATH, service('s', { clusterIP: '10.96.0.77' }))).message, /already allocated$/);
});
