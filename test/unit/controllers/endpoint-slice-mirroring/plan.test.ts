import test from 'ava';
import type { EndpointSubset } from '#api/generated/core/v1.ts';
import { isMirrored, planMirror } from '#controllers/endpoint-slice-mirroring/plan.ts';

const metadata = { namespace: 'default', name: 'db', uid: 'e' };
const endpoints = (subsets: readonly EndpointSubset[]) => ({ apiVersion: 'v1' as const, kind: 'Endpoints' as const, metadata, subsets });
const subset = (port: string, number: number, ready: readonly string[], unready: readonly string[] = []): EndpointSubset => ({ ports: [{ name: port, port: number }], addresses: ready.map((ip) => ({ ip })), notReadyAddresses: unready.map((ip) => ({ ip })) });
const slicesOf = (...subsets: readonly EndpointSubset[]) =>
  planMirror(endpoints(subsets), []).create.map(({ addressType, ports, endpoints: all }) => [addressType, ports?.map(({ name }) => name).join(), all?.map(({ addresses: [ip], conditions }) => `${ip}${conditions?.ready ? '' : ' unready'}`).join()]);

test('ports of the same addresses share a slice, whichever subsets they stand in', (t) => {
  t.deepEqual(slicesOf(subset('http', 80, ['10.0.0.1']), subset('admin', 90, ['10.0.0.1'])), [['IPv4', 'admin,http', '10.0.0.1']]);
  t.deepEqual(slicesOf(subset('http', 80, ['10.0.0.1']), subset('admin', 90, ['10.0.0.2'])), [['IPv4', 'admin', '10.0.0.2'], ['IPv4', 'http', '10.0.0.1']]);
  t.deepEqual(slicesOf(subset('http', 80, ['10.0.0.1'], ['10.0.0.2']), subset('admin', 90, ['10.0.0.1', '10.0.0.2'])), [['IPv4', 'admin', '10.0.0.1,10.0.0.2'], ['IPv4', 'http', '10.0.0.1,10.0.0.2 unready']]);
  t.deepEqual(slicesOf(subset('http', 80, ['10.0.0.1', '2001:db8::1'])), [['IPv4', 'http', '10.0.0.1'], ['IPv6', 'http', '2001:db8::1']]);
});

test('an address that one subset calls unready for a port is unready', (t) => {
  t.deepEqual(slicesOf(subset('http', 80, ['10.0.0.1']), subset('http', 80, [], ['10.0.0.1'])), [['IPv4', 'http', '10.0.0.1 unready']]);
  t.deepEqual(slicesOf(subset('http', 80, [], ['10.0.0.1']), subset('http', 80, ['10.0.0.1'])), [['IPv4', 'http', '10.0.0.1 unready']]);
});

test('addresses without ports have a slice too, and those beyond a thousand are counted', (t) => {
  t.deepEqual(slicesOf({ addresses: [{ ip: '10.0.0.1' }] }), [['IPv4', '', '10.0.0.1']]);
  const many = Array.from({ length: 1_003 }, (_, i) => `10.0.${Math.floor(i / 250)}.${i % 250}`);
  t.is(planMirror(endpoints([subset('http', 80, many)]), []).skipped, 3);
});

test('Endpoints of a Service that selects pods are not mirrored', (t) => {
  const service = (spec: object) => ({ apiVersion: 'v1' as const, kind: 'Service' as const, metadata, spec });
  t.deepEqual([{}, { selector: { app: 'db' } }].map((spec) => isMirrored(endpoints([]), service(spec))), [true, false]);
});
