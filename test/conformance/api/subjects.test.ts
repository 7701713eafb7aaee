import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import type { TokenRequest, TokenReview } from '#api/generated/authentication/v1.ts';
import type { SubjectAccessReview } from '#api/generated/authorization/v1.ts';
import type { CertificateSigningRequest } from '#api/generated/certificates/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { CERTIFICATE_SIGNING_REQUESTS, CLUSTER_ROLE_BINDINGS, CONFIG_MAPS, NODES, PODS, SECRETS, SERVICE_ACCOUNTS, TOKEN_REVIEWS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import { certificateRequest } from '#test/support/certificate-request.ts';
import { Api } from './support/api.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { builtIn } from './support/built-in.ts';
import { Connection } from './support/connection.ts';
import { becomes, eventually, newPod } from './support/workloads.ts';
import { waitFor } from '#test/support/wait.ts';

const SUBJECT_REVIEWS = builtIn<SubjectAccessReview & KubeObject>('SubjectAccessReview');
const LOCAL_REVIEWS = builtIn<SubjectAccessReview & KubeObject>('LocalSubjectAccessReview');
const SELF_REVIEWS = builtIn<KubeObject & { readonly status?: { readonly userInfo: { readonly username?: string; readonly groups?: readonly string[]; readonly extra?: object } } }>('SelfSubjectReview');
const ACCOUNTS = '[sig-auth] ServiceAccounts';
const username = (namespace: string, account: string): string => `system:serviceaccount:${namespace}:${account}`;
const groupsOf = (namespace: string): readonly string[] => ['system:authenticated', 'system:serviceaccounts', `system:serviceaccounts:${namespace}`];

/** Headers that make a request another's. */
const asUser = (name: string, uid: string, group: string) => ({ 'impersonate-user': name, 'impersonate-uid': uid, 'impersonate-group': group });

behaviour('[sig-auth] SubjectReview should support SubjectReview API operations [Conformance]', async ({ t, api, namespace }) => {
  const account = await api.create(SERVICE_ACCOUNTS, { metadata: { name: 'e2e' } }, { namespace });
  const user = username(namespace, 'e2e');
  const uid = account.metadata.uid ?? '';
  const spec = (name: string) => ({ resourceAttributes: { verb: 'list', resource: 'configmaps', namespace, version: 'v1' }, user: name, groups: groupsOf(namespace), uid });
  const isAllowed = async (): Promise<boolean> => {
    try {
      await api.list(CONFIG_MAPS, { namespace, headers: asUser(user, uid, 'system:authenticated') });
      return true;
    } catch (error) {
      if (isStatus(error, 'Forbidden')) return false;
      throw error;
    }
  };
  const agree = async (wanted: boolean): Promise<void> => {
    t.is(await isAllowed(), wanted);
    t.is((await api.create(SUBJECT_REVIEWS, { metadata: {}, spec: spec(user) })).status?.allowed, wanted);
    t.is((await api.create(LOCAL_REVIEWS, { metadata: { namespace }, spec: spec(user) })).status?.allowed, wanted);
  };
  await agree(false);
  await api.create(builtIn('RoleBinding'), { metadata: { name: 'e2e' }, subjects: [{ kind: 'ServiceAccount', name: 'e2e', namespace }], roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' } }, { namespace });
  await eventually(isAllowed, { what: 'the binding to be heeded' });
  await agree(true);
  const elsewhere = await api.failure(api.create(LOCAL_REVIEWS, { metadata: { namespace }, spec: { ...spec(user), resourceAttributes: { verb: 'list', resource: 'configmaps', namespace: 'default' } } }));
  t.is(elsewhere.reason, 'Invalid');
});

behaviour('[sig-auth] SelfSubjectReview should support SelfSubjectReview API operations', async ({ t, api }) => {
  const headers = { ...asUser('jane-doe', 'uniq-id', 'developers'), 'impersonate-extra-known-languages': 'python' };
  const { status } = await api.create(SELF_REVIEWS, { metadata: {} }, { headers });
  t.like(status?.userInfo, { username: 'jane-doe', uid: 'uniq-id', extra: { 'known-languages': ['python'] } } as object);
  t.deepEqual(status?.userInfo.groups, ['developers', 'system:authenticated']);
});

async function tokenOf({ api, namespace }: Scene, account: string, spec: object = {}): Promise<string> {
  const request = await api.create(SERVICE_ACCOUNTS, { kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata: {}, spec: { expirationSeconds: 3600, audiences: [], ...spec } }, { namespace, name: account, subresource: 'token' });
  return (request as unknown as TokenRequest).status?.token ?? '';
}
const review = async ({ api }: Scene, token: string): Promise<TokenReview['status']> => ((await api.create(TOKEN_REVIEWS, { metadata: {}, spec: { token } })) as unknown as TokenReview).status;

behaviour(`${ACCOUNTS} should mount an API token into pods [Conformance]: the token that its node asks for`, async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(SERVICE_ACCOUNTS, { metadata: { name: 'mount-test' } }, { namespace });
  await api.create(PODS, newPod('pod-service-account', {}, { serviceAccountName: 'mount-test' }), { namespace });
  const pod = await becomes(scene, PODS, 'pod-service-account', ({ status }) => status?.phase === 'Running', 'to run');
  const [projected, ...others] = pod.spec?.volumes?.map(({ projected: volume }) => volume) ?? [];
  t.deepEqual(others, []);
  t.is(projected?.defaultMode, 0o644);
  t.like(projected?.sources?.[0]?.serviceAccountToken, { expirationSeconds: 3607, path: 'token' });
  t.like(projected?.sources?.[1]?.configMap, { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] });
  t.like(projected?.sources?.[2]?.downwardAPI?.items?.[0], { path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } });
  t.like(pod.spec?.containers[0]?.volumeMounts?.[0], { mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true });

  const node = await api.get(NODES, pod.spec?.nodeName ?? '');
  const status = await review(scene, await tokenOf(scene, 'mount-test', { boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid } }));
  t.true(status?.authenticated);
  t.falsy(status?.error);
  t.is(status?.user?.username, username(namespace, 'mount-test'));
  for (const group of groupsOf(namespace)) t.true(status?.user?.groups?.includes(group), group);
  const extra = status?.user?.extra ?? {};
  t.regex(extra['authentication.kubernetes.io/credential-id']?.[0] ?? '', /^JTI=/);
  const named = (of: string, object: KubeObject): void => {
    t.deepEqual(extra[`authentication.kubernetes.io/${of}-name`], [object.metadata.name]);
    t.deepEqual(extra[`authentication.kubernetes.io/${of}-uid`], [object.metadata.uid ?? '']);
  };
  named('pod', pod);
  named('node', node);
});

