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
