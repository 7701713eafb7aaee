import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { isStatus } from '#api/status-error.ts';
import { agentAddress } from '#apiserver/proxy/agent-target.ts';

const ADDRESSES = [{ type: 'Hostname', address: 'one' }, { type: 'InternalIP', address: '192.0.2.1' }];
const node = (status: object, metadata: object = {}): KubeObject => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'one', ...metadata }, status }) as unknown as KubeObject;

for (const [name, object, address] of [
  ['the port that its agent has said', node({ addresses: ADDRESSES, daemonEndpoints: { kubeletEndpoint: { Port: 10_300 } } }), { host: '192.0.2.1', port: 10_300 }],
  ['the usual port', node({ addresses: ADDRESSES }), { host: '192.0.2.1', port: 10_250 }],
  ['the usual port where Go has written none', node({ addresses: ADDRESSES, daemonEndpoints: { kubeletEndpoint: { Port: 0 } } }), { host: '192.0.2.1', port: 10_250 }],
  ['the address of its annotation', node({ addresses: ADDRESSES }, { annotations: { 'headway.dev/agent-address': '198.51.100.7' } }), { host: '198.51.100.7', port: 10_250 }],
] as const) {
  test(`a node is reached at ${name}`, (t) => {
    t.deepEqual(agentAddress(object), address);
  });
}

test('a node without an address, and a simulated one, are not', (t) => {
  t.true(isStatus(t.throws(() => agentAddress(node({}))), 'InternalError'));
  const error = t.throws(() => agentAddress(node({ addresses: ADDRESSES }, { labels: { 'headway.dev/simulated': 'true' } })));
  t.true(isStatus(error, 'BadRequest'));
  t.is(error?.message, 'node "one" is simulated: it runs no containers, and nothing answers at its addresses');
});
