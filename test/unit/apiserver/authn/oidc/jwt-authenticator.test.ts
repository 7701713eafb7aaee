import { constants, KeyObject, sign as signText } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { exportJWK, generateKeyPair, type JWTHeaderParameters, SignJWT } from 'jose';
import type { JsonObject } from '#api/json.ts';
import type { JwtIssuer } from '#apiserver/authn/oidc/configuration.ts';
import { JwtAuthenticator } from '#apiserver/authn/oidc/jwt-authenticator.ts';
import { JwtIssuers } from '#apiserver/authn/oidc/jwt-issuers.ts';
import { IssuerKeys } from '#apiserver/authn/oidc/issuer-keys.ts';
import { TokenVerifier } from '#apiserver/authn/oidc/token-verifier.ts';
import { issueCertificate, makeAuthority } from '#apiserver/pki/certificates.ts';
import { Exposition } from '#base/exposition.ts';
import { silentLogger } from '#base/logger.ts';

const NOW_MS = Date.parse('2009-11-10T23:00:00Z');
const at = (text: string): number => Date.parse(text) / 1000;
const VALID = at('2009-11-11T00:00:00Z');
const EXPIRED = at('2009-11-10T22:00:00Z');
const clock = { now: () => NOW_MS, monotonic: () => 0 };
const keys = await Promise.all(['one', 'two', 'three'].map(async () => generateKeyPair('RS256', { extractable: true })));

let url: string;
let ca: string;
let server: Server;
/** Claims that a distributed claim's endpoint signs, by its path. */
const elsewhere = new Map<string, JsonObject>();
const asked: (string | undefined)[] = [];

const sign = (claims: JsonObject, { key = 0, ...header }: Partial<JWTHeaderParameters> & { readonly key?: number } = {}): Promise<string> =>
  new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one', ...header }).sign(keys[key]!.privateKey);

async function answer(path: string): Promise<string> {
  if (path === '/keys') return JSON.stringify({ keys: [{ ...(await exportJWK(keys[0]!.publicKey)), kid: 'one' }, { ...(await exportJWK(keys[1]!.publicKey)), kid: 'two' }] });
  if (path === '/odd/keys') return JSON.stringify({ keys: [{ kty: 'odd' }, null, { ...(await exportJWK(keys[0]!.publicKey)), kid: 'one', use: 'enc', alg: 'PS256' }] });
  if (path.startsWith('/odd/')) return JSON.stringify({ issuer: `${url}/odd`, jwks_uri: `${url}/odd/keys` });
  const claims = elsewhere.get(path);
  if (claims) return sign(claims);
  if (path === '/gone') return '';
  return JSON.stringify({ issuer: path.startsWith('/a/b/.well-known') ? `${url}/a/b` : path.startsWith('/c/') ? 'https://auth.example.com/a/b/foo/' : url, jwks_uri: `${url}/keys` });
}

