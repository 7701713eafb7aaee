import test from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';

const PODS = '/api/v1/namespaces/default/pods';
const LIMITS = { cpu: '1', memory: '1Gi' };
type Made = { readonly spec?: { readonly resources?: object }; readonly status?: { readonly qosClass?: string } };

test('what a pod asks for as a whole is filled in, decides its class, and is resized', async (t) => {
  const server = await startInProcessApi(t);
  const send = async (method: 'POST' | 'PATCH', path: string, content: object) => {
    const contentType = method === 'POST' ? 'application/json' : 'application/merge-patch+json';
    const { status: code, body } = await server.handle({ method, path, body: Buffer.from(JSON.stringify(content)), contentType, query: {} }, ADMIN);
    const { spec, status } = body as Made;
    return { code, resources: spec?.resources, qosClass: status?.qosClass, fields: ((body as Status).details?.causes ?? []).map((cause) => cause.field) };
  };
  const create = (name: string, resources: object, ...requests: readonly object[]) =>
    send('POST', PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { resources, containers: requests.map((each, i) => ({ name: `c${i}`, image: 'i', resources: each })) } });
  t.is((await send('POST', '/api/v1/namespaces/default/serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } })).code, 201);

  const whole = await create('whole', { limits: LIMITS }, {});
  t.deepEqual([whole.resources, whole.qosClass], [{ limits: LIMITS, requests: LIMITS }, 'Guaranteed']);
  const parts = await create('parts', { limits: LIMITS }, { requests: { cpu: '100m' } }, { requests: { cpu: '200m' } });
  t.deepEqual([parts.resources, parts.qosClass], [{ limits: LIMITS, requests: { cpu: '300m', memory: '1Gi' } }, 'Burstable']);
  const pages = await create('pages', { requests: { cpu: '1' } }, { limits: { 'hugepages-2Mi': '4Mi', memory: '1Gi' } });
  t.deepEqual(pages.resources, { limits: { 'hugepages-2Mi': '4Mi' }, requests: { cpu: '1', 'hugepages-2Mi': '4Mi', memory: '1Gi' } });

  const resized = await send('PATCH', `${PODS}/parts/resize`, { spec: { resources: { requests: { cpu: '500m' } } } });
  t.deepEqual(resized.resources, { limits: LIMITS, requests: { cpu: '500m', memory: '1Gi' } });
  t.deepEqual((await send('PATCH', `${PODS}/parts/resize`, { spec: { resources: null } })).fields, ['spec.resources.requests', 'spec.resources.limits']);
  t.deepEqual((await send('PATCH', `${PODS}/parts/resize`, { spec: { resources: { requests: { cpu: '2' } } } })).fields, ['spec.resources.requests']);
});
