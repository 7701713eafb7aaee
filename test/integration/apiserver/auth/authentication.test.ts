import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import type { SelfSubjectReview } from '#api/generated/authentication/v1.ts';
import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { UserInfo } from '#api/transport.ts';
import { ServiceAccountTokens } from '#apiserver/authn/service-account-tokens.ts';
import { issueCertificate, makeAuthority, type CertificateRequest, type KeyPairPem } from '#apiserver/pki/certificates.ts';
import { systemClock } from '#base/clock.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { type Answer, https, type HttpsOptions } from '#test/support/https.ts';

const DAY_MS = 86_400_000;
const WHO = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
let plane: ControlPlane;
let authenticate: (token: string) => Promise<UserInfo | undefined>;
test.before(async () => {
  plane = await startControlPlane();
  const tokens = new ServiceAccountTokens({ keys: plane.pki.tokenKeys, cache: plane.cache, clock: systemClock });
  authenticate = async (token) => tokens.authenticate(token);
});
test.after.always(() => plane?.stop());

type Options = Omit<HttpsOptions, 'url' | 'ca'>;
const ask = (path: string, options: Options = {}): Promise<Answer> => https({ url: `${plane.url}${path}`, ca: plane.pki.ca, ...options });
const who = async (options: Options) => {
  const answer = await ask('/apis/authentication.k8s.io/v1/selfsubjectreviews', { method: 'POST', body: WHO, ...options });
  return { status: answer.status, user: answer.status === 201 ? (JSON.parse(answer.text) as SelfSubjectReview).status?.userInfo : undefined };
};
const bearer = (token: string): Options => ({ headers: { authorization: `Bearer ${token}` } });
const client = (authority: KeyPairPem, commonName: string, now = Date.now(), more: Partial<CertificateRequest> = {}) => issueCertificate(authority, { commonName, organizations: ['dev'], usages: ['client'], ...more }, now);
const post = (path: string, body: object) => plane.server.handle({ method: 'POST', path, body }, ADMIN);

async function token(account: string, spec: object = {}): Promise<string> {
  await post('/api/v1/namespaces/default/serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: account } });
  const answer = await post(`/api/v1/namespaces/default/serviceaccounts/${account}/token`, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec });
  return (answer.body as { readonly status: { readonly token: string } }).status.token;
}

test('a client certificate names its user, also through an intermediate authority', async (t) => {
  const direct = await who(await client(plane.pki.authority, 'ada'));
  t.is(direct.user?.username, 'ada');
  t.deepEqual(direct.user?.groups, ['dev', 'system:authenticated']);
  t.regex(direct.user?.extra?.['authentication.kubernetes.io/credential-id']?.[0] ?? '', /^X509SHA256=[0-9a-f]{64}$/);
  const between = await makeAuthority('between', Date.now(), { parent: plane.pki.authority });
  const { cert, key } = await client(between, 'grace');
  t.is((await who({ cert: `${cert}\n${between.cert}`, key })).user?.username, 'grace');
  t.is((await who({ cert, key })).status, 401);
  const proxies = { cert: plane.pki.frontProxy.ca, key: await readFile(join(plane.directory, 'pki', 'front-proxy-ca.key'), 'utf8') };
  const below = await makeAuthority('below', Date.now(), { parent: proxies });
  const sneaky = await client(below, 'root');
  t.is((await who({ cert: `${sneaky.cert}\n${below.cert}`, key: sneaky.key })).status, 401);
});

test('a client certificate may hold the UID of its user, one and not an empty one', async (t) => {
  const withUids = (...uids: readonly string[]) => client(plane.pki.authority, 'ada', Date.now(), { attributes: uids.map((uid) => ['1.3.6.1.4.1.57683.2', uid] as const) });
  t.is((await who(await withUids('u-1'))).user?.uid, 'u-1');
  t.is((await who(await withUids())).user?.uid, undefined);
  t.is((await who(await withUids('u-1', 'u-2'))).status, 401);
});

