import test from 'ava';
import { openApi } from '#test/support/api-calls.ts';

const PODS = '/api/v1/namespaces/default/pods';

test('a resize that the node of the pod can never carry out is refused, with what is missing', async (t) => {
  const api = await openApi(t);
  const node = (name: string, os: string) => api.post('/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/os': os } }, status: { allocatable: { cpu: '2', memory: '2Gi' } } });
  for (const [name, os] of [['small', 'linux'], ['panes', 'windows']] as const) t.is((await node(name, os)).code, 201);
  const requests = { cpu: '500m', memory: '512Mi' };
  const pod = (name: string, spec: object) => api.post(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [{ name: 'c', image: 'i', resources: { requests } }], ...spec } });
  const resize = async (name: string, wanted: object) => {
    const { code, message, body } = await api.patch(`${PODS}/${name}/resize`, { spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { ...requests, ...wanted } } }] } });
    return code === 200 ? 200 : [code, message, body.details.causes];
  };
  const forbidden = (name: string, why: string, cause: readonly object[] | undefined) => [403, `pods "${name}" is forbidden: ${why}`, cause];
  for (const [name, spec] of [['here', { nodeName: 'small' }], ['there', { nodeName: 'panes' }], ['lost', { nodeName: 'gone' }], ['free', {}]] as const) t.is((await pod(name, spec)).code, 201);
  t.is(await resize('here', { cpu: '2' }), 200);
  t.deepEqual(await resize('here', { cpu: '4' }), forbidden('here', "node didn't have enough allocatable resources: cpu, requested: 4000, allocatable: 2000", [{ reason: 'NodeCapacity' }]));
  t.deepEqual(await resize('here', { cpu: '4', memory: '3Gi' }), forbidden('here', "node didn't have enough allocatable resources: cpu, requested: 4000, allocatable: 2000; memory, requested: 3221225472, allocatable: 2147483648", [{ reason: 'NodeCapacity' }]));
  t.deepEqual(await resize('there', { cpu: '1' }), forbidden('there', 'pod resize is only supported on linux nodes, node "panes" is "windows"', [{ reason: 'UnsupportedPlatform' }]));
  t.deepEqual(await resize('lost', { cpu: '1' }), forbidden('lost', 'node "gone" not found', undefined));
  t.is(await resize('there', {}), 200, 'nothing is resized');
  t.is(await resize('free', { cpu: '4' }), 200, 'no node has been chosen yet');
});
