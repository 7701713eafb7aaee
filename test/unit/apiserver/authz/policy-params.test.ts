import test from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import type { UserInfo } from '#api/transport.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';

const POLICIES = '/apis/admissionregistration.k8s.io/v1';
const RBAC = 'rbac.authorization.k8s.io';
const NAMES = ['eva', 'map', 'all'] as const;
const userOf = (name: string): UserInfo => ({ name, groups: ['system:authenticated'], extra: { b: ['1', '2'], a: [] } });
const shown = (name: string): string => `user &{${name}  [system:authenticated] map[a:[] b:[1 2]]}`;
const WRITE = { verbs: ['create', 'update'], apiGroups: ['admissionregistration.k8s.io'], resources: ['*'] };
const RULES = {
  eva: [WRITE],
  map: [WRITE, { verbs: ['get'], apiGroups: [''], resources: ['configmaps'] }],
  all: [WRITE, { verbs: ['get', 'list'], apiGroups: ['*'], resources: ['*'] }],
};

const MATCHES = { resourceRules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }] };
const policy = (name: string, paramKind?: object): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicy', metadata: { name },
  spec: { matchConstraints: MATCHES, validations: [{ expression: 'true' }], ...(paramKind ? { paramKind } : {}) },
});
const binding = (name: string, policyName: string, paramRef: object | undefined, more: object = {}): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingAdmissionPolicyBinding', metadata: { name, ...more },
  spec: { policyName, validationActions: ['Deny'], ...(paramRef ? { paramRef: { parameterNotFoundAction: 'Deny', ...paramRef } } : {}) },
});
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const UNKNOWN = { apiVersion: 'example.com/v1', kind: 'Limit' };

test('policies are configured only with what their writer may read', async (t) => {
  const server = await startInProcessApi(t);
  const send = async (method: 'POST' | 'PUT', path: string, body: object, name = ''): Promise<readonly [number, string]> => {
    const { status, body: answer } = await server.handle({ method, path, contentType: 'application/json', body: Buffer.from(JSON.stringify(body)) }, name === '' ? ADMIN : userOf(name));
    // Roles and policies are read from the watch cache.
    await server.handle({ method: 'GET', path: '/api/v1/namespaces/default' }, ADMIN);
    return [status, (answer as Status).message ?? ''];
  };
  for (const name of NAMES) {
    await send('POST', `/apis/${RBAC}/v1/clusterroles`, { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name }, rules: RULES[name] });
    await send('POST', `/apis/${RBAC}/v1/clusterrolebindings`, { apiVersion: `${RBAC}/v1`, kind: 'ClusterRoleBinding', metadata: { name }, roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name }, subjects: [{ kind: 'User', apiGroup: RBAC, name }] });
  }
  const policies = `${POLICIES}/validatingadmissionpolicies`;
  const bindings = `${POLICIES}/validatingadmissionpolicybindings`;
  const ofPolicy = (name: string, text: string): string => `ValidatingAdmissionPolicy.admissionregistration.k8s.io "${name}" is invalid: spec.paramKind: Forbidden: ${text}`;
  const ofBinding = (name: string, text: string): string => `ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io "${name}" is invalid: spec.paramRef: Forbidden: ${text}`;
  const needsAll = (name: string, kind: string, apiVersion: string): string => `${shown(name)} must have "get" permission on all objects of the referenced paramKind (kind=${kind}, apiVersion=${apiVersion})`;

  t.deepEqual(await send('POST', policies, policy('none'), 'eva'), [201, '']);
  t.deepEqual(await send('POST', policies, policy('maps', CONFIG_MAP), 'eva'), [422, ofPolicy('maps', needsAll('eva', 'ConfigMap', 'v1'))]);
  t.deepEqual(await send('POST', policies, policy('maps', CONFIG_MAP), 'map'), [201, '']);
  t.deepEqual(await send('POST', policies, policy('limits', UNKNOWN), 'map'), [422, ofPolicy('limits', needsAll('map', 'Limit', 'example.com/v1'))]);
  t.deepEqual(await send('POST', policies, policy('limits', UNKNOWN), 'all'), [201, '']);

  const forAll = (verb: string): string => `to determine minimum required permissions and ${shown('map')} does not have "${verb}" permission for all groups, versions and resources`;
  const named = { name: 'm', namespace: 'default' };
  t.deepEqual(await send('POST', bindings, binding('none', 'none', undefined), 'eva'), [201, '']);
  t.deepEqual(await send('POST', bindings, binding('b', 'maps', named), 'eva'), [422, ofBinding('b', `${shown('eva')} does not have "get" permission on the object referenced by paramRef`)]);
  t.deepEqual(await send('POST', bindings, binding('b', 'maps', { selector: {} }), 'map'), [422, ofBinding('b', `${shown('map')} does not have "list" permission on the object referenced by paramRef`)]);
  t.deepEqual(await send('POST', bindings, binding('b', 'absent', named), 'map'), [422, ofBinding('b', `unable to get policy absent ${forAll('get')}`)]);
  t.deepEqual(await send('POST', bindings, binding('b', 'limits', { selector: {} }), 'map'), [422, ofBinding('b', `unable to resolve paramKind &{example.com/v1 Limit} ${forAll('list')}`)]);
  t.deepEqual(await send('POST', bindings, binding('b', 'none', named), 'map'), [422, ofBinding('b', `${shown('map')} does not have "get" permission on the object referenced by paramRef`)]);
  t.deepEqual(await send('POST', bindings, binding('b', 'maps', named), 'map'), [201, '']);
  t.deepEqual(await send('POST', bindings, binding('c', 'absent', { selector: {} }), 'all'), [201, '']);

  const { body } = await server.handle({ method: 'GET', path: `${bindings}/b` }, ADMIN);
  const { resourceVersion } = (body as { readonly metadata: { readonly resourceVersion: string } }).metadata;
  t.deepEqual(await send('PUT', `${bindings}/b`, binding('b', 'maps', { ...named, name: 'n' }, { resourceVersion }), 'eva'), [422, ofBinding('b', `${shown('eva')} does not have "get" permission on the object referenced by paramRef`)]);
  t.deepEqual(await send('PUT', `${bindings}/b`, binding('b', 'maps', named, { resourceVersion, labels: { a: 'b' } }), 'eva'), [200, ''], 'what is as it was');
});
