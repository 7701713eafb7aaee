import test from 'ava';
import type { Transaction } from '#api/headway/v1/transaction.ts';
import type { WatchEvent } from '#api/transport.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';

let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(() => plane?.stop());

const configMap = (namespace: string, name: string, data: Record<string, unknown> = { a: '1' }) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data });

async function run(items: readonly object[]): Promise<NonNullable<Transaction['status']>> {
  const body = { apiVersion: 'headway.dev/v1', kind: 'Transaction', metadata: {}, spec: { fieldManager: 'headway', items } };
  const answer = await plane.server.handle({ method: 'POST', path: '/apis/headway.dev/v1/transactions', body }, ADMIN);
  return (answer.body as Transaction).status as NonNullable<Transaction['status']>;
}
const get = (path: string) => plane.server.handle({ method: 'GET', path }, ADMIN);

test('a namespace and what goes into it are made at once', async (t) => {
  const status = await run([{ apply: configMap('fresh', 'one') }, { apply: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'fresh' } } }]);
  t.true(status.committed);
  t.deepEqual(status.items.map((i) => i.outcome), ['created', 'created']);
  t.is((await get('/api/v1/namespaces/fresh/configmaps/one')).status, 200);
});

test('one invalid item keeps all others from being written, and is named', async (t) => {
  const status = await run([{ apply: configMap('default', 'good') }, { apply: configMap('default', 'Bad_Name') }]);
  t.false(status.committed);
  t.is(status.items[0]?.error, undefined);
  t.is(status.items[1]?.error?.reason, 'Invalid');
  t.is((await get('/api/v1/namespaces/default/configmaps/good')).status, 404);
});

test('an item that changes nothing writes nothing', async (t) => {
  const first = await run([{ apply: configMap('default', 'same') }]);
  const status = await run([{ apply: configMap('default', 'same') }]);
  t.deepEqual(status.items.map((i) => i.outcome), ['unchanged']);
  t.is(status.items[0]?.object?.metadata.resourceVersion, first.items[0]?.object?.metadata.resourceVersion);
});

test('what is deleted goes with the rest, and what is absent stays so', async (t) => {
  await run([{ apply: configMap('default', 'old') }]);
  const status = await run([{ delete: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'old' } }, { delete: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'never' } }, { apply: configMap('default', 'new') }]);
  t.deepEqual(status.items.map((i) => i.outcome), ['deleted', 'absent', 'created']);
  t.is((await get('/api/v1/namespaces/default/configmaps/old')).status, 404);
});

test('a watch with initial events tells their end, then what follows', async (t) => {
  const abort = new AbortController();
  const query = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true', fieldSelector: 'metadata.name=watched' };
  const seen: WatchEvent[] = [];
  for await (const event of plane.server.watch({ method: 'GET', path: '/api/v1/namespaces/default/configmaps', query, signal: abort.signal }, ADMIN)) {
    seen.push(event);
    if (event.type === 'BOOKMARK' && event.object.metadata.annotations?.['k8s.io/initial-events-end'] === 'true') await run([{ apply: configMap('default', 'watched') }]);
    if (event.type === 'ADDED') abort.abort();
  }
  // Further bookmarks come as time goes by.
  t.deepEqual(seen.filter((e, i) => i === 0 || e.type !== 'BOOKMARK').map((e) => e.type), ['BOOKMARK', 'ADDED']);
});

test('of a client that gives up before the commit nothing is written, and a dry run after it sees what is stored', async (t) => {
  const spec = { fieldManager: 'headway', items: [{ apply: configMap('default', 'late') }] };
  const body = { apiVersion: 'headway.dev/v1', kind: 'Transaction', metadata: {}, spec };
  const leaving = new AbortController();
  const answer = plane.server.handle({ method: 'POST', path: '/apis/headway.dev/v1/transactions', body, signal: leaving.signal }, ADMIN);
  leaving.abort();
  t.is((await answer).status, 504);
  const dry = await plane.server.handle({ method: 'POST', path: '/apis/headway.dev/v1/transactions', body: { ...body, spec: { ...spec, dryRun: true } } }, ADMIN);
  t.is((dry.body as Transaction).status?.items[0]?.outcome, 'created');
});

test('an item that replaces drops what others have set, but for finalizers, and then changes nothing', async (t) => {
  await run([{ apply: configMap('default', 'put', { a: '1', b: '1' }) }]);
  const body = { metadata: { annotations: { theirs: 'x' }, finalizers: ['example.org/hold'] }, data: { theirs: 'x' } };
  await plane.server.handle({ method: 'PATCH', path: '/api/v1/namespaces/default/configmaps/put', query: { fieldManager: 'someone' }, contentType: 'application/merge-patch+json', body }, ADMIN);
  const item = { apply: configMap('default', 'put', { a: '2' }), replaces: true };
  const { items: [first] } = await run([item]);
  t.is(first?.outcome, 'updated');
  t.deepEqual((first?.object as { readonly data?: object } | undefined)?.data, { a: '2' });
  t.deepEqual(first?.object?.metadata.finalizers, ['example.org/hold']);
  t.is(first?.object?.metadata.annotations, undefined);
  t.deepEqual(first?.object?.metadata.managedFields?.map(({ manager, operation }) => `${manager} ${operation}`), ['headway Apply', 'someone Update'], 'of the finalizer');
  t.is((await run([item])).items[0]?.outcome, 'unchanged');
  t.is((await run([{ apply: configMap('default', 'made'), replaces: true }])).items[0]?.outcome, 'created');
});

test('an item may be checked less strictly than the others', async (t) => {
  const odd = { ...configMap('default', 'odd'), odd: 1 };
  const query = { fieldValidation: 'Strict' };
  const ask = async (item: object) => {
    const body = { apiVersion: 'headway.dev/v1', kind: 'Transaction', metadata: {}, spec: { fieldManager: 'headway', items: [item] } };
    return ((await plane.server.handle({ method: 'POST', path: '/apis/headway.dev/v1/transactions', query, body }, ADMIN)).body as Transaction).status;
  };
  t.regex((await ask({ apply: odd }))?.items[0]?.error?.message ?? '', /unknown field "odd"/);
  t.true((await ask({ apply: odd, fieldValidation: 'Ignore' }))?.committed);
});
