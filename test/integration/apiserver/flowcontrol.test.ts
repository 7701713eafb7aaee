import test from 'ava';
import type { FlowSchema, PriorityLevelConfiguration } from '#api/generated/flowcontrol/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ApiServer } from '#apiserver/api-server.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { waitFor } from '#test/support/wait.ts';

const BASE = '/apis/flowcontrol.apiserver.k8s.io/v1';
const get = async (api: ApiServer, path: string): Promise<KubeObject> => (await api.handle({ method: 'GET', path: `${BASE}/${path}` }, ADMIN)).body as KubeObject;
const schema = (name: string, level: string, precedence = 500): object => ({
  apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema', metadata: { name },
  spec: { priorityLevelConfiguration: { name: level }, matchingPrecedence: precedence, rules: [{ subjects: [{ kind: 'User', user: { name: 'x' } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }] },
});

test('a new cluster holds the levels and schemas of Kubernetes, and tells that none dangles', async (t) => {
  const api = await startInProcessApi(t);
  const levels = (await get(api, 'prioritylevelconfigurations')) as unknown as { readonly items: readonly PriorityLevelConfiguration[] };
  t.deepEqual(levels.items.map((l) => l.metadata.name), ['catch-all', 'exempt', 'global-default', 'leader-election', 'node-high', 'system', 'workload-high', 'workload-low']);
  const exempt = (await get(api, 'flowschemas/exempt')) as FlowSchema;
  t.is(exempt.metadata.annotations?.['apf.kubernetes.io/autoupdate-spec'], 'true');
  t.true(await waitFor(async () => ((await get(api, 'flowschemas/service-accounts')) as FlowSchema).status?.conditions?.[0]?.reason === 'Found', { what: 'the status of a schema' }));
});

test('a schema without its level dangles until the level comes', async (t) => {
  const api = await startInProcessApi(t);
  t.is((await api.handle({ method: 'POST', path: `${BASE}/flowschemas`, body: schema('lost', 'later') }, ADMIN)).status, 201);
  const condition = async () => ((await get(api, 'flowschemas/lost')) as FlowSchema).status?.conditions?.find((c) => c.type === 'Dangling');
  t.true(await waitFor(async () => (await condition())?.status === 'True', { what: 'the schema to dangle' }));
  t.is((await condition())?.message, 'This FlowSchema references the PriorityLevelConfiguration object named "later" but there is no such object');
  const { managedFields = [] } = ((await get(api, 'flowschemas/lost')) as FlowSchema).metadata;
  t.like(managedFields.find(({ subresource }) => subresource === 'status'), {
    manager: 'api-priority-and-fairness-config-consumer-v1', operation: 'Apply',
    fieldsV1: { 'f:status': { 'f:conditions': { 'k:{"type":"Dangling"}': { '.': {}, 'f:lastTransitionTime': {}, 'f:message': {}, 'f:reason': {}, 'f:status': {}, 'f:type': {} } } } },
  });
  const level = { apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'PriorityLevelConfiguration', metadata: { name: 'later' }, spec: { type: 'Limited', limited: { limitResponse: { type: 'Reject' } } } };
  const made = await api.handle({ method: 'POST', path: `${BASE}/prioritylevelconfigurations`, body: level }, ADMIN);
  t.is((made.body as PriorityLevelConfiguration).spec.limited?.nominalConcurrencyShares, 30);
  t.true(await waitFor(async () => (await condition())?.status === 'False', { what: 'the schema to be found' }));
});

test('a client with hundreds of writes in flight is told to come back, and does not hold up another', async (t) => {
  const api = await startInProcessApi(t, { maxRequestsInFlight: 20 });
  const account = (name: string) => ({ name: `system:serviceaccount:default:${name}`, groups: ['system:serviceaccounts', 'system:authenticated'] });
  const grant = { metadata: { name: 'all' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:serviceaccounts' }] };
  t.is((await api.handle({ method: 'POST', path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', body: grant }, ADMIN)).status, 201);
  const path = '/api/v1/namespaces/default/configmaps';
  await waitFor(async () => (await api.handle({ method: 'GET', path }, account('quiet'))).status === 200, { what: 'the grant to count' });
  const answered: number[] = [];
  const flood = Array.from({ length: 500 }, async (_, i) => {
    answered.push((await api.handle({ method: 'POST', path, body: { metadata: { name: `noise-${i}` } } }, account('noisy'))).status);
  });
  const quiet = await api.handle({ method: 'POST', path, body: { metadata: { name: 'quiet' } } }, account('quiet'));
  const served = answered.filter((status) => status === 201).length;
  t.is(quiet.status, 201, JSON.stringify(quiet.body));
  t.true(served < 100, `${served} writes of the noisy client were done before the one of the quiet client`);
  await Promise.all(flood);
  t.deepEqual([...new Set(answered)].toSorted(), [201, 429], 'each was served or told to come back');
});

for (const [why, object, message] of [
  ['only the exempt schema comes first', schema('first', 'system', 1), 'spec.matchingPrecedence: Invalid value: 1: only the schema named \'exempt\' may have matchingPrecedence 1'],
  ['a precedence has its bound', schema('last', 'system', 10_001), 'spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000'],
] as const) {
  test(`refused: ${why}`, async (t) => {
    const api = await startInProcessApi(t);
    const answer = await api.handle({ method: 'POST', path: `${BASE}/flowschemas`, body: object }, ADMIN);
    t.is(answer.status, 422);
    t.true((answer.body as { readonly message: string }).message.endsWith(message));
  });
}
