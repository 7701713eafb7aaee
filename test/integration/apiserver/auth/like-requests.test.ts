import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { https } from '#test/support/https.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts';
const MAP = '/api/v1/namespaces/default/configmaps/one';

let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(() => plane.stop());

/** The administrator's write, once it is in force in this server. */
async function write(method: 'POST' | 'DELETE', path: string, body?: object): Promise<KubeObject> {
  const answer = await plane.server.handle({ method, path, body }, ADMIN);
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  await plane.cache.sync();
  return answer.body as KubeObject;
}

const bind = (): Promise<KubeObject> => write('POST', `${RBAC}/rolebindings`, {
  metadata: { name: 'reader' }, subjects: [{ kind: 'ServiceAccount', namespace: 'default', name: 'reader' }], roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
});

test('requests that are asked again and again are let in just as long as rights and account are there', async (t) => {
  await write('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'one' } });
  await write('POST', ACCOUNTS, { metadata: { name: 'reader' } });
  const { status } = await write('POST', `${ACCOUNTS}/reader/token`, { spec: {} }) as KubeObject & { readonly status: { readonly token: string } };
  const ask = async (headers: Readonly<Record<string, string>> = {}, path = MAP): Promise<readonly number[]> => {
    const codes: number[] = [];
    for (let i = 0; i < 4; i++) codes.push((await https({ url: `${plane.url}${path}`, ca: plane.pki.ca, headers: { authorization: `Bearer ${status.token}`, ...headers } })).status);
    return codes;
  };
  const always = (code: number): readonly number[] => [code, code, code, code];
  t.deepEqual(await ask(), always(403));
  await bind();
  t.deepEqual(await ask(), always(200));
  t.deepEqual(await ask({}, MAP.replace('one', 'two')), always(404));
  t.deepEqual(await ask({ 'impersonate-user': 'kubernetes-admin' }), always(403), 'who may not impersonate is not answered as himself');
  await write('DELETE', `${RBAC}/rolebindings/reader`);
  t.deepEqual(await ask(), always(403));
  await bind();
  t.deepEqual(await ask(), always(200));
  await write('DELETE', `${ACCOUNTS}/reader`);
  t.deepEqual(await ask(), always(401));
});
