import test from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import type { ApiRequest, UserInfo } from '#api/transport.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { waitFor } from '#test/support/wait.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases';
const RENEWER: UserInfo = { name: 'renewer', groups: ['system:authenticated'] };
let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(() => plane?.stop());

const put = (path: string, user: UserInfo) => plane.server.handle({ method: 'PUT', path, body: { metadata: { name: path.split('/').at(-1) }, spec: {} } }, user);
const create = (path: string, body: object, method: ApiRequest['method'] = 'POST') => plane.server.handle({ method, path, body }, ADMIN);

test('a PUT of what is not there takes the right to create', async (t) => {
  const rule = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  await create(`${RBAC}/roles`, { metadata: { name: 'renewer' }, rules: [{ ...rule, verbs: ['get', 'update'] }] });
  await create(`${RBAC}/rolebindings`, { metadata: { name: 'renewer' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'renewer' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'renewer' }] });
  await waitFor(async () => (await plane.server.handle({ method: 'GET', path: `${LEASES}/made` }, RENEWER)).status === 404, { what: 'the role to be in force' });
  const refused = await put(`${LEASES}/made`, RENEWER);
  t.is(refused.status, 403);
  t.is((refused.body as Status).message, 'leases.coordination.k8s.io "made" is forbidden: User "renewer" cannot create resource "leases" in API group "coordination.k8s.io" in the namespace "default"');
  await create(`${RBAC}/roles/renewer`, { metadata: { name: 'renewer' }, rules: [{ ...rule, verbs: ['get', 'update', 'create'] }] }, 'PUT');
  t.is((await waitFor(async () => {
    const answer = await put(`${LEASES}/made`, RENEWER);
    return answer.status === 403 ? undefined : answer;
  }, { what: 'the right to create' })).status, 201);
});

for (const [path, body] of [
  ['/apis/node.k8s.io/v1/runtimeclasses/made', { handler: 'runc' }],
  [`${LEASES}/made-whole`, { spec: {} }],
] as const) {
  test(`PUT makes ${path}, and later says which state it replaces`, async (t) => {
    const metadata = { name: path.split('/').at(-1) };
    t.is((await create(path, { metadata, ...body }, 'PUT')).status, 201);
    t.is((await create(path, { metadata, ...body }, 'PUT')).status, 422);
  });
}
