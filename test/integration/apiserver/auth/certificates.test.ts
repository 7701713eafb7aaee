import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { CertificateSigningRequest } from '#api/generated/certificates/v1.ts';
import type { Status } from '#api/generated/meta/v1.ts';
import type { UserInfo } from '#api/transport.ts';
import { kubeconfigFor } from '#apiserver/pki/kubeconfig.ts';
import { certificateRequest } from '#test/support/certificate-request.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { kubectlOf } from '#test/support/kubectl.ts';
import { waitFor } from '#test/support/wait.ts';

const PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const CLIENT = { signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'] };
let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(() => plane?.stop());

const bob = { name: 'bob', uid: '7', groups: ['dev', 'system:authenticated'], extra: { scopes: ['a'] } };
const body = (name: string, spec: object) => ({ apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name }, spec });
const post = (name: string, spec: object, user = ADMIN) => plane.server.handle({ method: 'POST', path: PATH, body: body(name, spec) }, user);
const get = async (name: string): Promise<CertificateSigningRequest> => (await plane.server.handle({ method: 'GET', path: `${PATH}/${name}` }, ADMIN)).body as CertificateSigningRequest;
const messageOf = (answer: { readonly body: unknown }): string => (answer.body as Status).message ?? '';

test('kubectl certificate approve gives a certificate with which its user is let in', async (t) => {
  const kubectl = kubectlOf(plane);
  const { request, key } = await certificateRequest({ commonName: 'ada', organizations: ['dev', 'ops'] });
  await post('ada', { ...CLIENT, request });
  t.regex(await kubectl('certificate', 'approve', 'ada'), /approved/);
  const certificate = await waitFor(async () => (await get('ada')).status?.certificate, { what: 'the certificate' });
  const kubeconfig = join(plane.directory, 'ada');
  await writeFile(kubeconfig, kubeconfigFor({ server: plane.url, ca: plane.pki.ca, user: { name: 'ada', cert: Buffer.from(certificate, 'base64').toString(), key } }));
  const who = JSON.parse(await kubectl('--kubeconfig', kubeconfig, 'auth', 'whoami', '-o', 'json')) as { readonly status: { readonly userInfo: { readonly username: string; readonly groups: readonly string[] } } };
  t.is(who.status.userInfo.username, 'ada');
  t.deepEqual(who.status.userInfo.groups, ['dev', 'ops', 'system:authenticated']);
  t.regex(await kubectl('get', 'csr', 'ada'), /Approved,Issued/);
});

test('kubectl certificate deny ends it: nothing is signed, and no approval follows', async (t) => {
  const kubectl = kubectlOf(plane);
  await post('denied', { ...CLIENT, request: (await certificateRequest({ commonName: 'eve' })).request });
  await kubectl('certificate', 'deny', 'denied');
  await t.throwsAsync(kubectl('certificate', 'approve', 'denied'));
  t.is((await get('denied')).status?.certificate, undefined);
});

