import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { authenticationFlags } from '#cli/authentication-options.ts';
import { authenticationOf } from '#cli/control-plane/authentication.ts';
import { UsageError } from '#cli/usage-error.ts';

const OIDC = { oidcIssuerUrl: 'https://issuer.example.com', oidcClientId: 'headway' };

test('only flags that were given count', (t) => {
  t.is(authenticationFlags({}), undefined);
  t.deepEqual(authenticationFlags({ ...OIDC, port: '1' } as never), OIDC);
});

test('the classic options become one issuer, its names with its URL before them', (t) => {
  const { jwt } = authenticationOf({ ...OIDC, oidcGroupsClaim: 'roles', oidcGroupsPrefix: 'o:', oidcRequiredClaim: ['hd=example.com'] });
  t.deepEqual(jwt[0]?.claimMappings, { username: { claim: 'sub', prefix: 'https://issuer.example.com#' }, groups: { claim: 'roles', prefix: 'o:' } });
  t.deepEqual(jwt[0]?.claimValidationRules, [{ claim: 'hd', requiredValue: 'example.com' }]);
  t.is(authenticationOf({ ...OIDC, oidcUsernameClaim: 'email' }).jwt[0]?.claimMappings.username.prefix, '');
  t.is(authenticationOf({ ...OIDC, oidcUsernamePrefix: '-' }).jwt[0]?.claimMappings.username.prefix, '');
});

test('tokens of pods may be kept to the hour that they say', (t) => {
  t.is(authenticationOf({ serviceAccountExtendTokenExpiration: 'false' }).extendsPodTokens, false);
  t.is(authenticationOf({ ...OIDC, serviceAccountExtendTokenExpiration: 'true' }).extendsPodTokens, true);
  t.false('extendsPodTokens' in authenticationOf(OIDC));
});

test('what does not fit together is refused by name', (t) => {
  const refuse = (flags: Parameters<typeof authenticationOf>[0]): string => t.throws(() => authenticationOf(flags), { instanceOf: UsageError })?.message ?? '';
  t.regex(refuse({ oidcIssuerUrl: 'https://x.example.com' }), /--oidc-issuer-url and --oidc-client-id/);
  t.regex(refuse({ ...OIDC, oidcIssuerUrl: 'http://x.example.com' }), /URL scheme must be https/);
  t.regex(refuse({ ...OIDC, authenticationConfig: '/x' }), /cannot be used together/);
  t.regex(refuse({ anonymousAuth: 'maybe' }), /say true or false/);
  t.regex(refuse({ serviceAccountExtendTokenExpiration: 'no' }), /--service-account-extend-token-expiration no: say true or false/);
  t.regex(refuse({ ...OIDC, oidcSigningAlgs: 'RS256,HS256' }), /unsupported signing alg: "HS256"/);
  t.regex(refuse({ ...OIDC, oidcRequiredClaim: ['x'] }), /say claim=value/);
  t.regex(refuse({ authenticationConfig: '/does/not/exist' }), /--authentication-config/);
});

test('a file is read, and what is wrong in it is told with its place', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'headway-authn-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, 'authn.yaml');
  const write = (rest: string): Promise<void> => writeFile(file, `apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n${rest}`);
  const issuer = (more: string): string => `jwt:\n- issuer: {url: "https://i.example.com", audiences: [a]}\n  claimMappings: {username: {claim: sub, prefix: ""}${more}}\n`;
  await write(`${issuer('')}anonymous: {enabled: true, conditions: [{path: /livez}]}\n`);
  t.deepEqual(authenticationOf({ authenticationConfig: file }).anonymous, { enabled: true, conditions: [{ path: '/livez' }] });
  await write(issuer(', extra: [{key: kubernetes.io/x, valueExpression: claims.x}]'));
  t.regex(t.throws(() => authenticationOf({ authenticationConfig: file }))?.message ?? '', /jwt\[0\]\.claimMappings\.extra\[0\]\.key: Invalid value: "kubernetes\.io\/x": k8s\.io, kubernetes\.io/);
  await write(issuer(', groups: {claim: g, expression: claims.g}'));
  t.regex(t.throws(() => authenticationOf({ authenticationConfig: file }))?.message ?? '', /claimMappings\.groups: Invalid value: "": claim and expression can't both be set/);
});
