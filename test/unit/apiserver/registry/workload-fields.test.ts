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

for (const [kind, name, annotations, expected] of [
  ['DaemonSet', 'deprecated.daemonset.template.generation', '+7', '7'], ['DaemonSet', 'deprecated.daemonset.template.generation', '-7', '1'],
  ['DaemonSet', 'deprecated.daemonset.template.generation', 'x', 'DaemonSet in version "v1" cannot be handled as a DaemonSet: strconv.ParseInt: parsing "x": invalid syntax'],
  ['Deployment', 'deprecated.deployment.rollback.to', '03', '3'], ['Deployment', 'deprecated.deployment.rollback.to', '', undefined],
  ['Deployment', 'deprecated.deployment.rollback.to', '9223372036854775808', 'Deployment in version "v1" cannot be handled as a Deployment: failed to parse annotation[deprecated.deployment.rollback.to]=9223372036854775808 as int64: strconv.ParseInt: parsing "9223372036854775808": value out of range'],
] as const) {
  test(`an annotation that was a field is a number: ${kind} ${annotations}`, async (t) => {
    const api = await openApi(t);
    const { code, body, message } = await api.post(`/apis/apps/v1/namespaces/default/${kind.toLowerCase()}s`, { apiVersion: 'apps/v1', kind, metadata: { name: 'd', annotations: { [name]: annotations } }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } } } });
    t.is(code === 400 ? message : body.metadata.annotations?.[name], expected);
  });
}

test('a daemon set counts the versions of its template', async (t) => {
  const api = await openApi(t);
  const counted = (answer: { readonly body: { readonly metadata: { readonly annotations?: Readonly<Record<string, string>> } } }) => answer.body.metadata.annotations?.['deprecated.daemonset.template.generation'];
  t.is(counted(await api.post(SETS, { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } } } })), '1');
  t.is(counted(await api.patch(`${SETS}/d`, { spec: { minReadySeconds: 3 }, metadata: { annotations: { 'deprecated.daemonset.template.generation': '9' } } })), '1');
  t.is(counted(await api.patch(`${SETS}/d`, { spec: { template: { metadata: { labels: { c: 'd' } } } } })), '2');
});
