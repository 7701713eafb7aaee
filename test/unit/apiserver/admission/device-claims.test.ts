import test, { type ExecutionContext } from 'ava';
import type { Status, StatusCause } from '#api/generated/meta/v1.ts';
import type { ResourceClaim } from '#api/generated/resource/v1.ts';
import type { UserInfo } from '#api/transport.ts';
import { ADMIN } from '#test/support/control-plane.ts';
import { startInProcessApi } from '#test/support/in-process-api.ts';

const CLAIMS = '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims';
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const DRIVER = 'system:serviceaccount:default:driver';
const spec = (more: object = {}): object => ({ devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'c', ...more } }] } });
const on = (node: string): object => ({ nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }] });
const result = { request: 'r', driver: 'x.io', pool: 'p', device: 'd' };
const told = { driver: 'x.io', pool: 'p', device: 'd', data: { a: 1 } };
const driverOn = (node: string): UserInfo => ({ name: DRIVER, groups: ['system:authenticated'], extra: { 'authentication.kubernetes.io/node-name': [node] } });

async function open(t: ExecutionContext) {
  const server = await startInProcessApi(t);
  const send = async (method: 'POST' | 'PATCH', path: string, content: object, user: UserInfo = ADMIN) => {
    const contentType = method === 'POST' ? 'application/json' : 'application/merge-patch+json';
    const { status: code, body } = await server.handle({ method, path, body: Buffer.from(JSON.stringify(content)), contentType, query: {} }, user);
    return { code, status: (body as ResourceClaim).status, causes: ((body as Status).details?.causes ?? []) as readonly StatusCause[] };
  };
  const grant = async (name: string, rule: object, user: string): Promise<void> => {
    t.is((await send('POST', `${RBAC}/clusterroles`, { metadata: { name }, rules: [{ apiGroups: ['resource.k8s.io'], ...rule }] })).code, 201);
    t.is((await send('POST', `${RBAC}/clusterrolebindings`, { metadata: { name }, roleRef: { kind: 'ClusterRole', name }, subjects: [{ kind: 'User', name: user }] })).code, 201);
  };
  const setStatus = (name: string, status: object, user?: UserInfo) => send('PATCH', `${CLAIMS}/${name}/status`, { status }, user);
  return { send, grant, setStatus };
}

test('devices that others use are given in marked namespaces only', async (t) => {
  const { send, setStatus } = await open(t);
  const fields = async (path: string, body: object): Promise<readonly (string | undefined)[]> => (await send('POST', path, body)).causes.map(({ field }) => field);
  t.deepEqual(await fields(CLAIMS, { metadata: { name: 'a' }, spec: spec({ adminAccess: true }) }), ['spec.devices.requests[0].adminAccess']);
  t.deepEqual(await fields(CLAIMS.replace('claims', 'claimtemplates'), { metadata: { name: 'a' }, spec: { spec: spec({ adminAccess: true }) } }), ['spec.devices.requests[0].adminAccess']);
  t.is((await send('POST', CLAIMS, { metadata: { name: 'b' }, spec: spec() })).code, 201);
  t.deepEqual((await setStatus('b', { allocation: { devices: { results: [{ ...result, adminAccess: true }] } } })).causes.map(({ field }) => field), ['status.allocation.devices.results[0].adminAccess']);
  t.is((await send('PATCH', '/api/v1/namespaces/default', { metadata: { labels: { 'resource.kubernetes.io/admin-access': 'true' } } })).code, 200);
  t.is((await send('POST', CLAIMS, { metadata: { name: 'a' }, spec: spec({ adminAccess: true }) })).code, 201);
});

test('to give devices takes a right of its own, and to tell of them that of their driver on their node', async (t) => {
  const { send, grant, setStatus } = await open(t);
  t.is((await send('POST', CLAIMS, { metadata: { name: 'a' }, spec: spec() })).code, 201);
  await grant('status', { resources: ['resourceclaims', 'resourceclaims/status'], verbs: ['get', 'patch'] }, DRIVER);
  const allocation = { devices: { results: [result] }, nodeSelector: on('n1') };
  const refused = await setStatus('a', { allocation }, driverOn('n1'));
  t.deepEqual(refused.causes.map(({ reason, field }) => [reason, field]), [['FieldValueForbidden', 'status']]);
  t.regex(refused.causes[0]?.message ?? '', /requires resource="resourceclaims\/binding", verb="patch" permission: .* cannot patch resource "resourceclaims\/binding" in API group "resource\.k8s\.io" at the cluster scope$/);
  t.is((await setStatus('a', { allocation })).code, 200);
  t.deepEqual((await setStatus('a', { devices: [told] }, driverOn('n1'))).causes.map(({ field }) => field), ['status.devices']);
  await grant('driver', { resources: ['resourceclaims/driver'], resourceNames: ['x.io'], verbs: ['associated-node:patch'] }, DRIVER);
  t.is((await setStatus('a', { devices: [told] }, driverOn('n2'))).code, 422);
  t.deepEqual((await setStatus('a', { devices: [told] }, driverOn('n1'))).status?.devices, [told]);
  t.deepEqual((await setStatus('a', { allocation: null })).status, {}, 'what is told of a device goes with the device');
});
