import test from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { UserInfo } from '#api/transport.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';

const RBAC = 'rbac.authorization.k8s.io';
const ROLES = `/apis/${RBAC}/v1/clusterroles`;
const BINDINGS = `/apis/${RBAC}/v1/clusterrolebindings`;
const BOB: UserInfo = { name: 'bob', groups: ['system:authenticated'] };
const AGGREGATED = { 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' };

test('of a role and a binding that grant more than one holds, one may change only what lets them go', async (t) => {
  const server = await startInProcessApi(t);
  const send = async (method: 'GET' | 'POST' | 'PUT' | 'PATCH', path: string, body: object | undefined, user = ADMIN): Promise<readonly [number, string, KubeObject]> => {
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const { status, body: answer } = await server.handle({ method, path, contentType, ...(body ? { body: Buffer.from(JSON.stringify(body)) } : {}) }, user);
    // Roles are read from the watch cache.
    await server.handle({ method: 'GET', path: '/api/v1/namespaces/default' }, ADMIN);
    return [status, (answer as Status).message ?? '', answer as KubeObject];
  };
  const role = (name: string, rules: readonly object[]): object => ({ apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name }, rules });
  const binding = (name: string, user: string): object => ({ apiVersion: `${RBAC}/v1`, kind: 'ClusterRoleBinding', metadata: { name }, roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name }, subjects: [{ kind: 'User', apiGroup: RBAC, name: user }] });
  await send('POST', ROLES, role('writes-roles', [{ verbs: ['create', 'update', 'patch'], apiGroups: [RBAC], resources: ['*'] }]));
  await send('POST', BINDINGS, binding('writes-roles', 'bob'));
  await send('POST', ROLES, role('reads-secrets', [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }]));
  await send('POST', BINDINGS, binding('reads-secrets', 'eva'));

  const refused = (plural: string): string => `${plural}.${RBAC} "reads-secrets" is forbidden: user "bob" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}`;
  for (const [plural, path] of [['clusterroles', `${ROLES}/reads-secrets`], ['clusterrolebindings', `${BINDINGS}/reads-secrets`]] as const) {
    for (const metadata of [{ labels: AGGREGATED }, { annotations: { a: 'b' } }, { labels: AGGREGATED, finalizers: ['example.com/a'] }]) {
      t.deepEqual((await send('PATCH', path, { metadata }, BOB)).slice(0, 2), [403, refused(plural)], `${plural} ${JSON.stringify(metadata)}`);
    }
    t.is((await send('PATCH', path, { metadata: { finalizers: ['example.com/a'] } }, BOB))[0], 200, plural);
    t.is((await send('PATCH', path, { metadata: { finalizers: null } }, BOB))[0], 200, plural);
    const [, , live] = await send('GET', path, undefined);
    t.is((await send('PUT', path, live, BOB))[0], 200, `${plural} as it is`);
  }
});