test('a certificate that is over, not yet valid, of another authority or for servers only is refused', async (t) => {
  const foreign = await makeAuthority('foreign', Date.now());
  const certificates = [
    client(plane.pki.authority, 'late', Date.now() - 400 * DAY_MS), client(plane.pki.authority, 'early', Date.now() + DAY_MS),
    client(foreign, 'foreign'), client(plane.pki.authority, 'server', Date.now(), { usages: ['server'] }), client({ ...foreign, cert: plane.pki.ca }, 'forged'),
  ];
  for (const certificate of await Promise.all(certificates)) t.is((await who(certificate)).status, 401);
});

test('a valid token counts beside a certificate that is over', async (t) => {
  const late = await client(plane.pki.authority, 'late', Date.now() - 400 * DAY_MS);
  t.is((await who({ ...late, ...bearer(await token('beside')) })).user?.username, 'system:serviceaccount:default:beside');
});

test('nobody in particular: 403 where roles say no, and never for a bad token, which is 401', async (t) => {
  const anonymous = await ask('/api/v1/pods');
  t.is(anonymous.status, 403);
  t.regex((JSON.parse(anonymous.text) as Status).message ?? '', /User "system:anonymous" cannot list resource "pods"/);
  const refused = await ask('/api/v1/pods', bearer('nonsense'));
  t.is(refused.status, 401);
  t.deepEqual(JSON.parse(refused.text), { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: 'Unauthorized', reason: 'Unauthorized', code: 401 });
  t.is((await ask('/version')).status, 200);
  const spaced = await ask('/api/v1/pods', { headers: { authorization: 'Bearer  nonsense' } });
  t.deepEqual([spaced.status, spaced.headers['warning']], [403, '299 - "the provided Authorization header contains extra space before the bearer token, and is ignored"']);
});

test('a front proxy speaks for the users of its headers, each value by itself; nobody else does', async (t) => {
  const { cert, key } = plane.pki.frontProxy.client;
  const headers = { 'x-remote-user': 'ada', 'x-remote-group': ['dev, system:masters', 'ops'], 'x-remote-uid': '7', 'x-remote-extra-example.com%2fscope': ['a', 'b'], 'x-remote-extra-': 'c' };
  const { user } = await who({ cert, key, headers });
  t.is(user?.username, 'ada');
  t.deepEqual(user?.groups, ['dev, system:masters', 'ops', 'system:authenticated']);
  t.deepEqual([user?.uid, user?.extra], ['7', { 'example.com/scope': ['a', 'b'], '': ['c'] }]);
  t.is((await who({ cert, key })).status, 401);
  t.is((await who({ ...(await client(plane.pki.authority, 'front-proxy-client')), headers })).user?.username, 'front-proxy-client');
  t.is((await ask('/api/v1/pods', { headers })).status, 403);
});

test('impersonation takes a right for every attribute, and a comma is part of a name', async (t) => {
  const { cert, key } = plane.pki.admin;
  const headers = { 'impersonate-user': 'bob', 'impersonate-group': ['a, b', 'c'], 'impersonate-uid': '9', 'impersonate-extra-scopes': ['x'], 'impersonate-extra-%zz': ['y'] };
  const { user } = await who({ cert, key, headers });
  t.deepEqual([user?.username, user?.uid, user?.groups, user?.extra], ['bob', '9', ['a, b', 'c', 'system:authenticated'], { scopes: ['x'], '%zz': ['y'] }]);
  const weak = await ask('/api/v1/pods', { ...(await client(plane.pki.authority, 'weak')), headers: { 'impersonate-user': 'bob' } });
  t.is(weak.status, 403);
  t.regex(weak.text, /pods is forbidden: User \\"weak\\" cannot impersonate-on:user-info:list resource \\"pods\\"/);
  const nobody = await ask('/api/v1/pods', { cert, key, headers: { 'impersonate-group': 'a' } });
  t.is(nobody.status, 400);
  t.is((JSON.parse(nobody.text) as Status).message, 'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"a"}, Extra:map[string][]string(nil)} without impersonating a user name');
});

