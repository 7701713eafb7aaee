import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import type { SelfSubjectRulesReview, SubjectAccessReview } from '#api/generated/authorization/v1.ts';
import type { Status } from '#api/generated/meta/v1.ts';
import type { UserInfo } from '#api/transport.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { kubectlOf } from '#test/support/kubectl.ts';

const RBAC = 'rbac.authorization.k8s.io';
let plane: ControlPlane;
let kubectl: ReturnType<typeof kubectlOf>;
test.before(async () => {
  plane = await startControlPlane();
  kubectl = kubectlOf(plane);
});
test.after.always(() => plane?.stop());

const post = (path: string, body: object, user: UserInfo = ADMIN) => plane.server.handle({ method: 'POST', path, body }, user);
const messageOf = (answer: { readonly body: unknown }): string => (answer.body as Status).message ?? '';
const fails = async (t: { throwsAsync(promise: Promise<unknown>): Promise<unknown> }, promise: Promise<string>): Promise<string> => {
  const error = (await t.throwsAsync(promise)) as { readonly stdout?: string; readonly stderr?: string; readonly message: string };
  return `${error.stdout ?? ''}${error.stderr ?? error.message}`;
};

test('auth can-i asks for somebody else, names, subresources and paths, and lists', async (t) => {
  await kubectl('create', 'role', 'reader', '--verb=get,list', '--resource=pods,pods/log', '--resource-name=web');
  await kubectl('create', 'rolebinding', 'reader', '--role=reader', '--user=ada');
  await plane.cache.sync();
  const can = (...args: string[]): Promise<string> => kubectl('auth', 'can-i', ...args, '--as=ada');
  t.is((await can('get', 'pods/web')).trim(), 'yes');
  t.is((await can('get', 'pods/web', '--subresource=log')).trim(), 'yes');
  t.regex(await fails(t, can('get', 'pods')), /no/);
  t.regex(await fails(t, can('get', 'pods/web', '-n', 'kube-system')), /no/);
  t.regex(await fails(t, can('get', '/metrics')), /no/);
  t.is((await kubectl('auth', 'can-i', '*', '*', '--all-namespaces')).trim(), 'yes');
  const list = await can('--list');
  t.regex(list, /pods\s+\[\]\s+\[web\]\s+\[get list\]/);
  t.regex(list, /\[\/version\]/);
});

test('auth whoami says who one is, and whom one stands for', async (t) => {
  t.regex(await kubectl('auth', 'whoami'), /Username\s+kubernetes-admin\nGroups\s+\[system:masters system:authenticated\]/);
  t.regex(await kubectl('auth', 'whoami', '--as=bob', '--as-group=dev', '--as-uid=7'), /Username\s+bob\nUID\s+7\nGroups\s+\[dev system:authenticated\]/);
});

test('auth reconcile adds the rules and subjects that lack', async (t) => {
  const file = join(plane.directory, 'roles.yaml');
  const manifest = (resource: string, user: string): string => `apiVersion: ${RBAC}/v1\nkind: ClusterRole\nmetadata: {name: kept}\nrules: [{verbs: [get], apiGroups: [""], resources: [${resource}]}]\n---\napiVersion: ${RBAC}/v1\nkind: ClusterRoleBinding\nmetadata: {name: kept}\nroleRef: {apiGroup: ${RBAC}, kind: ClusterRole, name: kept}\nsubjects: [{kind: User, apiGroup: ${RBAC}, name: ${user}}]\n`;
  await writeFile(file, manifest('pods', 'dora'));
  await kubectl('auth', 'reconcile', '-f', file);
  await writeFile(file, manifest('nodes', 'emil'));
  t.regex(await kubectl('auth', 'reconcile', '-f', file), /reconciled/);
  t.is(await kubectl('get', 'clusterrole', 'kept', '-o', 'jsonpath={.rules[*].resources[0]}'), 'pods nodes');
  t.is(await kubectl('get', 'clusterrolebinding', 'kept', '-o', 'jsonpath={.subjects[*].name}'), 'dora emil');
});

