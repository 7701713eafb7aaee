import test from 'ava';
import type { Secret } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ApiRequest, UserInfo } from '#api/transport.ts';
import { SecretTokens } from '#apiserver/authn/secret-tokens.ts';
import { ensurePki } from '#apiserver/pki/pki.ts';
import { systemClock } from '#base/clock.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { https } from '#test/support/https.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';
import { waitFor } from '#test/support/wait.ts';

const NAMESPACE = '/api/v1/namespaces/default';
let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(() => plane?.stop());

const send = async (method: ApiRequest['method'], path: string, body?: object) => {
  const { status, body: answer } = await plane.server.handle({ method, path, ...(body ? { body } : {}), ...(method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {}) }, ADMIN);
  return { status, answer: answer as Secret & KubeObject };
};
const text = (secret: Secret, key: string): string => Buffer.from(secret.data?.[key] ?? '', 'base64').toString();
const secretFor = (account: string, name: string, more: object = {}): object =>
  ({ type: 'kubernetes.io/service-account-token', metadata: { name, annotations: { 'kubernetes.io/service-account.name': account } }, ...more });

/** An account, and the secret of it when it holds a token. */
async function withToken(account: string, name = `${account}-token`): Promise<Secret & KubeObject> {
  await send('POST', `${NAMESPACE}/serviceaccounts`, { metadata: { name: account } });
  await send('POST', `${NAMESPACE}/secrets`, secretFor(account, name));
  return filled(name);
}

const filled = (name: string): Promise<Secret & KubeObject> => waitFor(async () => {
  const { answer } = await send('GET', `${NAMESPACE}/secrets/${name}`);
  return answer.data?.['token'] ? answer : undefined;
}, { what: `a token in ${name}` });
const isGone = (name: string): Promise<boolean> => waitFor(async () => (await send('GET', `${NAMESPACE}/secrets/${name}`)).status === 404, { what: `${name} to go` });

/** With what has been written so far: the server's cache may be behind for a moment. */
const use = async (token: string) => {
  await plane.cache.sync();
  return https({ url: `${plane.url}/version`, ca: plane.pki.ca, headers: { authorization: `Bearer ${token}` } });
};
const review = async (token: string, audiences: readonly string[] = []) => (await send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token, audiences } })).answer;

