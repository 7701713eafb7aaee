import test from 'ava';
import type { Pod, Service } from '#api/generated/core/v1.ts';
import type { EndpointSlice } from '#api/generated/discovery/v1.ts';
import type { New } from '#client/client.ts';
import { endpointGroups } from '#controllers/endpoint-slice/endpoints-of.ts';
import { endpointsOf } from '#controllers/endpoint-slice/endpoints.ts';
import { planSlices } from '#controllers/endpoint-slice/plan.ts';

const service = (targetPort: string | number = 'http', extra: object = {}): Service => ({
  apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name: 'web', uid: 's', labels: { team: 'a' } },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort, protocol: 'TCP' }], ...extra },
});
interface Shape { readonly ready?: boolean; readonly deleting?: boolean; readonly port?: number; readonly app?: string; readonly phase?: string }
const pod = (i: number, { ready = true, deleting, port = 8080, app = 'web', phase = 'Running' }: Shape = {}): Pod => ({
  apiVersion: 'v1', kind: 'Pod',
  metadata: { namespace: 'default', name: `p${i}`, uid: `p${i}`, labels: { app }, ...(deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}) },
  spec: { nodeName: 'n', containers: [{ name: 'c', ports: [{ name: 'http', containerPort: port }] }] },
  status: { phase: phase as 'Running', podIP: `10.0.${i >> 8}.${i & 255}`, podIPs: [{ ip: `10.0.${i >> 8}.${i & 255}` }], conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const stored = (slice: New<EndpointSlice>): EndpointSlice => ({ ...slice, metadata: { ...slice.metadata, name: slice.metadata.name ?? '', uid: slice.metadata.name } });
const plan = (pods: readonly Pod[], present: readonly EndpointSlice[] = [], s = service()) => planSlices({ service: s, groups: endpointGroups(s, pods), present, nameOf: (key) => `web-${key}` });

test('each endpoint says whether it is ready, serving and terminating; other pods are left out', (t) => {
  const [group] = endpointGroups(service(), [pod(1), pod(2, { ready: false }), pod(3, { deleting: true }), pod(4, { app: 'other' }), pod(5, { phase: 'Succeeded' })]);
  t.deepEqual(group?.endpoints.map((e) => e.conditions), [
    { ready: true, serving: true, terminating: false }, { ready: false, serving: false, terminating: false }, { ready: false, serving: true, terminating: true },
  ]);
  t.deepEqual(group?.ports, [{ name: 'http', port: 8080, protocol: 'TCP' }]);
});

test('pods whose named port differs are in groups of their own', (t) => {
  t.deepEqual(endpointGroups(service(), [pod(1), pod(2, { port: 9090 })]).map((g) => g.ports[0]?.port), [8080, 9090]);
});

test('nothing is written when nothing changed, and one slice when one pod did', (t) => {
  const present = plan([pod(1), pod(2)]).create.map(stored);
  t.is(present.length, 1);
  t.deepEqual(plan([pod(1), pod(2)], present), { create: [], update: [], remove: [], events: [] });
  const changed = plan([pod(2, { ready: false }), pod(1)], present);
  t.is(changed.update.length, 1);
  t.deepEqual(changed.update[0]?.endpoints?.map((e) => e.conditions?.ready), [true, false]);
});

test('a slice holds at most 100 endpoints, and room is filled before a new one is made', (t) => {
  const pods = Array.from({ length: 150 }, (_, i) => pod(i));
  const present = plan(pods).create.map(stored);
  t.deepEqual(present.map((s) => s.endpoints?.length), [100, 50]);
  const grown = plan([...pods, pod(200)], present);
  t.is(grown.create.length, 0);
  t.deepEqual(grown.update.map((s) => s.endpoints?.length), [51]);
  const shrunk = plan(pods.slice(0, 100), present);
  t.deepEqual([shrunk.update.length, shrunk.remove.length], [0, 1]);
});

test('a Service without pods keeps one empty slice, which pods then replace', (t) => {
  const empty = plan([]).create.map(stored);
  t.deepEqual(empty.map((s) => s.endpoints), [[]]);
  t.deepEqual(plan([], empty), { create: [], update: [], remove: [], events: [] });
  const twice = plan([], [...empty, ...empty.map((slice) => ({ ...slice, metadata: { ...slice.metadata, name: 'web-again' } }))]);
  t.deepEqual([twice.create.length, twice.remove.map((slice) => slice.metadata.name)], [0, ['web-again']]);
  const filled = plan([pod(1)], empty);
  t.deepEqual([filled.create.length, filled.remove.length], [0, 0]);
  t.like(filled.update[0], { metadata: { name: empty[0]?.metadata.name }, ports: [{ name: 'http', port: 8080 }], endpoints: [{ addresses: ['10.0.0.1'] }] });
  const emptied = plan([], plan([pod(1)]).create.map(stored));
  t.deepEqual([emptied.create.length, emptied.remove.length, emptied.update.map(({ ports, endpoints }) => [ports, endpoints])], [0, 0, [[[], []]]]);
});

test('what another Service of that name has left is not written again', (t) => {
  const strangers = plan([pod(1)]).create.map(stored).map((slice) => ({ ...slice, metadata: { ...slice.metadata, ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name: 'web', uid: 'another', controller: true }] } }));
  const { create, update, remove } = plan([pod(1, { port: 9090 })], strangers);
  t.deepEqual([create.length, update.length, remove.length], [1, 0, 1]);
});