test('create token gives a token of the account, bound and for the time that is asked for', async (t) => {
  await kubectl('create', 'serviceaccount', 'robot');
  const token = (await kubectl('create', 'token', 'robot', '--duration=20m', '--audience=vault')).trim();
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { readonly exp: number; readonly iat: number; readonly aud: readonly string[]; readonly sub: string };
  t.deepEqual([claims.exp - claims.iat, claims.aud, claims.sub], [1200, ['vault'], 'system:serviceaccount:default:robot']);
  t.regex(await fails(t, kubectl('create', 'token', 'robot', '--duration=1m')), /may not specify a duration less than 10 minutes/);
  await kubectl('create', 'secret', 'generic', 'tie');
  t.truthy((await kubectl('create', 'token', 'robot', '--bound-object-kind=Secret', '--bound-object-name=tie')).trim());
});

test('the roles of Kubernetes are there with rules that one can read', async (t) => {
  t.regex(await kubectl('describe', 'clusterrole', 'edit'), /deployments\.apps\s+\[\]\s+\[\]\s+\[create delete deletecollection patch update get list watch\]/);
  for (const role of ['system:controller:pvc-protection-controller', 'system:node', 'system:kube-dns']) t.regex(await kubectl('get', 'clusterrole', role), /20\d\d-/);
  t.is(await kubectl('get', 'rolebinding', '-n', 'kube-system', 'system::extension-apiserver-authentication-reader', '-o', 'jsonpath={.roleRef.name}'), 'extension-apiserver-authentication-reader');
  t.is(await kubectl('get', 'configmap', '-n', 'kube-system', 'extension-apiserver-authentication', '-o', 'jsonpath={.data.requestheader-client-ca-file}'), plane.pki.frontProxy.ca);
});

test('nobody grants more than they hold, and a role once bound stays', async (t) => {
  await kubectl('create', 'role', 'manager', `--verb=create,update,get`, `--resource=roles.${RBAC},rolebindings.${RBAC}`);
  await kubectl('create', 'rolebinding', 'manager', '--role=manager', '--user=carol');
  await plane.cache.sync();
  const carol: UserInfo = { name: 'carol', groups: ['system:authenticated'] };
  const role = (resource: string) => ({ apiVersion: `${RBAC}/v1`, kind: 'Role', metadata: { name: 'more' }, rules: [{ verbs: ['get'], apiGroups: [''], resources: [resource] }] });
  const path = `/apis/${RBAC}/v1/namespaces/default`;
  const refused = await post(`${path}/roles`, role('secrets'), carol);
  t.is(refused.status, 403);
  t.is(messageOf(refused), `roles.${RBAC} "more" is forbidden: user "carol" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}`);
  const binding = { apiVersion: `${RBAC}/v1`, kind: 'RoleBinding', metadata: { name: 'sneaky' }, roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'cluster-admin' }, subjects: [{ kind: 'User', apiGroup: RBAC, name: 'carol' }] };
  t.is((await post(`${path}/rolebindings`, binding, carol)).status, 403);
  await post(`${path}/rolebindings`, binding);
  const changed = await plane.server.handle({ method: 'PUT', path: `${path}/rolebindings/sneaky`, body: { ...binding, roleRef: { ...binding.roleRef, name: 'view' } } }, ADMIN);
  t.regex(messageOf(changed), /roleRef: Invalid value: .*cannot change roleRef/);
});

