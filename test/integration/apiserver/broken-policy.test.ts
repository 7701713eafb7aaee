import test from 'ava';
import { ADMIN, type ControlPlane, startAnother, startControlPlane } from '#test/support/control-plane.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const ROLE = '/apis/rbac.authorization.k8s.io/v1/clusterroles/system:basic-user';

test('a server starts, and repairs what every cluster holds, in spite of a policy that denies everything', async (t) => {
  const plane = await startControlPlane();
  t.teardown(() => plane.stop());
  const call = async ({ server }: ControlPlane, method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<number> => (await server.handle({ method, path, ...(body ? { body } : {}) }, ADMIN)).status;
  const metadata = { name: 'broken' };
  const matchConstraints = { resourceRules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE', 'UPDATE'], resources: ['*'] }] };
  t.is(await call(plane, 'POST', `${ADMISSION}/validatingadmissionpolicies`, { metadata, spec: { matchConstraints, validations: [{ expression: 'object.none.at.all == 1' }] } }), 201);
  t.is(await call(plane, 'POST', `${ADMISSION}/validatingadmissionpolicybindings`, { metadata, spec: { policyName: 'broken', validationActions: ['Deny'] } }), 201);
  t.is(await call(plane, 'POST', '/api/v1/namespaces', { metadata }), 422);
  t.is(await call(plane, 'DELETE', ROLE), 200);
  const next = await startAnother(plane);
  t.teardown(() => next.stop());
  t.is(await call(next, 'GET', ROLE), 200);
  t.is(await call(next, 'POST', '/api/v1/namespaces', { metadata }), 422, 'the policy is in force there too');
});
