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
