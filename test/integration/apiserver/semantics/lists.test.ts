import anyTest, { type TestFn } from 'ava';
import { encodeContinue } from '#apiserver/verbs/continue-token.ts';
import { ask, configMap, make, type PlaneContext, withPlane } from '#test/support/rule-table.ts';

const test = anyTest as TestFn<PlaneContext>;
withPlane(test);

/** The first revision of a store: no server shows it any more. */
const GONE = 1;

test('a token of a state that is gone is answered with one that goes on at the present state', async (t) => {
  const { plane } = t.context;
  await make(t, plane, '/api/v1/namespaces', { metadata: { name: 'expired' } });
  const path = '/api/v1/namespaces/expired/configmaps';
  for (const name of ['a', 'b', 'c']) await make(t, plane, path, configMap(name));
  const old = encodeContinue({ revision: GONE, namespace: 'expired', name: 'a' });
  const refused = await ask(plane, { path: `${path}?limit=1&continue=${old}` });
  t.is(refused.status, 410);
  t.is(refused.json.reason, 'Expired');
  t.regex(refused.json.message, /^The provided continue parameter is too old to display a consistent list result/);
  const names: string[] = [];
  let { continue: token } = refused.json.metadata;
  while (token) {
    const page = await ask(plane, { path: `${path}?limit=1&continue=${token}` });
    t.is(page.status, 200);
    names.push(...page.json.items.map((item: { readonly metadata: { readonly name: string } }) => item.metadata.name));
    ({ continue: token } = page.json.metadata);
  }
  t.deepEqual(names.filter((name) => name !== 'kube-root-ca.crt'), ['b', 'c']);
});

test('a list of a state that is gone, without a token, must begin anew', async (t) => {
  const { plane } = t.context;
  const refused = await ask(plane, { path: `/api/v1/configmaps?resourceVersion=${GONE}&resourceVersionMatch=Exact` });
  t.is(refused.status, 410);
  t.is(refused.json.message, 'The resourceVersion for the provided list is too old.');
  t.falsy(refused.json.metadata.continue);
});
