import test from 'ava';
import { addressAllocation, portAllocation } from '#apiserver/registry/core/service/allocations.ts';
import { ServiceAllocator } from '#apiserver/registry/core/service/allocator.ts';
import { DEFAULT_NODE_PORTS } from '#apiserver/registry/core/service/node-ports.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

interface Known { readonly name: string; readonly clusterIP?: string; readonly nodePort?: number; readonly isGone?: boolean }

/** A cache that holds the Services with the keys of what they hold; of one that is gone the keys alone. */
function open(known: readonly Known[] = [], cidr = '10.96.0.0/16', cidrs: readonly object[] = [], nodePorts = DEFAULT_NODE_PORTS) {
  const services = [...known];
  const get = (resource: string, namespace: string, name: string) => {
    if (resource === 'services') {
      const found = services.find((s) => s.name === name && namespace === 'default' && !s.isGone);
      return found && { object: { metadata: { namespace, name }, spec: { type: 'NodePort', clusterIP: found.clusterIP, ports: [{ nodePort: found.nodePort }] } } };
    }
    const owner = services.find((s) => s.clusterIP === name || String(s.nodePort) === name);
    return owner && { revision: 1, object: { metadata: { name }, spec: { parentRef: { resource: 'services', namespace: 'default', name: owner.name } } } };
  };
  /** What the cache hears when it asks the store. */
  const news: (() => void)[] = [];
  const sync = async () => news.splice(0).forEach((tell) => tell());
  const cache = { get, sync, list: () => ({ items: cidrs.map((object) => ({ object })) }) } as unknown as WatchCache;
  const clock = new ManualClock(0);
  return { services, news, clock, allocator: new ServiceAllocator({ cache, clock, cidr, nodePorts }) };
}

const wanted = (name: string, label = 'http', used: readonly number[] = []) => ({ namespace: 'default', name, label, used: new Set(used) });

test('the address follows from namespace and name, so that a rebuilt Service has its old one', (t) => {
  const address = open().allocator.allocateAddress('default', 'web');
  t.is(open().allocator.allocateAddress('default', 'web'), address);
  t.not(open().allocator.allocateAddress('other', 'web'), address);
});

test('the same owner has its address again: after a dry run, and when it is made anew', (t) => {
  const { allocator } = open();
  t.is(allocator.allocateAddress('default', 'web'), allocator.allocateAddress('default', 'web'));
});

test('an address in use or promised goes to nobody else, and a full range gives none', (t) => {
  // Of eight addresses three are never given: network, API server, broadcast.
  const { allocator } = open([], '10.0.0.0/29');
  const given = ['a', 'b', 'c', 'd', 'e'].map((name) => allocator.allocateAddress('default', name));
  t.deepEqual(given.toSorted(), ['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6']);
  t.is(allocator.allocateAddress('default', 'f'), undefined);
  t.is(allocator.apiServerAddress, '10.0.0.1');
});

test('a promise that no Service kept ends', async (t) => {
  const { allocator, clock, services } = open([], '10.0.0.0/30');
  t.is(allocator.allocateAddress('default', 'failed'), '10.0.0.2');
  t.is(allocator.allocateAddress('default', 'web'), undefined);
  await clock.advance(10_001);
  t.is(allocator.allocateAddress('default', 'web'), '10.0.0.2');
  services.push({ name: 'web', clusterIP: '10.0.0.2' });
  await clock.advance(10_001);
  t.is(allocator.allocateAddress('default', 'other'), undefined);
});

test('what is asked for by name is granted to one owner', async (t) => {
  const { allocator } = open([{ name: 'web', clusterIP: '10.96.0.9', nodePort: 30_080 }]);
  t.false(await allocator.claim(addressAllocation('10.96.0.9'), 'default/other'));
  t.true(await allocator.claim(addressAllocation('10.96.0.9'), 'default/web'));
  t.false(await allocator.claim(portAllocation(30_080), 'default/other'));
  t.true(await allocator.claim(portAllocation(30_081), 'default/other'));
  t.not(allocator.allocateNodePort(wanted('third')), 30_081);
});

test('what a Service left behind that is gone is free', async (t) => {
  const { allocator } = open([{ name: 'web', clusterIP: '10.96.0.9', isGone: true }]);
  t.true(allocator.isLeftOver(addressAllocation('10.96.0.9')));
  t.true(await allocator.claim(addressAllocation('10.96.0.9'), 'default/other'));
});

test('what was given up a moment ago, which the cache has not heard yet, is free', async (t) => {
  const { allocator, services, news } = open([{ name: 'web', clusterIP: '10.96.0.9' }]);
  news.push(() => services.pop());
  t.true(await allocator.claim(addressAllocation('10.96.0.9'), 'default/other'));
});

test('a further range is used when the first is full, as long as it is ready and stays', (t) => {
  const range = (cidr: string, status: string, metadata = {}) => ({ metadata: { name: cidr, ...metadata }, spec: { cidrs: [cidr] }, status: { conditions: [{ type: 'Ready', status }] } });
  const { allocator } = open([], '10.0.0.0/30', [range('10.1.0.0/30', 'False'), range('10.2.0.0/30', 'True', { deletionTimestamp: 'x' }), range('10.3.0.0/30', 'True'), range('10.0.0.0/30', 'True')]);
  t.deepEqual(['a', 'b', 'c'].map((name) => allocator.allocateAddress('default', name)), ['10.0.0.2', '10.3.0.2', undefined]);
  const { allocator: other } = open([], '10.0.0.0/30', [{ ...range('10.1.0.0/30', 'True'), status: {} }]);
  t.is(other.allocateAddress('default', 'a'), '10.1.0.2', 'nobody has said yet whether it is ready');
  t.true(allocator.contains('10.3.0.1'));
  t.false(allocator.contains('10.2.0.1'));
});

test('node ports are in their range, one for each port of a Service', (t) => {
  const { allocator } = open();
  const ports = ['http', 'https'].map((label) => allocator.allocateNodePort(wanted('web', label)) ?? 0);
  t.is(new Set(ports).size, 2);
  t.true(ports.every((p) => p >= 30_000 && p <= 32_767));
});

test('no number is given twice to one Service', (t) => {
  const { allocator } = open([], undefined, undefined, { first: 20_000, last: 20_003 });
  const used: number[] = [20_001];
  for (const label of ['a', 'b', 'c']) used.push(allocator.allocateNodePort(wanted('web', label, used)) ?? 0);
  t.deepEqual(used.toSorted(), [20_000, 20_001, 20_002, 20_003]);
});

test('an address outside the range, its ends included, is not contained', (t) => {
  const { allocator } = open();
  t.deepEqual(['10.96.0.0', '10.96.0.1', '10.96.255.254', '10.96.255.255', '10.97.0.1'].map((a) => allocator.contains(a)), [false, true, true, false, false]);
});

test('node ports are those of the range, its ends among them, and no more', (t) => {
  const { allocator } = open([], undefined, undefined, { first: 20_000, last: 20_002 });
  const given = ['a', 'b', 'c'].map((name) => allocator.allocateNodePort(wanted(name)));
  t.deepEqual(given.toSorted(), [20_000, 20_001, 20_002]);
  t.is(allocator.allocateNodePort(wanted('d')), undefined);
});
