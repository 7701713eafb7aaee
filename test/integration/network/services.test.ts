import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import anyTest, { type TestFn } from 'ava';
import { startServiceProxy } from '#agents/node/proxy/service-proxy.ts';
import { run } from '#agents/node/system/run.ts';
import { ENDPOINT_SLICES, PODS, SERVICES } from '#api/resources.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { endpoint, service, slice } from '#test/unit/agents/node/proxy/builders.ts';
import { FakeInformer } from './fake-informer.ts';
import { get, podNetwork } from './pods.ts';

const test = anyTest.serial as TestFn<Awaited<ReturnType<typeof setUp>>>;

async function setUp() {
  const network = await podNetwork();
  try {
    return await setUpServices(network);
  } catch (error) {
    await network.close();
    throw error;
  }
}

async function setUpServices(network: Awaited<ReturnType<typeof podNetwork>>) {
  const api = createServer((_, response) => response.end('the API'));
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  const [a, b] = [await network.addPod('a'), await network.addPod('b')];
  await Promise.all([a.serve(8080), b.serve(8080)]);
  const services = new FakeInformer(SERVICES);
  const slices = new FakeInformer(ENDPOINT_SLICES);
  const pods = new FakeInformer(PODS);
  const start = () => startServiceProxy({
    services, endpointSlices: slices, pods, nodeName: 'node-a', instance: network.instance, podCidr: network.podCidr, serviceCidr: network.serviceCidr,
    localApi: { serviceIP: network.serviceIP(1), host: '127.0.0.1', port: (api.address() as AddressInfo).port }, clock: systemClock, log: silentLogger,
  });
  return { network, api, a, b, services, slices, pods, start, proxy: await start() };
}

test.before(async (t) => {
  t.context = await setUp();
});
test.after.always(async (t) => {
  t.context.proxy?.stop();
  t.context.api?.close();
  await t.context.network?.close();
});

test('the host and pods reach a service, and a pod reaches itself through it', async (t) => {
  const { network, a, b, services, slices, proxy } = t.context;
  services.set(service('web', { clusterIP: network.serviceIP(10) }));
  slices.set(slice('web', [endpoint(a.ip)]));
  await proxy.settled();
  t.is(await get(network.serviceIP(10)), 'a');
  t.is(await b.get(network.serviceIP(10)), 'a');
  t.is(await a.get(network.serviceIP(10)), 'a');
});

test('connections are spread over all endpoints', async (t) => {
  const { network, a, b, slices, proxy } = t.context;
  slices.set(slice('web', [endpoint(a.ip), endpoint(b.ip)]));
  await proxy.settled();
  const answers = await Promise.all(Array.from({ length: 40 }, () => get(network.serviceIP(10))));
  t.deepEqual([...new Set(answers)].sort(), ['a', 'b']);
});

test('a service without endpoints refuses at once, and so does an address that belongs to none', async (t) => {
  const { network, a, services, proxy } = t.context;
  services.set(service('empty', { clusterIP: network.serviceIP(11) }));
  await proxy.settled();
  // An address that does not answer would show as a time-out.
  for (const ask of [() => get(network.serviceIP(11)), () => a.get(network.serviceIP(11)), () => get(network.serviceIP(99))]) {
    const error = await t.throwsAsync(ask());
    t.regex(`${error.message} ${(error.cause as NodeJS.ErrnoException | undefined)?.code}`, /ECONNREFUSED/);
  }
});

test('no request is lost while endpoints change', async (t) => {
  const { network, a, b, slices, proxy } = t.context;
  let isRunning = true;
  const answers: string[] = [];
  const client = (async () => {
    while (isRunning) answers.push(await get(network.serviceIP(10)));
  })();
  for (let i = 0; i < 20; i++) {
    slices.set(slice('web', [endpoint(i % 2 === 0 ? a.ip : b.ip)]));
    await proxy.settled();
  }
  isRunning = false;
  await t.notThrowsAsync(client);
  t.true(answers.length > 0);
});

test('a node port answers on the address of the node', async (t) => {
  const { network, a, b, services, slices, proxy } = t.context;
  services.set(service('outside', { type: 'NodePort', clusterIP: network.serviceIP(12), ports: [{ port: 80, nodePort: 31_999 }] }));
  slices.set(slice('outside', [endpoint(a.ip)]));
  await proxy.settled();
  t.is(await get(`${network.gateway}:31999`), 'a');
  t.is(await b.get(`${network.gateway}:31999`), 'a');
});

test('session affinity keeps a client on one endpoint', async (t) => {
  const { network, a, b, services, slices, proxy } = t.context;
  services.set(service('sticky', { clusterIP: network.serviceIP(13), sessionAffinity: 'ClientIP' }));
  slices.set(slice('sticky', [endpoint(a.ip), endpoint(b.ip)]));
  await proxy.settled();
  const answers = new Set<string>();
  for (let i = 0; i < 10; i++) answers.add(await get(network.serviceIP(13)));
  t.is(answers.size, 1);
});

test('the address of the API leads to a server that listens on loopback only', async (t) => {
  const { network, api, a } = t.context;
  t.is(await get(`${network.serviceIP(1)}:443`), 'the API');
  t.is(await a.get(`${network.serviceIP(1)}:443`), 'the API');
  await a.exec('ip', 'route', 'add', '127.0.0.1/32', 'via', network.gateway, 'dev', 'eth0').catch(() => '');
  await t.throwsAsync(a.get(`127.0.0.1:${(api.address() as AddressInfo).port}`), undefined, 'a pod must not reach the loopback by itself');
});

test('a host port leads to its pod until the pod ends', async (t) => {
  const { network, a, pods, proxy } = t.context;
  const pod = (phase: 'Running' | 'Succeeded'): Pod => ({
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'demo' }, status: { phase, podIP: a.ip },
    spec: { containers: [{ name: 'web', ports: [{ containerPort: 8080, hostPort: 31_998 }] }] },
  });
  pods.set(pod('Running'));
  await proxy.settled();
  t.is(await get(`${network.gateway}:31998`), 'a');
  pods.set(pod('Succeeded'));
  await proxy.settled();
  await t.throwsAsync(get(`${network.gateway}:31998`));
});

test('a table that somebody deleted comes back with the next change', async (t) => {
  const { network, a, slices, proxy } = t.context;
  await run('nft', ['delete', 'table', 'ip', network.instance.nftTable]);
  slices.set(slice('web', [endpoint(a.ip)]));
  await proxy.settled();
  t.is(await get(network.serviceIP(10)), 'a');
});

test('a restarted proxy takes over without a gap, and drops what is gone', async (t) => {
  const { network, services, start, proxy } = t.context;
  proxy.stop();
  services.remove('demo/sticky');
  t.is(typeof (await get(network.serviceIP(10))), 'string');
  const next = await start();
  t.teardown(() => next.stop());
  t.is(typeof (await get(network.serviceIP(10))), 'string');
  t.notRegex(await run('nft', ['list', 'table', 'ip', network.instance.nftTable]), /sticky/);
});
