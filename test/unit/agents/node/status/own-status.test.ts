import test from 'ava';
import type { Node, NodeStatus } from '#api/generated/core/v1.ts';
import { ownAsKept, showsOwn, showsUsable, usableOfOthers } from '#agents/node/status/own-status.ts';

const info = { machineID: 'm', systemUUID: 's', bootID: 'b', kernelVersion: '6', osImage: 'Debian', containerRuntimeVersion: 'c', kubeletVersion: 'v1.36.0', kubeProxyVersion: '', operatingSystem: 'linux', architecture: 'amd64' };
const SENT: NodeStatus = {
  capacity: { cpu: '4', memory: '25165824Ki' }, allocatable: { cpu: '4', memory: '25165824Ki' }, nodeInfo: info,
  daemonEndpoints: { kubeletEndpoint: { Port: 10_250 } }, addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
};
/** The API writes amounts in its own way, and keeps what others have added. */
const KEPT: NodeStatus = { ...SENT, capacity: { cpu: '4', memory: '24Gi', 'example.com/dongle': '3' }, allocatable: { cpu: '4', memory: '24Gi' }, phase: 'Running' };
const node = (status: Partial<NodeStatus> = {}): Node => ({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: {}, status: { ...KEPT, ...status } });
const own = ownAsKept(SENT, KEPT);

test('what the API keeps of a report is the agent\'s own, in the form of the API', (t) => {
  t.deepEqual(own.capacity, { cpu: '4', memory: '24Gi' });
  t.true(showsOwn(node(), own));
  t.true(showsOwn(node({ capacity: { ...KEPT.capacity, 'example.com/other': '1' }, conditions: [] }), own));
});

for (const [what, status] of [
  ['an amount', { capacity: { cpu: '8', memory: '24Gi' } }],
  ['the system, as a client that marshals a whole Node does', { nodeInfo: { ...info, kubeletVersion: '' } }],
  ['the port of the agent', { daemonEndpoints: { kubeletEndpoint: { Port: 0 } } }],
  ['the addresses', { addresses: [] }],
] as const satisfies readonly (readonly [string, Partial<NodeStatus>])[]) {
  test(`it is noticed when somebody writes over ${what}`, (t) => t.false(showsOwn(node(status), own)));
}

test('all of what others say that the node has can be used, until they say that it is gone', (t) => {
  const usable = usableOfOthers(node(), own);
  t.deepEqual(usable, { 'example.com/dongle': '3' });
  t.false(showsUsable(node(), usable));
  const shown = node({ allocatable: { ...KEPT.allocatable, 'example.com/dongle': '3' } });
  t.true(showsUsable(shown, usableOfOthers(shown, own)));
  const gone = node({ capacity: { cpu: '4', memory: '24Gi' }, allocatable: { ...KEPT.allocatable, 'example.com/dongle': '3' } });
  t.deepEqual(usableOfOthers(gone, own), { 'example.com/dongle': null });
  t.false(showsUsable(gone, usableOfOthers(gone, own)));
});
