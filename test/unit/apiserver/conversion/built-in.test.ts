import test from 'ava';
import type { ApiRequest, WatchEvent } from '#api/transport.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';
import { waitFor } from '#test/support/wait.ts';

const ADMIN = { name: 'admin', groups: ['system:masters'] };

test('events of both groups are one collection, in lists and in watches', async (t) => {
  const server = await startInProcessApi(t);
  const ask = (method: ApiRequest['method'], path: string, body?: unknown) => server.handle({ method, path, body }, ADMIN);
  const abort = new AbortController();
  t.teardown(() => abort.abort());
  const seen: WatchEvent[] = [];
  const reading = (async () => {
    for await (const event of server.watch({ method: 'GET', path: '/apis/events.k8s.io/v1/namespaces/default/events', signal: abort.signal }, ADMIN)) seen.push(event);
  })();
  const core = { metadata: { name: 'one', namespace: 'default' }, involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' }, reason: 'Made', message: 'a message', source: { component: 'c' }, count: 2, type: 'Normal', firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:00:00Z' };
  t.is((await ask('POST', '/api/v1/namespaces/default/events', core)).status, 201);
  t.like((await ask('GET', '/apis/events.k8s.io/v1/namespaces/default/events/one')).body, { apiVersion: 'events.k8s.io/v1', regarding: { name: 'p' }, note: 'a message', deprecatedCount: 2, deprecatedSource: { component: 'c' } });
  const modern = { metadata: { name: 'two', namespace: 'default' }, eventTime: '2026-01-01T00:00:00.000000Z', regarding: { kind: 'Pod', name: 'q', namespace: 'default' }, reason: 'Made', action: 'Making', note: 'told', type: 'Normal', reportingController: 'x', reportingInstance: 'x-1' };
  t.is((await ask('POST', '/apis/events.k8s.io/v1/namespaces/default/events', modern)).status, 201);
  t.like((await ask('GET', '/api/v1/namespaces/default/events/two')).body, { apiVersion: 'v1', involvedObject: { name: 'q' }, message: 'told', reportingComponent: 'x' });
  const listed = await server.handle({ method: 'GET', path: '/apis/events.k8s.io/v1/namespaces/default/events', query: { fieldSelector: 'regarding.name=q' } }, ADMIN);
  t.deepEqual((listed.body as { items: { metadata: { name: string } }[] }).items.map((i) => i.metadata.name), ['two']);
  await waitFor(() => seen.length >= 2, { what: 'events in the watch' });
  t.deepEqual(seen.map((e) => [e.type, e.object.metadata.name, (e.object as { note?: string }).note]), [['ADDED', 'one', 'a message'], ['ADDED', 'two', 'told']]);
  t.is((await ask('DELETE', '/apis/events.k8s.io/v1/namespaces/default/events/one')).status, 200);
  t.is((await ask('GET', '/api/v1/namespaces/default/events/one')).status, 404);
  abort.abort();
  await reading;
});

test('autoscalers are one object in both versions', async (t) => {
  const server = await startInProcessApi(t);
  const base = (version: string) => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`;
  const made = await server.handle({ method: 'POST', path: base('v1'), body: { metadata: { name: 'web' }, spec: { scaleTargetRef: { kind: 'Deployment', name: 'web', apiVersion: 'apps/v1' }, maxReplicas: 5, targetCPUUtilizationPercentage: 60 } } }, ADMIN);
  t.is(made.status, 201);
  const v2 = await server.handle({ method: 'GET', path: `${base('v2')}/web` }, ADMIN);
  t.like(v2.body, { apiVersion: 'autoscaling/v2', spec: { minReplicas: 1, metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } }] } });
  const patched = await server.handle({ method: 'PATCH', path: `${base('v2')}/web`, contentType: 'application/merge-patch+json', body: { spec: { maxReplicas: 7 } } }, ADMIN);
  t.is(patched.status, 200);
  t.like((await server.handle({ method: 'GET', path: `${base('v1')}/web` }, ADMIN)).body, { apiVersion: 'autoscaling/v1', spec: { maxReplicas: 7, targetCPUUtilizationPercentage: 60 } });
});
