import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import type { SelfSubjectReview, TokenReview } from '#api/generated/authentication/v1.ts';
import type { JwtIssuer } from '#apiserver/authn/oidc/configuration.ts';
import { issueCertificate, makeAuthority } from '#apiserver/pki/certificates.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { https } from '#test/support/https.ts';

/** An issuer of tokens elsewhere. */
interface Issuer {
  readonly url: string;
  readonly ca: string;
  readonly server: Server;
  /** Answers that were asked for. */
  readonly requests: string[];
  keys: readonly JWK[];
  token(claims: object, kid?: string): Promise<string>;
}

async function startIssuer(): Promise<Issuer> {
  const authority = await makeAuthority('issuer-ca', Date.now());
  const { cert, key } = await issueCertificate(authority, { commonName: 'localhost', dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'], usages: ['server'] }, Date.now());
  const pair = await generateKeyPair('ES256', { extractable: true });
  const requests: string[] = [];
  const server = createServer({ cert, key }, (request, response) => {
    requests.push(request.url ?? '');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(request.url === '/keys' ? { keys: issuer.keys } : { issuer: issuer.url, jwks_uri: `${issuer.url}/keys` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuer: Issuer = {
    url, ca: authority.cert, server, requests, keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }],
    token: (claims, kid = 'one') => new SignJWT({ iss: url, aud: 'headway', sub: 'ada', exp: Math.floor(Date.now() / 1000) + 600, ...claims }).setProtectedHeader({ alg: 'ES256', kid }).sign(pair.privateKey),
  };
  return issuer;
}

let issuer: Issuer;
let gone: Issuer;
let plane: ControlPlane;
test.before(async () => {
  [issuer, gone] = await Promise.all([startIssuer(), startIssuer()]);
  await new Promise((resolve) => gone.server.close(resolve));
  const jwt: JwtIssuer = {
    issuer: { url: issuer.url, certificateAuthority: issuer.ca, audiences: ['headway', 'other'], audienceMatchPolicy: 'MatchAny' },
    claimValidationRules: [{ claim: 'hd', requiredValue: 'example.com' }, { expression: '!has(claims.blocked) || !claims.blocked', message: 'blocked' }],
    claimMappings: {
      username: { expression: '"oidc:" + claims.sub' }, groups: { claim: 'roles', prefix: 'oidc:' }, uid: { claim: 'sub' }, extra: [{ key: 'example.com/team', valueExpression: 'claims.?team.orValue("")' }],
    },
    userValidationRules: [{ expression: "!user.username.startsWith('oidc:system:') && user.groups.all(g, g != 'oidc:bad')", message: 'reserved' }],
  };
  const unreachable: JwtIssuer = { issuer: { url: gone.url, certificateAuthority: gone.ca, audiences: ['headway'] }, claimMappings: { username: { claim: 'sub', prefix: '' } } };
  plane = await startControlPlane({ authentication: { jwt: [unreachable, jwt], anonymous: { enabled: true, conditions: [{ path: '/livez' }] } } });
});
test.after.always(async () => {
  await plane?.stop();
  issuer?.server.close();
});

async function who(token: string) {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const answer = await https({ url: `${plane.url}/apis/authentication.k8s.io/v1/selfsubjectreviews`, ca: plane.pki.ca, method: 'POST', body, headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, user: answer.status === 201 ? (JSON.parse(answer.text) as SelfSubjectReview).status?.userInfo : undefined };
}

test('claims become name, groups, UID and extra, and the issuer is asked once', async (t) => {
  const { user } = await who(await issuer.token({ hd: 'example.com', roles: ['dev', 'ops'], team: 'red' }));
  t.deepEqual(user, { username: 'oidc:ada', uid: 'ada', groups: ['oidc:dev', 'oidc:ops', 'system:authenticated'], extra: { 'example.com/team': ['red'] } });
  t.is((await who(await issuer.token({ hd: 'example.com', roles: 'dev', aud: ['x', 'other'] }))).status, 201);
  t.is(issuer.requests.filter((url) => url === '/keys').length, 1);
});

test('a token that breaks a rule, is over, or for others is refused', async (t) => {
  const ok = { hd: 'example.com' };
  const wrong = [{}, { hd: 'other' }, { ...ok, blocked: true }, { ...ok, sub: 'system:x' }, { ...ok, roles: ['bad'] }, { ...ok, roles: [1] }, { ...ok, sub: 1 }, { ...ok, aud: 'x' }, { ...ok, exp: 1 }, { ...ok, exp: undefined }, { ...ok, blocked: 'x' }];
  for (const claims of wrong) t.is((await who(await issuer.token(claims))).status, 401, JSON.stringify(claims));
  t.is((await who(await issuer.token(ok, 'unknown'))).status, 401);
  t.is((await who(`${await issuer.token(ok)}x`)).status, 401);
});

test('a TokenReview says what an issuer\'s token lacks', async (t) => {
  const review = async (token: string) => ((await plane.server.handle({ method: 'POST', path: '/apis/authentication.k8s.io/v1/tokenreviews', body: { spec: { token } } }, ADMIN)).body as TokenReview).status;
  t.is((await review(await issuer.token({ hd: 'other' })))?.error, '[invalid bearer token, oidc: required claim hd value does not match. Got = other, want = example.com]');
  t.is((await review(await issuer.token({ hd: 'example.com', jti: '7' })))?.user?.extra?.['authentication.kubernetes.io/credential-id']?.[0], 'JTI=7');
});

test('an issuer that does not answer keeps nobody else from being known', async (t) => {
  t.is((await who(await gone.token({}))).status, 401);
  t.is((await who(await issuer.token({ hd: 'example.com' }))).status, 201);
});

test('nobody in particular is let in only where the configuration says so', async (t) => {
  const ask = async (path: string): Promise<number> => (await https({ url: `${plane.url}${path}`, ca: plane.pki.ca })).status;
  t.deepEqual([await ask('/livez'), await ask('/version'), await ask('/api/v1/pods')], [200, 401, 401]);
});