behaviour(`${ACCOUNTS} no secret-based service account token should be auto-generated`, async (scene) => {
  const { t, api, namespace } = scene;
  const account = await becomes(scene, SERVICE_ACCOUNTS, 'default', () => true, 'to be there');
  t.falsy(account.secrets?.length);
  t.deepEqual((await api.list(SECRETS, { namespace })).items, []);
});

interface Discovery { readonly issuer: string; readonly jwks_uri: string; readonly id_token_signing_alg_values_supported: readonly string[]; readonly response_types_supported: readonly string[]; readonly subject_types_supported: readonly string[] }
const part = (token: string, i: number): Record<string, unknown> => JSON.parse(Buffer.from(token.split('.')[i] ?? '', 'base64url').toString()) as Record<string, unknown>;

behaviour(`${ACCOUNTS} ServiceAccountIssuerDiscovery should support OIDC discovery of service account issuer [Conformance]: as a pod does with its token`, async (scene) => {
  const { t, api, namespace, server } = scene;
  await api.create(SERVICE_ACCOUNTS, { metadata: { name: 'oidc-discovery-test' } }, { namespace });
  const token = await tokenOf(scene, 'oidc-discovery-test', { audiences: ['oidc-discovery-test'] });
  const connection = new Connection(server, { isAnonymous: true });
  t.teardown(() => connection.close());
  const own = await tokenOf(scene, 'oidc-discovery-test');
  const ask = async (path: string): Promise<unknown> => {
    const answer = await connection.exchange({ method: 'GET', path, headers: { authorization: `Bearer ${own}` } });
    t.is(answer.status, 200, path);
    return JSON.parse(answer.body.toString());
  };
  const discovered = (await ask('/.well-known/openid-configuration')) as Discovery;
  const { iss, aud, sub, exp, iat } = part(token, 1) as { readonly iss: string; readonly aud: readonly string[]; readonly sub: string; readonly exp: number; readonly iat: number };
  t.is(discovered.issuer, iss);
  t.deepEqual([discovered.response_types_supported, discovered.subject_types_supported], [['id_token'], ['public']]);
  t.deepEqual(aud, ['oidc-discovery-test']);
  t.is(sub, username(namespace, 'oidc-discovery-test'));
  t.is(exp - iat, 3600);
  const { keys } = (await ask(new URL(discovered.jwks_uri).pathname)) as { readonly keys: readonly (JsonWebKey & { readonly kid?: string; readonly alg?: string })[] };
  const { kid, alg } = part(token, 0);
  const key = keys.find((k) => k.kid === kid);
  t.is(key?.alg, alg as string);
  t.true(discovered.id_token_signing_alg_values_supported.includes(alg as string));
  const [header = '', claims = '', signature = ''] = token.split('.');
  t.true(verify('sha256', Buffer.from(`${header}.${claims}`), { key: createPublicKey({ key: key as JsonWebKey, format: 'jwk' }), dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url')));
});

behaviour('[sig-auth] Certificates API [Privileged:ClusterAdmin] should support building a client with a CSR', async (scene) => {
  const { t, api, server, unique } = scene;
  const commonName = unique('tester-csr');
  const { request, key } = await certificateRequest({ commonName });
  const made = await api.create(CERTIFICATE_SIGNING_REQUESTS, { metadata: { generateName: `${commonName}-` } as object, spec: { request, usages: ['digital signature', 'key encipherment', 'client auth'], signerName: 'kubernetes.io/kube-apiserver-client', expirationSeconds: 3600 } });
  const { name } = made.metadata;
  t.teardown(() => api.delete(CERTIFICATE_SIGNING_REQUESTS, name));
  const condition = { type: 'Approved', status: 'True', reason: 'E2E', message: 'Set from an e2e test' };
  await api.update(CERTIFICATE_SIGNING_REQUESTS, { ...made, status: { conditions: [condition] } }, { subresource: 'approval' });
  const issued = (await becomes(scene, CERTIFICATE_SIGNING_REQUESTS, name, ({ status }) => (status?.certificate?.length ?? 0) > 0, 'to be signed')) as CertificateSigningRequest;
  t.like(issued.status?.conditions?.[0], condition);
  const connection = new Connection({ ...server, cert: Buffer.from(issued.status?.certificate ?? '', 'base64').toString(), key });
  t.teardown(() => connection.close());
  const client = new Api(connection, api.codec);
  t.is((await client.create(SELF_REVIEWS, { metadata: {} })).status?.userInfo.username, commonName);
  await api.create(CLUSTER_ROLE_BINDINGS, { metadata: { name: commonName }, subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: commonName }], roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' } });
  t.teardown(() => api.delete(CLUSTER_ROLE_BINDINGS, commonName));
  const seen = await eventually(() => client.list(CERTIFICATE_SIGNING_REQUESTS, { query: { fieldSelector: 'spec.signerName=kubernetes.io/kube-apiserver-client' } }), { what: 'the binding to be heeded' });
  t.true(seen.items.some((item) => item.metadata.name === name));
  await client.delete(CERTIFICATE_SIGNING_REQUESTS, name);
  t.is((await api.failure(api.get(CERTIFICATE_SIGNING_REQUESTS, name))).reason, 'NotFound');
  await api.create(CERTIFICATE_SIGNING_REQUESTS, { metadata: { name }, spec: made.spec as object });
});

behaviour('[sig-auth] [Feature:NodeAuthorizer] a node sees what its pods name and no other node', async ({ t, api, namespace, unique }) => {
  const [node] = (await api.list(NODES)).items;
  const headers = { 'impersonate-user': `system:node:${node?.metadata.name}`, 'impersonate-group': 'system:nodes' };
  const refused = async (request: Promise<unknown>): Promise<void> => {
    t.is((await api.failure(request)).reason, 'Forbidden');
  };
  await refused(api.get(SECRETS, 'foo', { namespace, headers }));
  await api.create(SECRETS, { metadata: { name: 'node-auth-secret' }, stringData: { data: 'keep it secret' } }, { namespace });
  await refused(api.get(SECRETS, 'node-auth-secret', { namespace, headers }));
  await api.create(CONFIG_MAPS, { metadata: { name: 'node-auth-configmap' }, data: { data: 'content' } }, { namespace });
  await refused(api.get(CONFIG_MAPS, 'node-auth-configmap', { namespace, headers }));
  const volumes = [{ name: 'node-auth-secret', secret: { secretName: 'node-auth-secret' } }];
  await api.create(PODS, newPod('node-auth-pod', {}, { nodeName: node?.metadata.name, volumes }), { namespace });
  // What a node may read follows its pods, a moment after they are written.
  t.truthy(await waitFor(() => api.get(SECRETS, 'node-auth-secret', { namespace, headers }), { what: 'the node to be allowed to read the secret of its pod' }));
  await refused(api.create(NODES, { metadata: { name: unique('foo') } }, { headers }));
  await refused(api.delete(NODES, 'foo', { headers }));
});
