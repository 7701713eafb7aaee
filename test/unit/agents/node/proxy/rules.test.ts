import test from 'ava';
import { RuleState } from '#agents/node/proxy/rule-state.ts';
import { serviceRules } from '#agents/node/proxy/rules.ts';
import { servicePorts } from '#agents/node/proxy/service-port.ts';
import { endpoint, service, slice } from './builders.ts';

const POD_CIDR = '10.244.0.0/24';
const WEB = 'service-1090feca-demo/web/tcp/80';
const fragment = (spec: Parameters<typeof service>[1], endpoints: Parameters<typeof slice>[1]) =>
  Object.fromEntries(serviceRules(servicePorts(service('web', spec), [slice('web', endpoints)], 'node-a'), POD_CIDR));
const two = [endpoint('10.244.0.2'), endpoint('10.244.1.3', { ready: true }, 'node-b')];

test('a service picks one of its endpoints at random', (t) => {
  t.deepEqual(fragment({}, two), {
    [`chain ${WEB}`]: [
      'ip daddr 10.96.0.10 ip saddr != 10.244.0.0/24 meta mark set meta mark or 0x4000',
      'meta l4proto tcp dnat ip to numgen random mod 2 map { 0 : 10.244.0.2 . 8080, 1 : 10.244.1.3 . 8080 }',
    ].join('\n'),
    'element service-ips 10.96.0.10 . tcp . 80': `goto ${WEB}`,
    'element hairpins 10.244.0.2 . 10.244.0.2': '',
  });
});

test('a service without endpoints refuses', (t) => {
  t.deepEqual(fragment({ type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }, []), {
    'element dead-service-ips 10.96.0.10 . tcp . 80': 'goto refuse',
    'element dead-node-ports tcp . 30080': 'goto refuse',
  });
});

test('endpoints that end serve only while no other is ready', (t) => {
  const ending = endpoint('10.244.0.9', { ready: false, serving: true, terminating: true });
  t.regex(fragment({}, [ending, endpoint('10.244.0.2')])[`chain ${WEB}`] ?? '', /dnat ip to 10\.244\.0\.2:8080$/);
  t.regex(fragment({}, [ending])[`chain ${WEB}`] ?? '', /dnat ip to 10\.244\.0\.9:8080$/);
  t.regex(fragment({}, [endpoint('10.244.0.9', { ready: false, serving: false, terminating: true })])['element dead-service-ips 10.96.0.10 . tcp . 80'] ?? '', /refuse/);
});

test('internal policy Local uses this node only, and drops when it has none', (t) => {
  t.regex(fragment({ internalTrafficPolicy: 'Local' }, two)[`chain ${WEB}`] ?? '', /dnat ip to 10\.244\.0\.2:8080$/);
  t.is(fragment({ internalTrafficPolicy: 'Local' }, two.slice(1))['element dead-service-ips 10.96.0.10 . tcp . 80'], 'drop');
});

test('external policy Local keeps the client address, and sends inside clients anywhere', (t) => {
  const pieces = fragment({ type: 'NodePort', externalTrafficPolicy: 'Local', ports: [{ port: 80, nodePort: 30080 }] }, two);
  const chain = (pieces['element node-ports tcp . 30080'] ?? '').replace('goto', 'chain');
  t.deepEqual(pieces[chain]?.split('\n'), [
    `ip saddr 10.244.0.0/24 goto ${WEB}`, 'fib saddr type local meta mark set meta mark or 0x4000', `fib saddr type local goto ${WEB}`,
    'meta l4proto tcp dnat ip to 10.244.0.2:8080',
  ]);
});

test('load balancer source ranges guard its addresses and not the others', (t) => {
  const balanced = { ...service('web', { type: 'LoadBalancer', externalIPs: ['192.0.2.7'], loadBalancerSourceRanges: ['198.51.100.0/24'] }), status: { loadBalancer: { ingress: [{ ip: '192.0.2.8' }] } } };
  const pieces = Object.fromEntries(serviceRules(servicePorts(balanced, [slice('web', two)], 'node-a'), POD_CIDR));
  t.regex(pieces['element service-ips 192.0.2.8 . tcp . 80'] ?? '', /^goto firewall-/);
  t.regex(pieces['element service-ips 192.0.2.7 . tcp . 80'] ?? '', /^goto external-/);
});

test('session affinity remembers clients by endpoint', (t) => {
  const pieces = fragment({ sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } }, two.slice(0, 1));
  t.is(pieces[`set clients-${WEB}/10.244.0.2/8080`], 'type ipv4_addr; size 65535; flags dynamic,timeout; timeout 60s;');
  t.regex(pieces[`chain ${WEB}`] ?? '', /ip saddr @clients-\S+ goto to-/);
});

test('headless, external-name and foreign services have no rules', (t) => {
  t.deepEqual(fragment({ clusterIP: 'None' }, two), {});
  t.deepEqual(fragment({ type: 'ExternalName' }, two), {});
});

test('a transaction holds only what changed', (t) => {
  const state = new RuleState('headway');
  const want = (ips: readonly string[]) => state.want('demo/web', serviceRules(servicePorts(service('web', {}), [slice('web', ips.map((ip) => endpoint(ip)))], 'node-b'), POD_CIDR));
  want(['10.244.0.2']);
  state.want('demo/other', serviceRules(servicePorts(service('other', { clusterIP: '10.96.0.11' }), [slice('other', two)], 'node-b'), POD_CIDR));
  state.transaction().commit();
  want(['10.244.0.3']);
  t.deepEqual(state.transaction().script.trim().split('\n'), [
    `flush chain ip headway ${WEB}`,
    `add rule ip headway ${WEB} ip daddr 10.96.0.10 ip saddr != 10.244.0.0/24 meta mark set meta mark or 0x4000`,
    `add rule ip headway ${WEB} meta l4proto tcp dnat ip to 10.244.0.3:8080`,
  ]);
  state.transaction().commit();
  t.is(state.transaction().script, '');
  want([]);
  t.deepEqual(state.transaction().script.trim().split('\n'), [
    `flush chain ip headway ${WEB}`,
    'delete element ip headway service-ips { 10.96.0.10 . tcp . 80 }',
    'add element ip headway dead-service-ips { 10.96.0.10 . tcp . 80 : goto refuse }',
    `delete chain ip headway ${WEB}`,
  ]);
});

test('a piece that two owners want stays until both let go', (t) => {
  const state = new RuleState('headway');
  const piece = (value: string) => new Map([['element service-ips 192.0.2.7 . tcp . 80', value] as const]);
  state.want('a', piece('goto a'));
  state.want('b', piece('goto b'));
  state.transaction().commit();
  state.want('a', new Map());
  t.regex(state.transaction().script, /add element ip headway service-ips \{ 192\.0\.2\.7 \. tcp \. 80 : goto b \}/);
  state.transaction().commit();
  state.want('b', new Map());
  t.is(state.transaction().script, 'delete element ip headway service-ips { 192.0.2.7 . tcp . 80 }\n');
});

test('text that is no address or range never reaches the rules', (t) => {
  const ranges = ['10.0.0.0/8', '10.0.0.0/8 } accept; flush ruleset', '10.0.0.0/33', '300.0.0.0/8'];
  const [port] = servicePorts(service('web', { type: 'LoadBalancer', loadBalancerSourceRanges: ranges, externalIPs: ['999.1.1.1'] }), [slice('web', [endpoint('256.0.0.1')])], 'node-a');
  t.deepEqual([port?.sourceRanges, port?.externalIPs, port?.endpoints], [['10.0.0.0/8'], [], []]);
});
