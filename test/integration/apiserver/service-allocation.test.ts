import test from 'ava';
import { IP_ADDRESSES, SERVICES } from '#api/resources.ts';
import { startControlPlane } from '#test/support/control-plane.ts';
import { adminOver, startSecondServer } from '#test/support/second-server.ts';

test('two API servers on one store never give one address or node port twice', async (t) => {
  const plane = await startControlPlane();
  t.teardown(() => plane.stop());
  const clients = [adminOver(t, plane, plane.url), adminOver(t, plane, await startSecondServer(t, plane))];
  const results = await Promise.allSettled(Array.from({ length: 40 }, (_, i) => clients[i % 2]!.create(SERVICES, {
    // Pairs of one address and port, asked for at both servers at once.
    apiVersion: 'v1', kind: 'Service', metadata: { namespace: 'default', name: `s${i}` },
    spec: i < 20 ? { type: 'NodePort', ports: [{ port: 80, nodePort: 30_000 + Math.floor(i / 2) }], clusterIP: `10.96.7.${1 + Math.floor(i / 2)}` } : { type: 'NodePort', ports: [{ port: 80 }] },
  })));
  t.is(results.slice(0, 20).filter((r) => r.status === 'fulfilled').length, 10);
  t.true(results.slice(20).every((r) => r.status === 'fulfilled'), String(results.slice(20).find((r) => r.status === 'rejected')?.reason));
  const services = (await clients[0]!.list(SERVICES, { namespace: 'default' })).items;
  const addresses = services.map((s) => s.spec.clusterIP);
  const ports = services.flatMap((s) => s.spec.ports?.flatMap((p) => p.nodePort ?? []) ?? []);
  t.is(new Set(addresses).size, services.length);
  t.is(new Set(ports).size, ports.length);
  t.deepEqual((await clients[1]!.list(IP_ADDRESSES)).items.map((ip) => ip.metadata.name).toSorted(), addresses.map(String).toSorted());
});
