import test from 'ava';
import { staleUdpFlows } from '#agents/node/proxy/conntrack.ts';
import { servicePorts } from '#agents/node/proxy/service-port.ts';
import { endpoint, service, slice } from './builders.ts';

const dns = (...ips: readonly string[]) =>
  servicePorts(service('dns', { type: 'NodePort', ports: [{ port: 53, protocol: 'UDP', nodePort: 30053 }] }), [slice('dns', ips.map((ip) => endpoint(ip)), 53, 'UDP')], 'node-a');

test('flows to an endpoint that went are deleted', (t) => {
  t.deepEqual(staleUdpFlows(dns('10.244.0.2', '10.244.0.3'), dns('10.244.0.3')), [
    ['--orig-dst', '10.96.0.10', '--orig-port-dst', '53', '--dst-nat', '10.244.0.2'],
    ['--orig-port-dst', '30053', '--dst-nat', '10.244.0.2'],
  ]);
});

test('flows that began while nobody served are deleted', (t) => {
  t.deepEqual(staleUdpFlows(dns(), dns('10.244.0.3')), [['--orig-dst', '10.96.0.10', '--orig-port-dst', '53'], ['--orig-port-dst', '30053']]);
});

test('a further endpoint, and TCP, leave flows alone', (t) => {
  t.deepEqual(staleUdpFlows(dns('10.244.0.2'), dns('10.244.0.2', '10.244.0.3')), []);
  const tcp = servicePorts(service('web', {}), [slice('web', [endpoint('10.244.0.2')])], 'node-a');
  t.deepEqual(staleUdpFlows(tcp, []), []);
});
