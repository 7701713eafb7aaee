import test from 'ava';
import type { Pod, Service } from '#api/generated/core/v1.ts';
import { containerEnv, serviceEnv } from '#agents/node/containers/env.ts';
import { expand } from '#agents/node/containers/expansion.ts';

const pod: Pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } }, spec: { containers: [] } };
const service = (name: string, namespace: string, clusterIP: string): Service =>
  ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { clusterIP, ports: [{ name: 'http', port: 80, protocol: 'TCP' }] } }) as Service;

for (const [text, expected] of [['$(A)', '1'], ['$$(A)', '$(A)'], ['$(B)', '$(B)'], ['x$(A)y$', 'x1y$'], ['$(A', '$(A']] as const) {
  test(`${text} becomes ${expected}`, (t) => t.is(expand(text, new Map([['A', '1']])), expected));
}

test('the API is named to every pod, other services to those of their namespace', (t) => {
  const env = serviceEnv([service('kubernetes', 'default', '10.0.0.1'), service('cart-db', 'shop', '10.0.0.2'), service('other', 'bank', '10.0.0.3'), service('headless', 'shop', 'None')], pod);
  t.is(env.get('KUBERNETES_SERVICE_HOST'), '10.0.0.1');
  t.is(env.get('CART_DB_SERVICE_PORT_HTTP'), '80');
  t.is(env.get('CART_DB_PORT_80_TCP'), 'tcp://10.0.0.2:80');
  t.false([...env.keys()].some((key) => key.startsWith('OTHER') || key.startsWith('HEADLESS')));
});

test('later sources win, references see what came before, and what is missing is named', async (t) => {
  const facts = { podIps: ['10.1.1.1'], hostIp: '192.0.2.1', nodeName: 'n', allocatable: { cpu: '2', memory: '1073741824' } };
  const objects = { configMap: async () => undefined, secret: async () => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, data: { key: Buffer.from('hidden').toString('base64') } }) };
  const own = { pod, facts, objects, services: [] };
  const env = await containerEnv({ ...own, container: { name: 'c', resources: { limits: { memory: '64Mi' } }, envFrom: [{ prefix: 'S_', secretRef: { name: 's' } }], env: [
    { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }, { name: 'URL', value: 'http://$(IP)/$(S_key)' },
    { name: 'APP', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
    { name: 'MEMORY', valueFrom: { resourceFieldRef: { resource: 'limits.memory', divisor: '1Mi' } } }, { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
  ] } });
  t.deepEqual(Object.fromEntries(env), { S_key: 'hidden', IP: '10.1.1.1', URL: 'http://10.1.1.1/hidden', APP: 'web', MEMORY: '64', CPU: '2' });
  await t.throwsAsync(containerEnv({ ...own, container: { name: 'c', env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'gone', key: 'k' } } }] } }), { message: 'configmap "gone" not found' });
});
