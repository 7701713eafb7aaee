import test from 'ava';
import type { Service } from '#api/generated/core/v1.ts';
import type { Endpoint, EndpointSlice } from '#api/generated/discovery/v1.ts';
import { hintedByCapacity } from '#controllers/endpoint-slice/capacity-hints.ts';
import { hintedNearby, trafficPreference, withoutHints } from '#controllers/endpoint-slice/hints.ts';
import { planSlices } from '#controllers/endpoint-slice/plan.ts';
import type { ZoneShares } from '#controllers/endpoint-slice/zone-capacity.ts';

const service = (trafficDistribution?: string, annotations: Readonly<Record<string, string>> = {}): Service => ({
  apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name: 'web', uid: 's', annotations }, spec: { selector: { app: 'web' }, ...(trafficDistribution ? { trafficDistribution } : {}) },
});
const TOPOLOGY = { 'service.kubernetes.io/topology-mode': 'Auto' };
let number = 0;
const endpoint = (zone?: string, { ready = true, hint }: { readonly ready?: boolean; readonly hint?: string } = {}): Endpoint => {
  number += 1;
  return { addresses: [`10.0.0.${number}`], nodeName: 'n', conditions: { ready }, targetRef: { uid: `p${number}` }, ...(zone ? { zone } : {}), ...(hint ? { hints: { forZones: [{ name: hint }] } } : {}) };
};
const zonesOf = (endpoints: readonly Endpoint[]) => endpoints.map(({ hints }) => hints?.forZones?.map(({ name }) => name).join());
const HALVES: ZoneShares = new Map([['a', 0.5], ['b', 0.5]]);

for (const [distribution, annotations, preference] of [
  [undefined, {}, 'none'], ['PreferClose', {}, 'same-zone'], ['PreferSameZone', {}, 'same-zone'], ['PreferSameNode', {}, 'same-node'],
  [undefined, TOPOLOGY, 'by-capacity'], ['PreferSameNode', { 'service.kubernetes.io/topology-aware-hints': 'auto' }, 'by-capacity'],
  ['PreferClose', { 'service.kubernetes.io/topology-mode': 'Disabled' }, 'same-zone'],
  [undefined, { ...TOPOLOGY, 'service.kubernetes.io/topology-aware-hints': 'disabled' }, 'none'],
] as const) {
  test(`the traffic of ${distribution ?? 'no distribution'} with ${JSON.stringify(annotations)} stays: ${preference}`, (t) => t.is(trafficPreference(service(distribution, annotations)), preference));
}

test('ready endpoints are for their own zone, and with PreferSameNode for their own node too', (t) => {
  t.deepEqual(hintedNearby(endpoint('a'), 'same-zone').hints, { forZones: [{ name: 'a' }] });
  t.deepEqual(hintedNearby(endpoint('a'), 'same-node').hints, { forZones: [{ name: 'a' }], forNodes: [{ name: 'n' }] });
  t.deepEqual(hintedNearby(endpoint(), 'same-node').hints, { forNodes: [{ name: 'n' }] });
  for (const without of [hintedNearby(endpoint(), 'same-zone'), hintedNearby(endpoint('a', { ready: false }), 'same-node')]) t.false('hints' in without);
});

const byCapacity = (slices: Parameters<typeof hintedByCapacity>[0], shares: ZoneShares | undefined = HALVES) => {
  const hinted = hintedByCapacity(slices, shares);
  return typeof hinted === 'string' ? hinted : hinted.map(zonesOf);
};

test('endpoints are for their own zone where that is balanced; those that are not ready are for none', (t) => {
  t.deepEqual(byCapacity([{ endpoints: [endpoint('a'), endpoint('b'), endpoint('a', { ready: false })] }, { endpoints: [endpoint('b'), endpoint('a')] }]), [['a', 'b', undefined], ['b', 'a']]);
});

test('a zone that has too many gives some to one that has too few', (t) => {
  t.deepEqual(byCapacity([{ endpoints: ['a', 'a', 'a', 'a', 'b', 'b'].map((zone) => endpoint(zone)) }]), [['b', 'a', 'a', 'a', 'b', 'b']]);
  t.deepEqual(byCapacity([{ endpoints: ['c', 'c', 'c'].map((zone) => endpoint(zone)) }], new Map([['a', 1 / 3], ['b', 1 / 3], ['c', 1 / 3]])), [['b', 'a', 'c']]);
});

test('hints of slices that are not written anyway stay while they fit in, and are made anew when they do not', (t) => {
  const slice = (...hints: readonly string[]) => {
    const unchanged = hints.map((hint) => endpoint('a', { hint }));
    return { unchanged, endpoints: unchanged.map(withoutHints) };
  };
  t.deepEqual(byCapacity([slice('b', 'a'), { endpoints: [endpoint('b'), endpoint('a')] }]), [['b', 'a'], ['b', 'a']]);
  t.deepEqual(byCapacity([slice('a', 'a'), { endpoints: [endpoint('a'), endpoint('b')] }]), [['a', 'a'], ['b', 'b']]);
  t.deepEqual(byCapacity([slice('c', 'a'), { endpoints: [endpoint('b'), endpoint('b')] }]), [['a', 'a'], ['b', 'b']]);
});

test('there are no hints for whom they cannot be made', (t) => {
  t.is(byCapacity([{ endpoints: [endpoint('a'), endpoint()] }]), 'One or more endpoints do not have a zone specified');
  t.is(byCapacity([{ endpoints: [endpoint('a')] }]), 'Insufficient number of endpoints (1 endpoints, 2 zones)');
});

const plan = (of: Service, endpoints: readonly Endpoint[], present: readonly EndpointSlice[] = [], shares: ZoneShares | undefined = HALVES) =>
  planSlices({ service: of, groups: [{ addressType: 'IPv4', ports: [], endpoints }], present, shares, nameOf: () => 'web-1' });

test('hints come and go with the field of the Service', (t) => {
  const endpoints = [endpoint('a'), endpoint('b')];
  const made = plan(service('PreferSameZone'), endpoints);
  const present = made.create as readonly EndpointSlice[];
  t.deepEqual([zonesOf(present[0]?.endpoints ?? []), made.events], [['a', 'b'], []]);
  t.deepEqual(plan(service('PreferClose'), endpoints, present), { create: [], update: [], remove: [], events: [] });
  const { update } = plan(service(), endpoints, present);
  t.deepEqual(update.map((slice) => zonesOf(slice.endpoints ?? [])), [[undefined, undefined]]);
});

test('an event says once that hints are made, and each time why there are none', (t) => {
  const endpoints = [endpoint('a'), endpoint('b')];
  const made = plan(service(undefined, TOPOLOGY), endpoints);
  t.deepEqual(made.events, [{ type: 'Normal', reason: 'TopologyAwareHintsEnabled', message: 'Topology Aware Hints has been enabled, addressType: IPv4' }]);
  const present = made.create as readonly EndpointSlice[];
  t.deepEqual(plan(service(undefined, TOPOLOGY), endpoints, present), { create: [], update: [], remove: [], events: [] });
  const lost = plan(service(undefined, TOPOLOGY), endpoints.slice(1), present);
  t.deepEqual(lost.events, [{ type: 'Warning', reason: 'TopologyAwareHintsDisabled', message: 'Insufficient number of endpoints (1 endpoints, 2 zones), addressType: IPv4' }]);
  t.deepEqual(lost.update.map((slice) => zonesOf(slice.endpoints ?? [])), [[undefined]]);
});