test.before(async () => {
  const authority = await makeAuthority('issuer-ca', Date.now());
  const { cert, key } = await issueCertificate(authority, { commonName: 'localhost', dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'], usages: ['server'] }, Date.now());
  server = createServer({ cert, key }, (request, response) => {
    asked.push(request.headers.authorization);
    void answer(request.url ?? '').then((text) => response.writeHead(text === '' ? 404 : 200).end(text));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  ca = authority.cert;
});
test.after.always(() => server?.close());

function authenticator(issuer: Partial<JwtIssuer['issuer']> = {}, more: Partial<JwtIssuer> = {}): JwtAuthenticator {
  const config = { issuer: { url, certificateAuthority: ca, audiences: ['my-client'], ...issuer }, claimMappings: { username: { claim: 'username', prefix: '' }, groups: { claim: 'groups', prefix: '' } }, ...more };
  return new JwtAuthenticator(config, { clock: clock as never, log: silentLogger });
}

/** The user's name and groups, or why there is none; undefined when it is another issuer's token. */
async function who(token: string, by = authenticator()): Promise<unknown> {
  const user = await by.authenticate(token);
  return user ? [user.name, ...user.groups.filter((g) => g !== 'system:authenticated')] : by.whyRefused(token);
}

const claims = (more: JsonObject = {}): JsonObject => ({ iss: url, aud: 'my-client', username: 'jane', exp: VALID, ...more });

test('times, audiences, algorithms and signatures', async (t) => {
  const ask = async (more: JsonObject, issuer: Partial<JwtIssuer['issuer']> = {}): Promise<unknown> => who(await sign(claims(more)), authenticator(issuer));
  t.deepEqual(await ask({ groups: 'team1' }), ['jane', 'team1']);
  t.is(await ask({ iss: 'https://example.com' }), undefined);
  t.is(await ask({ exp: EXPIRED }), 'oidc: verify token: oidc: token is expired (Token Expiry: 2009-11-10 22:00:00 +0000 UTC)');
  t.is(await ask({ exp: null }), 'oidc: verify token: oidc: failed to unmarshal claims: strconv.ParseFloat: parsing "": invalid syntax');
  t.deepEqual(await ask({ nbf: at('2009-11-10T23:01:00Z') }), ['jane']);
  t.is(await ask({ nbf: at('2009-11-10T23:01:01Z') }), 'oidc: verify token: oidc: current time 2009-11-10 23:00:00 +0000 UTC before the nbf (not before) time: 2009-11-10 23:01:01 +0000 UTC');
  t.is(await ask({ aud: 'not-my-client' }), 'oidc: verify token: oidc: expected audience "my-client" got ["not-my-client"]');
  t.deepEqual(await ask({ aud: ['not-my-client', 'my-client'], azp: 'not-my-client' }), ['jane']);
  t.is(await ask({ aud: ['x'] }, { audiences: ['b', 'a'] }), 'oidc: verify token: oidc: expected audience in ["a" "b"] got ["x"]');
  t.deepEqual(await ask({ aud: ['x', 'a'] }, { audiences: ['b', 'a'] }), ['jane']);
  const unsigned = 'oidc: verify token: failed to verify signature: failed to verify id token signature';
  t.is(await who(await sign(claims(), { key: 2 })), unsigned);
  t.is(await who(await sign(claims(), { kid: 'unknown' })), unsigned);
  t.is(await who(await sign(claims()), authenticator({}, { algorithms: ['ES256'] })), 'oidc: verify token: oidc: id token signed with unsupported algorithm, expected ["ES256"] got "RS256"');
});

/** A token of which header and claims are written out. */
async function written(payload: string, header = '{"alg":"RS256","kid":"one"}', key: KeyObject = KeyObject.from(keys[0]!.privateKey), algorithm = 'RS256'): Promise<string> {
  const signed = [header, payload].map((part) => Buffer.from(part).toString('base64url')).join('.');
  const pss = algorithm.startsWith('PS') ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 } : {};
  return `${signed}.${signText('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363', ...pss }).toString('base64url')}`;
}
const payload = (more = ''): string => `{"iss":"${url}","aud":"my-client","username":"jane","exp":${VALID}${more}}`;
const UNSIGNED = 'oidc: verify token: failed to verify signature: failed to verify id token signature';

test('what the header says of a token, and what it must not ask for', async (t) => {
  const ask = async (header: string, algorithm?: string): Promise<unknown> => who(await written(payload(), header, undefined, algorithm));
  for (const header of ['{"alg":"RS256"}', '{"alg":"RS256","kid":""}', '{"alg":"RS256","kid":null}', '{"alg":"RS256","crit":["b64"],"b64":true}', '{"alg":"RS256","typ":5}']) t.deepEqual(await ask(header), ['jane'], header);
  t.deepEqual(await ask('{"alg":"PS256","kid":"one"}', 'PS256'), ['jane']);
  for (const header of ['{"alg":"RS256","crit":[]}', '{"alg":"RS256","crit":null}', '{"alg":"RS256","crit":["x"],"x":1}', '{"alg":"RS256","crit":["b64"],"b64":false}', '{"alg":"RS256","b64":false}', '{"alg":"PS256"}', '{"alg":"ES256"}', '{"alg":"RS384"}']) t.is(await ask(header), UNSIGNED, header);
  const malformed = 'oidc: verify token: oidc: malformed jwt: ';
  t.is(await ask('{"alg":5}'), `${malformed}failed to unmarshal algorithm: json: cannot unmarshal number into Go value of type string: "5"`);
  t.is(await ask('{"alg":"RS256","kid":5}'), `${malformed}failed to unmarshal key ID: json: cannot unmarshal number into Go value of type string: "5"`);
  t.is(await ask('{"alg":"none","alg":"RS256"}'), `${malformed}json: duplicate key 'alg' in object`);
  t.is(await ask('[]'), `${malformed}json: cannot unmarshal array into Go value of type jose.rawHeader`);
  t.is(await ask('{"alg":"RS256"}x'), `${malformed}invalid character 'x' after top-level value`);
  const unsupported = (algorithm: string): string => `oidc: verify token: oidc: id token signed with unsupported algorithm, expected ["ES256" "ES384" "ES512" "PS256" "PS384" "PS512" "RS256" "RS384" "RS512"] got "${algorithm}"`;
  for (const algorithm of ['none', 'HS256', 'EdDSA', 'rs256', '']) t.is(await ask(`{"alg":"${algorithm}"}`), unsupported(algorithm));
  const token = await written(payload());
  t.is(await who(`${token}==`), `${malformed}illegal base64 data at input byte 342`);
  t.deepEqual(await who(token.slice(0, token.lastIndexOf('.') + 1)), UNSIGNED);
  t.is(await who(token.slice(0, token.lastIndexOf('.'))), undefined);
});

test('claims that the protocol knows have its types', async (t) => {
  const ask = async (more: string): Promise<unknown> => who(await written(payload(more)));
  const unread = (why: string): string => `oidc: verify token: oidc: failed to unmarshal claims: json: cannot unmarshal ${why}`;
  const table: readonly (readonly [string, unknown])[] = [
    [',"sub":5', unread('number into Go struct field idToken.sub of type string')], [',"nonce":{}', unread('object into Go struct field idToken.nonce of type string')], [',"sub":null', ['jane']],
    [',"aud":5', unread('number into Go value of type []string')], [',"aud":["my-client",null]', ['jane']], [',"aud":null', 'oidc: verify token: oidc: expected audience "my-client" got [""]'],
    [',"exp":"5e9"', ['jane']], [',"exp":5000000000.5', ['jane']], [',"exp":true', unread('bool into Go value of type json.Number')], [',"exp":1e30', 'oidc: verify token: oidc: token is expired (Token Expiry: 0001-01-01 00:00:00 +0000 UTC)'],
    [',"iat":{}', unread('object into Go value of type json.Number')], [',"nbf":null', ['jane']],
    [',"_claim_names":5', unread('number into Go struct field idToken._claim_names of type map[string]string')], [',"_claim_names":{"a":5}', unread('number into Go struct field idToken._claim_names.a of type string')],
    [',"_claim_names":{"a":""}', 'oidc: verify token: oidc: failed to obtain source from claim name'], [',"_claim_sources":{"x":{"endpoint":5}}', unread('number into Go struct field idToken._claim_sources.x.endpoint of type string')],
  ];
  for (const [more, want] of table) t.deepEqual(await ask(more), want, more);
});

test('a key counts whatever it is said to be for, and one of an unknown kind makes the others no worse', async (t) => {
  const verifierKeys = new IssuerKeys({ url: `${url}/odd`, certificateAuthority: ca }, clock as never);
  const verifier = new TokenVerifier({ issuer: `${url}/odd`, audiences: ['my-client'], algorithms: ['RS256'], keys: verifierKeys, clock: clock as never });
  const token = await sign(claims({ iss: `${url}/odd` }));
  t.true('claims' in (await verifier.verify(token)));
});

test('other issuers take the place of those in force when they have told their keys', async (t) => {
  const issuer = (path: string): JwtIssuer => ({ issuer: { url: `${url}${path}`, certificateAuthority: ca, audiences: ['my-client'] }, claimMappings: { username: { claim: 'username', prefix: '' } } });
  const issuers = new JwtIssuers([issuer('')], { clock: clock as never, log: silentLogger, serverId: 'me' });
  const known = async (path: string): Promise<string | undefined> => (await issuers.authenticate(await sign(claims({ iss: `${url}${path}` }))))?.name;
  t.deepEqual([await known(''), await known('/odd')], ['jane', undefined]);
  await t.throwsAsync(issuers.replacement([issuer('/odd'), issuer('/silent')])());
  t.deepEqual([await known(''), await known('/odd')], ['jane', undefined]);
  t.throws(() => issuers.replacement([{ ...issuer('/odd'), userValidationRules: [{ expression: '(' }] }]));
  await issuers.replacement([issuer('/odd')])();
  t.deepEqual([await known(''), await known('/odd')], [undefined, 'jane']);
  const out = new Exposition();
  issuers.writeMetrics(out);
  const told = out.text().split('\n').filter((line) => /_count|jwks/.test(line) && !line.startsWith('#')).map((line) => line.replaceAll(/="sha256:[0-9a-f]*"/g, '').replace('apiserver_authentication_jwt_authenticator_', ''));
  t.deepEqual(told, ['latency_seconds_count{result="success",jwt_issuer_hash} 1', `jwks_fetch_last_timestamp_seconds{result="success",jwt_issuer_hash,apiserver_id_hash} ${NOW_MS / 1000}`, 'jwks_fetch_last_key_set_info{jwt_issuer_hash,apiserver_id_hash,hash} 1']);
});

test('a token that names no key is tried with all of the issuer', async (t) => {
  const nameless = (key: number): Promise<string> => new SignJWT(claims()).setProtectedHeader({ alg: 'RS256' }).sign(keys[key]!.privateKey);
  t.deepEqual([await who(await nameless(0)), await who(await nameless(1))], [['jane'], ['jane']]);
  t.regex(String(await who(await nameless(2))), /failed to verify id token signature/);
});

test('an issuer is found where its discovery document stands, and Google also without a scheme', async (t) => {
  t.deepEqual(await who(await sign(claims({ iss: `${url}/a/b` })), authenticator({ url: `${url}/a/b` })), ['jane']);
  const issuer = 'https://auth.example.com/a/b/foo/';
  t.deepEqual(await who(await sign(claims({ iss: issuer })), authenticator({ url: issuer, discoveryURL: `${url}/c/d/bar/.well-known/openid-configuration` })), ['jane']);
  t.is(await who(await sign(claims({ iss: 'https://auth.example.com' })), authenticator({ url: 'https://auth.example.com', discoveryURL: `${url}/c/d/bar/.well-known/openid-configuration` })), 'oidc: authenticator not initialized');
  t.is(await who(await sign(claims({ iss: 'accounts.google.com' })), authenticator({ url: 'https://accounts.google.com', discoveryURL: `${url}/c/` })), 'oidc: authenticator not initialized');
});

test('groups may stand elsewhere', async (t) => {
  const groups = (claim: string, path: string, more: JsonObject = {}): JsonObject => claims({ _claim_names: { [claim]: 'src1' }, _claim_sources: { src1: { endpoint: `${url}${path}`, access_token: 'groups_token' } }, ...more });
  const ask = async (path: string, found: JsonObject | undefined, more: JsonObject = {}): Promise<unknown> => {
    if (found) elsewhere.set(path, found);
    return who(await sign(groups('groups', path, more)));
  };
  const found = (more: JsonObject): JsonObject => ({ iss: url, aud: 'my-client', exp: VALID, ...more });
  t.deepEqual(await ask('/groups', found({ groups: ['team1', 'team2'] })), ['jane', 'team1', 'team2']);
  t.true(asked.includes('Bearer groups_token'));
  t.deepEqual(await ask('/one', found({ groups: 'team1' })), ['jane', 'team1']);
  t.deepEqual(await ask('/groups', undefined, { groups: 'own' }), ['jane', 'own']);
  t.deepEqual(await who(await sign(claims({ _claim_names: { groups: 'src1' }, _claim_sources: { src1: { JWT: 'some.jwt.token' } } }))), ['jane']);
  t.deepEqual(await who(await sign(groups('rabbits', '/groups'))), ['jane']);
  const failed = 'oidc: could not expand distributed claims: ';
  t.is(await ask('/none', found({})), `${failed}jwt returned by distributed claim endpoint "${url}/none" did not contain claim: groups`);
  t.is(await ask('/aud', found({ aud: 'your-client', groups: ['a'] })), `${failed}verify distributed claim token: oidc: expected audience "my-client" got ["your-client"]`);
  t.is(await ask('/late', found({ exp: EXPIRED, groups: ['a'] })), `${failed}verify distributed claim token: oidc: token is expired (Token Expiry: 2009-11-10 22:00:00 +0000 UTC)`);
  t.is(await ask('/gone', undefined), `${failed}while getting distributed claim "groups": error while getting distributed claim JWT: 404 Not Found`);
  t.is(await ask('/odd-issuer', found({ iss: `${url}/x`, groups: ['a'] })), `${failed}verifying untrusted issuer ${url}/x failed: verifier not initialized for issuer: "${url}/x"`);
  t.is(await ask('/', undefined), `${failed}getting untrusted issuer from endpoint ${url}/ failed for claim "groups": token is not compact JWT`);
  for (const sources of [{}, { _claim_sources: { src1: {} } }]) t.is(await who(await sign(claims({ _claim_names: { groups: 'nonexistent' }, ...sources }))), 'oidc: verify token: oidc: source does not exist');
});