const numbers = (first: number, count: number): readonly number[] => Array.from({ length: count }, (_, i) => first + i);
const slicesOf = (...packs: readonly (readonly number[])[]): readonly EndpointSlice[] =>
  packs.map((pack, i) => ({ ...stored(plan(pack.map((n) => pod(n))).create[0] as New<EndpointSlice>), metadata: { ...stored(plan([]).create[0] as New<EndpointSlice>).metadata, name: `slice-${i}`, uid: `slice-${i}` } }));
for (const [title, present, pods, sizes] of [
  ['the rest goes into the fullest slice that has room for it', slicesOf(numbers(0, 62), numbers(62, 61)), numbers(0, 250), { created: [100], updated: { 'slice-0': 89 } }],
  ['a rest that fits nowhere is a slice of its own', slicesOf(numbers(0, 74), numbers(74, 74)), numbers(0, 300), { created: [100, 52], updated: {} }],
  ['slices that are written anyhow are filled first, the fullest before others', slicesOf(numbers(0, 80), numbers(80, 20), numbers(100, 60)), [...numbers(1, 79), ...numbers(80, 20), ...numbers(101, 59), ...numbers(500, 30)], { created: [], updated: { 'slice-0': 100, 'slice-2': 68 } }],
] as const) {
  test(title, (t) => {
    const { create, update, remove } = plan(pods.map((n) => pod(n)), present);
    t.deepEqual({ created: create.map(({ endpoints }) => endpoints?.length), updated: Object.fromEntries(update.map(({ metadata, endpoints }) => [metadata.name, endpoints?.length])) }, sizes as never);
    t.is(remove.length, 0);
  });
}

test('the older Endpoints object splits ready from not ready and drops terminating pods', (t) => {
  const { subsets } = endpointsOf(service(), [pod(1), pod(2, { ready: false }), pod(3, { deleting: true })]);
  t.is(subsets?.length, 1);
  t.deepEqual([subsets?.[0]?.addresses?.map((a) => a.ip), subsets?.[0]?.notReadyAddresses?.map((a) => a.ip)], [['10.0.0.1'], ['10.0.0.2']]);
  t.is(endpointsOf(service(), []).subsets, undefined);
});

test('the older Endpoints object names a thousand pods at most, ready ones before others, and says so', (t) => {
  const pods = Array.from({ length: 1_010 }, (_, i) => pod(i, { ready: i >= 20 }));
  const { metadata, subsets } = endpointsOf(service(), pods);
  t.deepEqual([subsets?.[0]?.addresses?.length, subsets?.[0]?.notReadyAddresses?.length], [990, 10]);
  t.is(metadata.annotations?.['endpoints.kubernetes.io/over-capacity'], 'truncated');
  t.is(endpointsOf(service(), pods.slice(10)).metadata.annotations, undefined);
});

test('an endpoint says in which zone its node is, when that is in one', (t) => {
  const zoneOf = (node: string) => (node === 'n' ? 'zone-a' : undefined);
  t.deepEqual(endpointGroups(service(), [pod(1)], zoneOf)[0]?.endpoints.map((e) => [e.nodeName, e.zone]), [['n', 'zone-a']]);
  t.false('zone' in (endpointGroups(service(), [pod(1)])[0]?.endpoints[0] ?? {}));
});

test('what is made for a Service without an address says so', (t) => {
  const headless = service('http', { clusterIP: 'None' });
  for (const labels of [endpointsOf(headless, []).metadata.labels, plan([], [], headless).create[0]?.metadata.labels]) t.like(labels, { team: 'a', 'service.kubernetes.io/headless': '' });
  t.false('service.kubernetes.io/headless' in (endpointsOf(service(), []).metadata.labels ?? {}));
  const pretending = { ...service(), metadata: { ...service().metadata, labels: { 'service.kubernetes.io/headless': '' } } };
  t.deepEqual(endpointsOf(pretending, []).metadata.labels, { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }, 'one that has an address cannot say that it has none');
});
