import test from 'ava';
import { DEFAULT_ADMISSION } from '#apiserver/admission/configuration.ts';
import { parseLimitedResources } from '#apiserver/admission/resource-quota/configuration.ts';
import { type ApiCalls, openApi } from '#test/support/api-calls.ts';

const NAMESPACE = '/api/v1/namespaces/default';
const limited = (...limitedResources: readonly object[]) =>
  ({ admission: { ...DEFAULT_ADMISSION, limitedResources: parseLimitedResources({ apiVersion: 'apiserver.config.k8s.io/v1', kind: 'ResourceQuotaConfiguration', limitedResources }, '') } });
const pod = (name: string, requests: object = {}, spec: object = {}) => ({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'i', resources: { requests } }], ...spec } });
const CPU = { cpu: '100m' };
const CRITICAL = { priorityClassName: 'system-node-critical' };

/** As its controller counts it where there is nothing yet. */
async function withQuota(api: ApiCalls, hard: Readonly<Record<string, string>>, spec: object = {}, name = 'q'): Promise<void> {
  await api.post(`${NAMESPACE}/resourcequotas`, { metadata: { name }, spec: { hard, ...spec } });
  await api.patch(`${NAMESPACE}/resourcequotas/${name}/status`, { status: { hard, used: Object.fromEntries(Object.keys(hard).map((name) => [name, '0'])) } });
}

test('what is limited can be taken only where a quota limits it', async (t) => {
  const api = await openApi(t, limited({ resource: 'pods', matchContains: ['requests.cpu'] }));
  const refused = await api.post(`${NAMESPACE}/pods`, pod('needs', CPU));
  t.is(refused.code, 403);
  t.is(refused.message, 'pods "needs" is forbidden: insufficient quota to consume: requests.cpu');
  t.is((await api.post(`${NAMESPACE}/pods`, pod('needs', CPU), { dryRun: 'All' })).code, 403);
  t.is((await api.post(`${NAMESPACE}/pods`, pod('other'))).code, 201);
  await withQuota(api, { 'requests.cpu': '1' });
  t.is((await api.post(`${NAMESPACE}/pods`, pod('needs', CPU))).code, 201);
});

test('objects of other groups are limited by their count', async (t) => {
  const api = await openApi(t, limited({ apiGroup: 'coordination.k8s.io', resource: 'leases', matchContains: ['count/'] }));
  const leases = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
  t.regex((await api.post(leases, { metadata: { name: 'l' }, spec: {} })).message, /insufficient quota to consume: count\/leases\.coordination\.k8s\.io$/);
  t.is((await api.post(`${NAMESPACE}/configmaps`, { metadata: { name: 'c' } })).code, 201);
  await withQuota(api, { 'count/leases.coordination.k8s.io': '1' });
  t.is((await api.post(leases, { metadata: { name: 'l' }, spec: {} })).code, 201);
  t.is((await api.patch(`${leases}/l`, { spec: { holderIdentity: 'a' } })).code, 200);
});

test('who has a class of priority needs a quota for classes', async (t) => {
  const matchScopes = [{ scopeName: 'PriorityClass', operator: 'In', values: ['system-node-critical', 'system-cluster-critical'] }];
  const api = await openApi(t, limited({ resource: 'pods', matchScopes }));
  const refused = await api.post(`${NAMESPACE}/pods`, pod('p', {}, CRITICAL));
  t.is(refused.code, 500);
  t.is(refused.message, 'insufficient quota to match these scopes: [{PriorityClass In [system-node-critical system-cluster-critical]}]');
  t.is((await api.post(`${NAMESPACE}/pods`, pod('plain'))).code, 201);
  await withQuota(api, { pods: '1' }, { scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'Exists' }] } });
  t.is((await api.post(`${NAMESPACE}/pods`, pod('p', {}, CRITICAL))).code, 201);
});

test('what a quota cannot count is told before what another has no more of, and before what none covers', async (t) => {
  const api = await openApi(t, limited({ resource: 'pods', matchContains: ['requests.memory'] }));
  await withQuota(api, { pods: '0' }, {}, 'a');
  const memory = { memory: '1Gi' };
  t.is((await api.post(`${NAMESPACE}/pods`, pod('p', memory))).message, 'pods "p" is forbidden: insufficient quota to consume: requests.memory');
  t.is((await api.post(`${NAMESPACE}/pods`, pod('p'))).message, 'pods "p" is forbidden: exceeded quota: a, requested: pods=1, used: pods=0, limited: pods=0');
  await withQuota(api, { 'requests.cpu': '1' }, {}, 'b');
  t.is((await api.post(`${NAMESPACE}/pods`, pod('p', memory))).message, 'pods "p" is forbidden: failed quota: b: must specify requests.cpu for: c');
});