test('a bootstrap token names a new node, until it is over or its secret is gone', async (t) => {
  const secret = (id: string, data: object) => post('/api/v1/namespaces/kube-system/secrets', {
    apiVersion: 'v1', kind: 'Secret', type: 'bootstrap.kubernetes.io/token', metadata: { name: `bootstrap-token-${id}` },
    stringData: { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true', ...data },
  });
  await Promise.all([
    secret('aaaaaa', { 'auth-extra-groups': 'system:bootstrappers:workers' }), secret('bbbbbb', { expiration: '2020-01-01T00:00:00Z' }), secret('cccccc', { 'usage-bootstrap-authentication': 'false' }),
    secret('dddddd', { 'auth-extra-groups': 'system:masters' }), secret('eeeeee', { expiration: 'soon' }),
    secret('gggggg', { expiration: '2999' }), secret('hhhhhh', { 'auth-extra-groups': 'system:bootstrappers:z,system:bootstrappers:b' }), secret('iiiiii', { 'auth-extra-groups': 'system:bootstrappers:z,' }),
  ]);
  await plane.cache.sync();
  const { user } = await who(bearer('aaaaaa.0123456789abcdef'));
  t.is(user?.username, 'system:bootstrap:aaaaaa');
  t.deepEqual(user?.groups, ['system:bootstrappers', 'system:bootstrappers:workers', 'system:authenticated']);
  t.deepEqual((await who(bearer('hhhhhh.0123456789abcdef'))).user?.groups, ['system:bootstrappers', 'system:bootstrappers:b', 'system:bootstrappers:z', 'system:authenticated']);
  for (const id of ['bbbbbb', 'cccccc', 'dddddd', 'eeeeee', 'ffffff', 'gggggg', 'iiiiii']) t.is((await who(bearer(`${id}.0123456789abcdef`))).status, 401, id);
  t.is((await who(bearer('aaaaaa.0123456789abcdee'))).status, 401);
  await plane.server.handle({ method: 'DELETE', path: '/api/v1/namespaces/kube-system/secrets/bootstrap-token-aaaaaa' }, ADMIN);
  await plane.cache.sync();
  t.is((await who(bearer('aaaaaa.0123456789abcdef'))).status, 401);
});

test('a token ends at once with the pod and the account that it is bound to, and names both and the node', async (t) => {
  await post('/api/v1/namespaces/default/serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'bound' } });
  await post('/api/v1/namespaces/default/pods', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { serviceAccountName: 'bound', nodeName: 'n', containers: [{ name: 'c', image: 'i' }] } });
  const ref = { kind: 'Pod', apiVersion: 'v1', name: 'p' };
  const bound = await token('bound', { boundObjectRef: ref });
  const free = await token('bound');
  const { user } = await who(bearer(bound));
  t.deepEqual([user?.extra?.['authentication.kubernetes.io/pod-name'], user?.extra?.['authentication.kubernetes.io/node-name']], [['p'], ['n']]);
  t.regex(user?.extra?.['authentication.kubernetes.io/credential-id']?.[0] ?? '', /^JTI=/);
  const other = await post('/api/v1/namespaces/default/serviceaccounts/beside/token', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { boundObjectRef: ref } });
  t.true([400, 404].includes(other.status));
  await plane.server.handle({ method: 'DELETE', path: '/api/v1/namespaces/default/pods/p', query: { gracePeriodSeconds: '0' } }, ADMIN);
  await plane.cache.sync();
  t.is((await who(bearer(bound))).status, 401);
  t.is((await who(bearer(free))).status, 201);
  await plane.server.handle({ method: 'DELETE', path: '/api/v1/namespaces/default/serviceaccounts/bound' }, ADMIN);
  await plane.cache.sync();
  t.is((await who(bearer(free))).status, 401);
});

