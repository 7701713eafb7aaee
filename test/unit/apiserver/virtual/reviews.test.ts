import test from 'ava';
import { openApi } from '#test/support/api-calls.ts';

test('a review without metadata is answered without any: it has no name', async (t) => {
  const api = await openApi(t);
  for (const [path, spec] of [
    ['/apis/authorization.k8s.io/v1/subjectaccessreviews', { user: 'someone', nonResourceAttributes: { path: '/', verb: 'get' } }],
    ['/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { namespace: 'default' }],
    ['/apis/authentication.k8s.io/v1/tokenreviews', { token: 'x.y.z' }],
  ] as const) {
    const { code, body } = await api.post(path, { spec });
    t.is(code, 201);
    t.deepEqual(body.metadata, {}, path);
  }
});

test('an object without metadata has no name', async (t) => {
  const api = await openApi(t);
  t.is((await api.post('/api/v1/namespaces/default/configmaps', {})).message, 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required');
});

test('a review has no metadata but its namespace, and that is its question\'s', async (t) => {
  const api = await openApi(t);
  const group = '/apis/authorization.k8s.io/v1';
  const spec = { user: 'u', resourceAttributes: { namespace: 'other', resource: 'pods', verb: 'get' } };
  t.is((await api.post(`${group}/namespaces/default/localsubjectaccessreviews`, { metadata: { name: 'n' }, spec })).message?.replace(/\{.*\}/, '{}'), 'LocalSubjectAccessReview.authorization.k8s.io "" is invalid: [metadata: Invalid value: {}: must be empty except for namespace, spec.resourceAttributes.namespace: Invalid value: "other": must match metadata.namespace]');
  t.regex((await api.post(`${group}/selfsubjectaccessreviews`, { metadata: { name: 'n' }, spec })).message ?? '', /metadata: Invalid value: \{.*"name":"n".*\}: must be empty$/);
});

const ACCESS = '/apis/authorization.k8s.io/v1/subjectaccessreviews';

for (const [name, spec, why] of [
  ['nothing is asked', { user: 'me' }, 'spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified'],
  ['two things are asked', { user: 'me', resourceAttributes: {}, nonResourceAttributes: { path: '/a' } }, 'spec.nonResourceAttributes: Invalid value: {"Path":"/a","Verb":""}: cannot be specified in combination with resourceAttributes'],
  ['nobody is asked about, by an empty selector', { resourceAttributes: { labelSelector: {} } }, '[spec.user: Invalid value: "": at least one of user or group must be specified, spec.resourceAttributes.labelSelector.requirements: Required value: when spec.resourceAttributes.labelSelector is specified, requirements or rawSelector is required]'],
  ['a selector is given twice', { user: 'me', resourceAttributes: { fieldSelector: { rawSelector: 'foo', requirements: [{ key: '' }] } } }, '[spec.resourceAttributes.fieldSelector.rawSelector: Invalid value: "foo": may not specified at the same time as requirements, spec.resourceAttributes.fieldSelector.requirements[0].key: Required value: must be specified]'],
  ['In has no value', { user: 'me', resourceAttributes: { fieldSelector: { requirements: [{ key: 'k', operator: 'In', values: [] }] } } }, "spec.resourceAttributes.fieldSelector.requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'"],
  ['Exists has one', { user: 'me', resourceAttributes: { labelSelector: { requirements: [{ key: 'k', operator: 'Exists', values: ['v'] }] } } }, "spec.resourceAttributes.labelSelector.requirements[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'"],
  ['no label has that name', { user: 'me', resourceAttributes: { labelSelector: { requirements: [{ key: '()foo' }] } } }, "spec.resourceAttributes.labelSelector.requirements[0].key: Invalid value: \"()foo\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"],
] as const) {
  test(`a review is refused: ${name}`, async (t) => {
    const { code, message } = await (await openApi(t)).post(ACCESS, { spec });
    t.deepEqual([code, message], [422, `SubjectAccessReview.authorization.k8s.io "" is invalid: ${why}`]);
  });
}

const pods = (fieldSelector: object) => ({ user: 'system:node:n', groups: ['system:nodes'], resourceAttributes: { verb: 'list', resource: 'pods', fieldSelector } });
const NOT_ALL = { allowed: false, reason: 'can only list/watch pods with spec.nodeName field selector' };
const NODE = { key: 'spec.nodeName', operator: 'In', values: ['n'] };

for (const [name, spec, status] of [
  ['a selector of the node', pods({ rawSelector: 'spec.nodeName=n' }), { allowed: true }],
  ['the same in parts', pods({ requirements: [NODE] }), { allowed: true }],
  ['one that cannot be read', pods({ rawSelector: 'spec.nodeName=n,***' }), { ...NOT_ALL, evaluationError: 'spec.resourceAttributes.fieldSelector ignored due to parse error' }],
  ['a part that cannot be read', pods({ requirements: [NODE, { key: 'x', operator: 'Exists' }] }), { allowed: true, evaluationError: 'spec.resourceAttributes.fieldSelector partially ignored due to parse error' }],
  ['more values than a field can have', pods({ requirements: [{ ...NODE, values: ['n', 'm'] }] }), { ...NOT_ALL, evaluationError: 'spec.resourceAttributes.fieldSelector ignored due to parse error' }],
  ['all but the node', pods({ requirements: [{ ...NODE, operator: 'NotIn' }] }), NOT_ALL],
  ['another field whose name ends so', pods({ requirements: [{ ...NODE, key: 'x,spec.nodeName' }] }), NOT_ALL],
  ['labels that cannot be read', { user: 'me', resourceAttributes: { labelSelector: { rawSelector: '***foo' } } }, { allowed: false, evaluationError: 'spec.resourceAttributes.labelSelector ignored due to parse error' }],
  ['an operator of newer clients', { user: 'me', resourceAttributes: { labelSelector: { requirements: [{ key: 'k', operator: 'fake' }, { key: 'k', operator: 'Exists' }] } } }, { allowed: false, evaluationError: 'spec.resourceAttributes.labelSelector partially ignored due to parse error' }],
] as const) {
  test(`a review by selectors is answered: ${name}`, async (t) => {
    t.deepEqual((await (await openApi(t)).post(ACCESS, { spec })).body.status, status);
  });
}
