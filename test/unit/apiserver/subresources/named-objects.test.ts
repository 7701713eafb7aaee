import test from 'ava';
import { openApi } from '#test/support/api-calls.ts';

const PODS = '/api/v1/namespaces/default/pods';
const NAMESPACES = '/api/v1/namespaces';

test('a body of another name is refused at every subresource of a pod and a namespace', async (t) => {
  const api = await openApi(t);
  const pod = (await api.post(PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }] } })).body;
  const namespace = (await api.get(`${NAMESPACES}/default`)).body;
  const refused = async (path: string, object: { readonly metadata: object }, name: string | undefined): Promise<readonly unknown[]> => {
    const { code, message } = await api.put(path, { ...object, metadata: { ...object.metadata, name } });
    return [code, message];
  };
  for (const subresource of ['status', 'resize', 'ephemeralcontainers']) {
    t.deepEqual(await refused(`${PODS}/p/${subresource}`, pod, 'q'), [400, 'the name of the object (q) does not match the name on the URL (p)'], subresource);
    t.deepEqual(await refused(`${PODS}/p/${subresource}`, pod, undefined), [400, 'the name of the object (p based on URL) was undeterminable: name must be provided'], subresource);
  }
  for (const subresource of ['status', 'finalize']) {
    t.deepEqual(await refused(`${NAMESPACES}/default/${subresource}`, namespace, 'q'), [400, 'the name of the object (q) does not match the name on the URL (default)'], subresource);
  }
});

test('the finalizers of a namespace are taken for the namespace that was read, and for good only when that is meant', async (t) => {
  const api = await openApi(t);
  const { metadata } = (await api.post(NAMESPACES, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } })).body;
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' }, spec: { finalizers: [] } };
  const path = `${NAMESPACES}/a/finalize`;
  const other = await api.put(path, { ...body, metadata: { name: 'a', uid: 'x' } });
  t.deepEqual([other.code, other.message], [409, `Operation cannot be fulfilled on namespaces "a": Precondition failed: UID in precondition: x, UID in object meta: ${metadata.uid}`]);
  await api.remove(`${NAMESPACES}/a`);
  t.is((await api.put(path, body, { dryRun: 'All' })).code, 200);
  t.deepEqual((await api.get(`${NAMESPACES}/a`)).body.spec.finalizers, ['kubernetes'], 'after a dry run');
  t.is((await api.put(path, { ...body, metadata: { name: 'a', uid: metadata.uid } })).code, 200);
  t.is((await api.get(`${NAMESPACES}/a`)).code, 404);
});
