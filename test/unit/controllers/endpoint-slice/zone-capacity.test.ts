import test from 'ava';
import type { Node } from '#api/generated/core/v1.ts';
import { allocate, capacityFacts, zoneShares } from '#controllers/endpoint-slice/zone-capacity.ts';

interface Shape { readonly cpu?: string; readonly ready?: 'True' | 'False'; readonly labels?: Readonly<Record<string, string>> }
const node = (zone: string, { cpu = '1', ready = 'True', labels = {} }: Shape = {}): Node => ({
  apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', labels: { ...labels, ...(zone ? { 'topology.kubernetes.io/zone': zone } : {}) } },
  spec: {}, status: { allocatable: cpu === '' ? {} : { cpu }, conditions: [{ type: 'Ready', status: ready }] },
});
const sharesOf = (nodes: readonly Node[]) => { const shares = zoneShares(nodes); return shares && Object.fromEntries(shares); };

test('a zone has the share of the CPU of its ready nodes', (t) => {
  t.deepEqual(sharesOf([node('a'), node('a', { cpu: '2' }), node('b', { cpu: '1000m' })]), { a: 0.75, b: 0.25 });
  t.deepEqual(sharesOf([node('a'), node('b'), node('b', { ready: 'False' })]), { a: 0.5, b: 0.5 });
});

for (const [what, nodes] of [
  ['no nodes', []],
  ['nodes of one zone', [node('a'), node('a')]],
  ['a node without a zone', [node('a'), node('b'), node('')]],
  ['a node without CPU', [node('a'), node('b', { cpu: '' })]],
  ['a second zone with nodes of the control plane only', [node('a'), node('b', { labels: { 'node-role.kubernetes.io/control-plane': '' } })]],
  ['a second zone with nodes that are not ready', [node('a'), node('b', { ready: 'False' })]],
] as const) {
  test(`there are no shares of ${what}`, (t) => t.is(zoneShares(nodes), undefined));
}

test('a node that does not count tells nothing that matters', (t) => {
  t.is(capacityFacts(node('a', { ready: 'False' })), capacityFacts(node('b', { ready: 'False', cpu: '8' })));
  t.not(capacityFacts(node('a')), capacityFacts(node('a', { cpu: '8' })));
  t.not(capacityFacts(node('a')), capacityFacts(node('b')));
});

const shares = (of: Readonly<Record<string, number>>) => new Map(Object.entries(of));

test('each zone gets at least what does not overload its endpoints by a fifth, and at most what the others leave', (t) => {
  t.deepEqual(allocate(shares({ a: 0.5, b: 0.5 }), 6), new Map([['a', { maximum: 3, desired: 3 }], ['b', { maximum: 3, desired: 3 }]]));
  t.deepEqual(allocate(shares({ a: 0.6, b: 0.3, c: 0.1 }), 10), new Map([['a', { maximum: 6, desired: 6 }], ['b', { maximum: 4, desired: 3 }], ['c', { maximum: 2, desired: 1 }]]));
});

for (const [given, ready, message] of [
  [undefined, 6, 'Insufficient Node information: allocatable CPU or zone not specified on one or more nodes'],
  [shares({ a: 0.5, b: 0.3, c: 0.2 }), 2, 'Insufficient number of endpoints (2 endpoints, 3 zones)'],
  [shares({ a: 0.5, b: 0.5 }), 3, 'Unable to allocate minimum required endpoints to each zone without exceeding overload threshold (3 endpoints, 2 zones)'],
] as const) {
  test(`nothing is allocated: ${message}`, (t) => t.is(allocate(given, ready), message));
}