test('a secret that is made for an account gets a token, which lets in as long as the secret holds it', async (t) => {
  const secret = await withToken('outside');
  t.is(text(secret, 'namespace'), 'default');
  t.is(text(secret, 'ca.crt'), plane.pki.ca);
  t.is(secret.metadata.annotations?.['kubernetes.io/service-account.uid'], (await send('GET', `${NAMESPACE}/serviceaccounts/outside`)).answer.metadata.uid);
  const token = text(secret, 'token');
  t.like(await review(token), { status: { authenticated: true, user: { username: 'system:serviceaccount:default:outside', groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'] } } });
  t.like(await review(token, ['vault']), { status: { authenticated: false } });
  t.is((await use(token)).status, 200);
  await send('DELETE', `${NAMESPACE}/secrets/outside-token`);
  t.is((await use(token)).status, 401);
});

test('a TokenReview says why a token in a secret is valid no more', async (t) => {
  const error = async (token: string): Promise<string | undefined> => (await review(token) as { readonly status?: { readonly error?: string } }).status?.error?.replace(/^\[invalid bearer token, (.*)\]$/, '$1');
  const token = text(await withToken('told'), 'token');
  const change = async (body: object): Promise<void> => {
    await send('PATCH', `${NAMESPACE}/secrets/told-token`, body);
    await plane.cache.sync();
  };
  await change({ metadata: { labels: { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' } } });
  t.regex(await error(token) ?? '', /^the token in secret default\/told-token for service account default\/told has been marked invalid\. Use tokens from the TokenRequest API .* remove the 'kubernetes\.io\/legacy-token-invalid-since' label/);
  await change({ data: { token: Buffer.from('other').toString('base64') } });
  t.is(await error(token), "Token does not match server's copy");
  await send('DELETE', `${NAMESPACE}/secrets/told-token`);
  await plane.cache.sync();
  t.is(await error(token), 'Token has been invalidated');
  t.is(await error(`${token.slice(0, -4)}AAAA`), 'go-jose/go-jose: error in cryptographic primitive');
});

test('who takes the token out of the secret ends it, and gets a new one', async (t) => {
  const old = await withToken('renewed');
  await send('PATCH', `${NAMESPACE}/secrets/renewed-token`, { data: { token: null, 'ca.crt': null, note: Buffer.from('mine').toString('base64') } });
  const next = await filled('renewed-token');
  t.is(text(next, 'note'), 'mine');
  t.is(text(next, 'ca.crt'), plane.pki.ca);
  t.is((await use(text(next, 'token'))).status, 200);
  t.is((await use(text(old, 'token'))).status, 401);
});

test('an account no longer lists a secret that is gone, and lists the others', async (t) => {
  await withToken('listing');
  const listed = async (): Promise<readonly unknown[] | undefined> => ((await send('GET', `${NAMESPACE}/serviceaccounts/listing`)).answer as { readonly secrets?: readonly unknown[] }).secrets;
  await send('PATCH', `${NAMESPACE}/serviceaccounts/listing`, { secrets: [{ name: 'listing-token' }, { name: 'absent' }] });
  await send('DELETE', `${NAMESPACE}/secrets/listing-token`);
  await waitFor(async () => (await listed())?.length === 1, { what: 'the secret to be listed no more' });
  t.deepEqual(await listed(), [{ name: 'absent' }]);
});

test('a secret whose token is empty gets one', async (t) => {
  await send('POST', `${NAMESPACE}/serviceaccounts`, { metadata: { name: 'empty' } });
  await send('POST', `${NAMESPACE}/secrets`, secretFor('empty', 'empty-token', { data: { token: '', namespace: '' } }));
  t.is(text(await filled('empty-token'), 'namespace'), 'default');
});

test('the secrets of an account go with it, and none is kept for an account that is not there', async (t) => {
  const token = text(await withToken('leaving'), 'token');
  await send('DELETE', `${NAMESPACE}/serviceaccounts/leaving`);
  t.is((await use(token)).status, 401);
  t.true(await isGone('leaving-token'));
  await send('POST', `${NAMESPACE}/secrets`, secretFor('nobody', 'nobody-token'));
  t.true(await isGone('nobody-token'));
});

test('a token that somebody else signed does not let in, though a secret holds it', async (t) => {
  const foreign = await ensurePki({ directory: temporaryDirectory('headway-foreign'), addresses: ['127.0.0.1'], serviceAddress: '10.96.0.1', clock: systemClock });
  await send('POST', `${NAMESPACE}/serviceaccounts`, { metadata: { name: 'forged' } });
  const { uid = '' } = (await send('GET', `${NAMESPACE}/serviceaccounts/forged`)).answer.metadata;
  const tokens = new SecretTokens({ keys: foreign.tokenKeys, cache: plane.cache, clock: systemClock });
  const token = await tokens.issue({ namespace: 'default', secret: 'forged-token', account: { name: 'forged', uid } });
  await send('POST', `${NAMESPACE}/secrets`, secretFor('forged', 'forged-token', { data: { token: Buffer.from(token).toString('base64') } }));
  await plane.cache.sync();
  t.is((await tokens.authenticate(token) as UserInfo).name, 'system:serviceaccount:default:forged');
  t.is((await use(token)).status, 401);
});

test('a secret says on which day its token was last used, and a token that is marked as invalid lets nobody in', async (t) => {
  const LAST_USED = 'kubernetes.io/legacy-token-last-used';
  const token = text(await withToken('used'), 'token');
  const path = `${NAMESPACE}/secrets/used-token`;
  const labelsOf = async (): Promise<Readonly<Record<string, string>>> => (await send('GET', path)).answer.metadata.labels ?? {};
  t.is((await labelsOf())[LAST_USED], undefined);
  const today = (): string => new Date().toISOString().slice(0, 10);
  const began = today();
  const isRecent = (day: string | undefined): boolean => day !== undefined && [began, today()].includes(day);
  t.is((await use(token)).status, 200);
  await waitFor(async () => isRecent((await labelsOf())[LAST_USED]), { what: 'the day of the use' });
  await send('PATCH', path, { metadata: { labels: { [LAST_USED]: '2001-01-01' } } });
  await waitFor(async () => (await use(token)).status === 200 && isRecent((await labelsOf())[LAST_USED]), { what: 'the day to be brought up to date' });
  await send('PATCH', path, { metadata: { labels: { 'kubernetes.io/legacy-token-invalid-since': '2001-01-01' } } });
  t.is((await use(token)).status, 401);
});