test('who asks is who is logged in, whatever the request says, and the spec never changes', async (t) => {
  const { request } = await certificateRequest({ commonName: 'bob' });
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'bob' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:node-bootstrapper' }, subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'bob' }] };
  await plane.server.handle({ method: 'POST', path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', body: role }, ADMIN);
  await plane.cache.sync();
  const made = await post('bob', { ...CLIENT, request, username: 'root', groups: ['system:masters'] }, bob);
  const { spec } = made.body as CertificateSigningRequest;
  t.deepEqual([spec.username, spec.uid, spec.groups, spec.extra], ['bob', '7', bob.groups, bob.extra]);
  const live = await get('bob');
  const changed = await plane.server.handle({ method: 'PUT', path: `${PATH}/bob`, body: { ...live, spec: { ...live.spec, username: 'root' } } }, ADMIN);
  t.is((changed.body as CertificateSigningRequest).spec.username, 'bob');
});

test('what is wrong with a request is told field by field', async (t) => {
  const { request } = await certificateRequest({ commonName: 'x' });
  const refusals: readonly (readonly [object, RegExp])[] = [
    [{ ...CLIENT, request: 'AAAA' }, /spec\.request: Invalid value: "AAAA": PEM block type must be CERTIFICATE REQUEST/],
    [{ ...CLIENT, request, usages: [] }, /spec\.usages: Required value/],
    [{ ...CLIENT, request, usages: ['client auth', 'client auth'] }, /spec\.usages\[1\]: Duplicate value: "client auth"/],
    [{ ...CLIENT, request, expirationSeconds: 599 }, /may not specify a duration less than 600 seconds \(10 minutes\)/],
    [{ ...CLIENT, request, signerName: 'kubernetes.io/legacy-unknown' }, /the legacy signerName is not allowed via this API version/],
    [{ ...CLIENT, request, signerName: 'nodomain' }, /must be a fully qualified domain and path/],
  ];
  for (const [spec, message] of refusals) {
    const answer = await post('wrong', spec);
    t.is(answer.status, 422);
    t.regex(messageOf(answer), message);
  }
  const masters = await post('masters', { ...CLIENT, request: (await certificateRequest({ commonName: 'm', organizations: ['system:masters'] })).request });
  t.is(masters.status, 403);
  t.regex(messageOf(masters), /use of kubernetes\.io\/kube-apiserver-client signer with system:masters group is not allowed/);
});

test('to approve takes the right on the signer, to sign too, and conditions follow their rules', async (t) => {
  await post('rights', { ...CLIENT, request: (await certificateRequest({ commonName: 'r' })).request });
  const approver: UserInfo = { name: 'approver', groups: ['system:authenticated'] };
  const rule = { verbs: ['update', 'get'], apiGroups: ['certificates.k8s.io'], resources: ['certificatesigningrequests/approval', 'certificatesigningrequests/status'] };
  await plane.server.handle({ method: 'POST', path: '/apis/rbac.authorization.k8s.io/v1/clusterroles', body: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'approver' }, rules: [rule] } }, ADMIN);
  await plane.server.handle({ method: 'POST', path: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', body: { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'approver' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'approver' }, subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'approver' }] } }, ADMIN);
  await plane.cache.sync();
  const live = await get('rights');
  const put = (subresource: string, status: object, user = approver) => plane.server.handle({ method: 'PUT', path: `${PATH}/rights/${subresource}`, body: { ...live, status } }, user);
  const approved = { type: 'Approved', status: 'True' };
  t.regex(messageOf(await put('approval', { conditions: [approved] })), /user not permitted to approve requests with signerName "kubernetes\.io\/kube-apiserver-client"/);
  t.regex(messageOf(await put('status', { certificate: Buffer.from(plane.pki.ca).toString('base64') })), /user not permitted to sign requests/);
  t.regex(messageOf(await put('status', { conditions: [approved] }, ADMIN)), /updates may not add a condition of type "Approved"/);
  t.regex(messageOf(await put('approval', { conditions: [approved, { type: 'Denied', status: 'True' }] }, ADMIN)), /Approved and Denied conditions are mutually exclusive/);
  t.regex(messageOf(await put('approval', { conditions: [{ type: 'Approved', status: 'False' }] }, ADMIN)), /status\.conditions\[0\]\.status: Unsupported value: "False": supported values: "True"/);
});

test('a request that its signer may not sign is marked as failed', async (t) => {
  const { request } = await certificateRequest({ commonName: 'system:node:n', organizations: ['other'] });
  await post('failed', { signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['client auth', 'digital signature'], request });
  await kubectlOf(plane)('certificate', 'approve', 'failed');
  const failed = await waitFor(async () => (await get('failed')).status?.conditions?.find((c) => c.type === 'Failed'), { what: 'the failure' });
  t.is(failed.reason, 'SignerValidationFailure');
  t.is(failed.message, 'subject organization is not system:nodes');
});