test('a TokenReview answers for the audiences that are asked for', async (t) => {
  const vault = await token('reviewed', { audiences: ['vault'] });
  const review = async (spec: object) => (await post('/apis/authentication.k8s.io/v1/tokenreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec })).body as { readonly status: { readonly authenticated: boolean; readonly audiences?: readonly string[]; readonly error?: string } };
  t.is((await who(bearer(vault))).status, 401);
  t.deepEqual((await review({ token: vault, audiences: ['vault', 'x'] })).status.audiences, ['vault']);
  t.is((await review({ token: vault })).status.error, '[invalid bearer token, token audiences ["vault"] is invalid for the target audiences ["https://kubernetes.default.svc.cluster.local"]]');
  t.false((await review({ token: vault, audiences: ['x'] })).status.authenticated);
  t.is((await review({ token: 'nonsense' })).status.error, 'invalid bearer token');
});

test('a TokenReview says why a token is valid no more', async (t) => {
  const error = async (of: string) => ((await post('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: of } })).body as { readonly status: { readonly error?: string } }).status.error;
  const remove = async (path: string) => {
    await plane.server.handle({ method: 'DELETE', path: `/api/v1/namespaces/default/${path}`, query: { gracePeriodSeconds: '0' } }, ADMIN);
    await plane.cache.sync();
  };
  const secret = async () => ((await post('/api/v1/namespaces/default/secrets', { metadata: { name: 'held' } })).body as KubeObject).metadata.uid;
  const first = await secret();
  const ofSecret = await token('ending', { boundObjectRef: { kind: 'Secret', apiVersion: 'v1', name: 'held' } });
  await remove('secrets/held');
  t.is(await error(ofSecret), '[invalid bearer token, service account token has been invalidated]');
  const second = await secret();
  await plane.cache.sync();
  t.is(await error(ofSecret), `[invalid bearer token, secret UID (${second}) does not match service account secret ref claim (${first})]`);
  const claims = JSON.parse(Buffer.from(ofSecret.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
  const { SignJWT } = await import('jose');
  const key = plane.pki.tokenKeys.signing();
  t.is(await error(await new SignJWT({ ...claims, exp: 1 }).setProtectedHeader({ alg: key.algorithm, kid: key.id }).sign(key.privateKey)), '[invalid bearer token, service account token has expired]');
  const free = await token('ending');
  await remove('serviceaccounts/ending');
  t.is(await error(free), '[invalid bearer token, serviceaccounts "ending" not found]');
  t.is(await error(await new SignJWT(claims).setProtectedHeader({ alg: key.algorithm, kid: 'unknown' }).sign(key.privateKey)), '[invalid bearer token, invalid signature, no keys found]');
});

test('the token that a pod gets by default is good for a year, and is said to end in an hour; others end when asked', async (t) => {
  await token('yearly');
  await post('/api/v1/namespaces/default/pods', { metadata: { name: 'yearly' }, spec: { serviceAccountName: 'yearly', containers: [{ name: 'c', image: 'i' }] } });
  const ref = { kind: 'Pod', apiVersion: 'v1', name: 'yearly' };
  const times = async (spec: object) => {
    const { body } = await post('/api/v1/namespaces/default/serviceaccounts/yearly/token', { spec });
    const { status: { token: text, expirationTimestamp } } = body as { readonly status: { readonly token: string; readonly expirationTimestamp: string } };
    const { iat, exp, 'kubernetes.io': own } = JSON.parse(Buffer.from(text.split('.')[1] ?? '', 'base64url').toString()) as { readonly iat: number; readonly exp: number; readonly 'kubernetes.io': { readonly warnafter?: number } };
    return { lasts: exp - iat, warnsAfter: own.warnafter && own.warnafter - iat, told: Math.round((Date.parse(expirationTimestamp) / 1000 - iat) / 10) * 10 };
  };
  t.deepEqual(await times({ expirationSeconds: 3607, boundObjectRef: ref }), { lasts: 365 * 86_400, warnsAfter: 3607, told: 3610 });
  t.deepEqual(await times({ expirationSeconds: 3607, boundObjectRef: ref, audiences: ['vault', 'https://kubernetes.default.svc.cluster.local'] }), { lasts: 3607, warnsAfter: undefined, told: 3610 });
  t.deepEqual(await times({ expirationSeconds: 3600, boundObjectRef: ref }), { lasts: 3600, warnsAfter: undefined, told: 3600 });
  t.deepEqual(await times({ expirationSeconds: 3607 }), { lasts: 3607, warnsAfter: undefined, told: 3610 });
  const other = await post('/api/v1/namespaces/default/serviceaccounts/yearly/token', { spec: { boundObjectRef: { ...ref, uid: 'other' } } });
  t.regex((other.body as Status).message ?? '', /^Operation cannot be fulfilled on Pod "yearly": the UID in the bound object reference \(other\) does not match/);
});

test('where tokens are not extended, that of a pod ends after the hour too', async (t) => {
  const strict = await startControlPlane({ authentication: { jwt: [], extendsPodTokens: false } });
  t.teardown(() => strict.stop());
  const ask = async (path: string, body: object) => (await strict.server.handle({ method: 'POST', path: `/api/v1/namespaces/default/${path}`, body }, ADMIN)).body as { readonly status: { readonly token: string } };
  await ask('serviceaccounts', { metadata: { name: 'hourly' } });
  await ask('pods', { metadata: { name: 'hourly' }, spec: { serviceAccountName: 'hourly', containers: [{ name: 'c', image: 'i' }] } });
  const { status } = await ask('serviceaccounts/hourly/token', { spec: { expirationSeconds: 3607, boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'hourly' } } });
  const { iat, exp } = JSON.parse(Buffer.from(status.token.split('.')[1] ?? '', 'base64url').toString()) as { readonly iat: number; readonly exp: number };
  t.is(exp - iat, 3607);
});

test('what names the issuer and its keys is there for service accounts, and verifies their tokens', async (t) => {
  const own = await token('reader');
  const found = await ask('/.well-known/openid-configuration', bearer(own));
  t.is(found.status, 200);
  t.like(JSON.parse(found.text), { issuer: 'https://kubernetes.default.svc.cluster.local', id_token_signing_alg_values_supported: ['ES256'] });
  const keys = await ask('/openid/v1/jwks', bearer(own));
  t.is(keys.headers['content-type'], 'application/jwk-set+json');
  const { createLocalJWKSet, jwtVerify } = await import('jose');
  t.is((await jwtVerify(own, createLocalJWKSet(JSON.parse(keys.text)))).payload.sub, 'system:serviceaccount:default:reader');
  t.is((await ask('/openid/v1/jwks')).status, 403);
});

test('no forged, broken or foreign token is let in, and none does harm', async (t) => {
  const own = await token('forged');
  const [header = '', payload = '', signature = ''] = own.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const { tokenKeys } = plane.pki;
  const sign = async (change: object, head: object = {}): Promise<string> => {
    const { SignJWT } = await import('jose');
    const key = tokenKeys.signing();
    return new SignJWT({ ...claims, ...change }).setProtectedHeader({ alg: key.algorithm, kid: key.id, ...head }).sign(key.privateKey);
  };
  const now = Math.floor(systemClock.now() / 1000);
  const forged = [
    `${encode({ alg: 'none' })}.${payload}.`, `${encode({ alg: 'none' })}.${payload}.x`, `${encode({ alg: 'HS256', kid: tokenKeys.signing().id })}.${payload}.${signature}`,
    `${header}.${encode({ ...claims, sub: 'system:serviceaccount:kube-system:x' })}.${signature}`, `${header}.${payload}.`, own.slice(0, -2), `${own}.${own}`,
    await sign({ exp: now - 120 }), await sign({ nbf: now + 120 }), await sign({ iss: 'https://other' }), await sign({ aud: ['other'] }), await sign({}, { kid: 'unknown' }), await sign({ exp: undefined }),
    await sign({ sub: 'system:serviceaccount:default:other' }), await sign({ 'kubernetes.io': null }), await sign({ 'kubernetes.io': { namespace: 1, serviceaccount: {} } }), `${encode({ ...JSON.parse(Buffer.from(header, 'base64url').toString()), crit: ['x'] })}.${payload}.${signature}`,
  ];
  for (const bad of forged) t.is((await authenticate(bad)), undefined, bad);
  t.truthy(await authenticate(await sign({})));
  await fc.assert(fc.asyncProperty(fc.oneof(fc.string({ maxLength: 300 }), fc.tuple(fc.json(), fc.json(), fc.base64String()).map(([a, b, c]) => [Buffer.from(a).toString('base64url'), Buffer.from(b).toString('base64url'), c].join('.')),
    fc.nat(own.length - 1).chain((at) => fc.integer({ min: 0, max: 63 }).map((bits) => flip(own, at, bits)))), async (bad) => {
    const user = await authenticate(bad);
    // The last character of a signature holds bits that mean nothing.
    return user === undefined || Buffer.from(bad.split('.')[2] ?? '', 'base64url').equals(Buffer.from(signature, 'base64url'));
  }), { numRuns: 300 });
  t.is((await ask('/api/v1/pods', bearer('a'.repeat(12_000)))).status, 401);
});

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const flip = (text: string, at: number, bits: number): string => `${text.slice(0, at)}${ALPHABET[bits] ?? 'A'}${text.slice(at + 1)}`;
