import test from 'ava';
import { openApi } from '#test/support/api-calls.ts';

const DEFAULT = '/api/v1/namespaces/default';
const SETS = '/apis/apps/v1/namespaces/default/daemonsets';
const container = { name: 'c', image: 'i' };

test('the labels of a new pod become a part of the selectors that name their keys', async (t) => {
  const api = await openApi(t);
  const term = { topologyKey: 'zone', labelSelector: { matchLabels: { app: 'x' } }, matchLabelKeys: ['hash', 'absent'], mismatchLabelKeys: ['tenant'] };
  const spread = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: {}, matchLabelKeys: ['hash'] };
  const affinity = { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }] }, podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
  const { spec } = (await api.post(`${DEFAULT}/pods`, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', labels: { hash: '1', tenant: 'b' } }, spec: { containers: [container], affinity, topologySpreadConstraints: [spread] } })).body;
  const hash = { key: 'hash', operator: 'In', values: ['1'] };
  const expected = [hash, { key: 'tenant', operator: 'NotIn', values: ['b'] }];
  t.deepEqual(spec.affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].podAffinityTerm.labelSelector.matchExpressions, expected);
  t.deepEqual(spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector.matchExpressions, expected);
  t.deepEqual(spec.topologySpreadConstraints[0].labelSelector.matchExpressions, [hash]);
});

test('a daemon set counts the versions of its template', async (t) => {
  const api = await openApi(t);
  const counted = (answer: { readonly body: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } } }) => answer.body.metadata.annotations?.['deprecated.daemonset.template.generation'];
  t.is(counted(await api.post(SETS, { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } } } })), '1');
  t.is(counted(await api.patch(`${SETS}/d`, { spec: { minReadySeconds: 3 }, metadata: { annotations: { 'deprecated.daemonset.template.generation': '9' } } })), '1');
  t.is(counted(await api.patch(`${SETS}/d`, { spec: { template: { metadata: { labels: { c: 'd' } } } } })), '2');
});