test('who holds less than a role gives changes nothing of it but owners and finalizers, and the verb escalate for a name makes no role', async (t) => {
  await post(`/apis/${RBAC}/v1/clusterroles`, { metadata: { name: 'role-writer' }, rules: [{ verbs: ['create', 'update', 'patch', 'get'], apiGroups: [RBAC], resources: ['clusterroles'] }, { verbs: ['escalate'], apiGroups: [RBAC], resources: ['clusterroles'], resourceNames: ['named'] }] });
  for (const [name, role] of [['role-writer', 'role-writer'], ['lost', 'gone']]) await post(`/apis/${RBAC}/v1/clusterrolebindings`, { metadata: { name }, roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role }, subjects: [{ kind: 'User', apiGroup: RBAC, name: 'dave' }] });
  const rules = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];
  await post(`/apis/${RBAC}/v1/clusterroles`, { metadata: { name: 'strong' }, rules });
  await plane.cache.sync();
  const dave: UserInfo = { name: 'dave', groups: ['system:authenticated'] };
  const patch = async (metadata: object) => plane.server.handle({ method: 'PATCH', path: `/apis/${RBAC}/v1/clusterroles/strong`, body: { metadata }, contentType: 'application/merge-patch+json' }, dave);
  t.is((await patch({ finalizers: ['example.com/x'] })).status, 200);
  t.is(messageOf(await patch({ labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } })),
    `clusterroles.${RBAC} "strong" is forbidden: user "dave" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:["*"], Resources:["*"], Verbs:["*"]}; resolution errors: [clusterrole.${RBAC} "gone" not found]`);
  const named = { metadata: { name: 'named' }, rules };
  t.is((await post(`/apis/${RBAC}/v1/clusterroles`, named, dave)).status, 403);
  t.is((await plane.server.handle({ method: 'PUT', path: `/apis/${RBAC}/v1/clusterroles/named`, body: named }, dave)).status, 201);
  const own = await post('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { spec: { namespace: 'default' } }, dave);
  t.like((own.body as SelfSubjectRulesReview).status, { incomplete: false, evaluationError: `clusterrole.${RBAC} "gone" not found` });
});

test('reviews say by which binding, and what is wrong with a question', async (t) => {
  const review = (spec: object) => post('/apis/authorization.k8s.io/v1/subjectaccessreviews', { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec });
  const allowed = await review({ user: 'system:kube-scheduler', resourceAttributes: { verb: 'list', resource: 'nodes' } });
  t.deepEqual((allowed.body as SubjectAccessReview).status, { allowed: true, reason: 'RBAC: allowed by ClusterRoleBinding "system:kube-scheduler" of ClusterRole "system:kube-scheduler" to User "system:kube-scheduler"' });
  t.deepEqual(((await review({ user: 'nobody', nonResourceAttributes: { verb: 'get', path: '/metrics' } })).body as SubjectAccessReview).status, { allowed: false });
  t.regex(messageOf(await review({ user: 'x' })), /exactly one of nonResourceAttributes or resourceAttributes must be specified/);
  t.regex(messageOf(await review({ resourceAttributes: { verb: 'get', resource: 'pods' } })), /spec\.user: Invalid value: "": at least one of user or group must be specified/);
  t.regex(messageOf(await review({ user: 'x', resourceAttributes: { verb: 'list', resource: 'pods', fieldSelector: { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'In', values: ['b'] }] } } })), /may not specified at the same time as requirements/);
  const local = await post('/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews', { apiVersion: 'authorization.k8s.io/v1', kind: 'LocalSubjectAccessReview', spec: { user: 'x', resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'other' } } });
  t.regex(messageOf(local), /spec\.resourceAttributes\.namespace: Invalid value: "other": must match metadata\.namespace/);
  const node = { name: 'system:node:n', groups: ['system:nodes', 'system:authenticated'] };
  const rules = await post('/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: 'default' } }, node);
  t.like((rules.body as SelfSubjectRulesReview).status, { incomplete: true, evaluationError: 'node authorizer does not support user rule resolution' });
  const pods = await review({ user: 'system:node:n', groups: ['system:nodes'], resourceAttributes: { verb: 'list', resource: 'pods', fieldSelector: { requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['n'] }] } } });
  t.true((pods.body as SubjectAccessReview).status?.allowed);
});
