import test, { type ExecutionContext } from 'ava';
import { CONFIG_MAPS } from '#api/resources.ts';
import type { StatusError } from '#api/status-error.ts';
import type { Call } from '#apiserver/call.ts';
import type { Environment } from '#apiserver/environment.ts';
import { list } from '#apiserver/verbs/list.ts';
import { silentLogger } from '#base/logger.ts';
import { createMemoryStore } from '#store/memory/memory-store.ts';
import type { Write } from '#store/object-store.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { createWatchCache } from '#watchcache/store-watch-cache.ts';

/** More than are looked at in one turn of the event loop. */
const OBJECTS = 2_500;
const nameOf = (i: number): string => `m-${String(i).padStart(4, '0')}`;

function put(i: number): Write {
  const metadata = { namespace: 'default', name: nameOf(i), labels: { fifth: String(i % 5 === 0) } };
  return { type: 'put', key: { resource: 'configmaps', namespace: 'default', name: nameOf(i) }, value: JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata }), expect: 'any' };
}

async function environment(t: ExecutionContext, clock = new ManualClock(0)): Promise<Environment> {
  const store = createMemoryStore({ clock, retention: { maxAgeMs: 60_000, maxEvents: 10_000 } });
  await store.transaction(Array.from({ length: OBJECTS }, (_, i) => put(i)));
  const cache = createWatchCache({ store, clock, log: silentLogger, windowEvents: 100, bookmarkIntervalMs: 1_000 });
  t.teardown(async () => {
    await cache.close();
    await store.close();
  });
  await cache.ready();
  return { cache, clock, store } as unknown as Environment;
}

const callFor = (query: Readonly<Record<string, string>>, info: Partial<Call['info']> = {}): Call => ({ info: { resource: CONFIG_MAPS, namespace: 'default', name: '', ...info }, query }) as unknown as Call;

/** Names on each page. */
async function pages(env: Environment, query: Readonly<Record<string, string>>): Promise<readonly (readonly string[])[]> {
  const found: string[][] = [];
  for (let token: string | undefined = ''; token !== undefined;) {
    const { items, metadata } = await list(env, callFor({ ...query, ...(token === '' ? {} : { continue: token }) }));
    found.push(items.map(({ object }) => object.metadata.name));
    token = metadata.continue;
  }
  return found;
}

test('what a selector chooses comes in full pages, in order and once, however far apart it lies', async (t) => {
  const env = await environment(t);
  const chosen = Array.from({ length: OBJECTS / 5 }, (_, i) => nameOf(i * 5));
  const found = await pages(env, { labelSelector: 'fifth=true', limit: '150' });
  t.deepEqual(found.map(({ length }) => length), [150, 150, 150, 50]);
  t.deepEqual(found.flat(), chosen);
  t.deepEqual(await pages(env, { labelSelector: 'fifth=true' }), [chosen]);
});

test('what lies beyond a full page is looked at with the next one, which may be empty', async (t) => {
  const env = await environment(t);
  for (const [labelSelector, limit, lengths] of [['fifth=true', '250', [250, 250, 0]], ['fifth=false', '1000', [1000, 1000]], ['fifth=none', '10', [0]]] as const) {
    const found = await pages(env, { labelSelector, limit });
    t.deepEqual(found.map(({ length }) => length), lengths, labelSelector);
  }
});

test('a list of any version is whole, whatever its limit, and so is the rest of one that was begun with another version', async (t) => {
  const env = await environment(t);
  for (const query of [{ resourceVersion: '0' }, { resourceVersion: '0', resourceVersionMatch: 'NotOlderThan' }, { resourceVersion: '0', labelSelector: 'fifth' }]) {
    const { items, metadata } = await list(env, callFor({ limit: '10', ...query }));
    t.deepEqual([items.length, metadata.continue, metadata.remainingItemCount], [OBJECTS, undefined, undefined]);
  }
  const { metadata } = await list(env, callFor({ limit: '10' }));
  const rest = await list(env, callFor({ limit: '10', resourceVersion: '0', continue: metadata.continue ?? '' }));
  t.deepEqual([rest.items.length, rest.metadata.continue], [OBJECTS - 10, undefined]);
});

test('a page of one name has nothing behind it, and is of no older version than it was asked for', async (t) => {
  const env = await environment(t);
  const revision = env.cache.revision;
  await env.store.transaction([put(1)]);
  await env.cache.sync();
  const one = { limit: '1', fieldSelector: `metadata.name=${nameOf(0)}` };
  const { items, metadata } = await list(env, callFor({ ...one, resourceVersion: String(revision) }, { selectedName: nameOf(0) }));
  t.deepEqual([items.length, metadata], [1, { resourceVersion: String(revision + 1) }]);
  t.is((await list(env, callFor({ ...one, resourceVersion: String(revision), resourceVersionMatch: 'Exact' }, { selectedName: nameOf(0) }))).metadata.resourceVersion, String(revision));
});

test('where a selector leaves one namespace, nothing of another lies behind a page', async (t) => {
  const env = await environment(t);
  await env.store.transaction([{ ...put(0), key: { resource: 'configmaps', namespace: 'other', name: nameOf(0) }, value: JSON.stringify({ metadata: { namespace: 'other', name: nameOf(0) } }) } as Write]);
  await env.cache.sync();
  const found = async (fieldSelector: string, limit: number) => (await list(env, callFor({ fieldSelector, limit: String(limit) }, { namespace: '' }))).metadata.continue;
  t.is(await found('metadata.namespace=default', OBJECTS), undefined);
  t.truthy(await found('metadata.namespace!=other', OBJECTS));
});

test('a selector that says nothing is refused before anything else', async (t) => {
  const env = await environment(t);
  for (const query of [{ resourceVersion: 'x' }, { continue: 'x' }] as const) await t.throwsAsync(async () => list(env, callFor({ ...query, labelSelector: '==' })), { message: /^found '=='/ });
});

const MINUTE_MS = 60_000;

test('pages show one state for minutes; after that a token is told to go on with the present one, and that lasts as long again', async (t) => {
  const clock = new ManualClock(0);
  const env = await environment(t, clock);
  const page = (token: string) => list(env, callFor({ limit: '1000', continue: token }));
  const first = await list(env, callFor({ limit: '1000' }));
  const token = first.metadata.continue ?? '';
  await clock.advance(5 * MINUTE_MS);
  const second = await page(token);
  t.is(second.items[0]?.object.metadata.name, nameOf(1000));
  await clock.advance(4 * MINUTE_MS);
  for (const old of [token, second.metadata.continue ?? '']) await t.throwsAsync(async () => page(old), { message: /too old to display a consistent list/ });
  const error = await t.throwsAsync(async () => page(token));
  const current = await page((error as StatusError).data.status.metadata?.continue ?? '');
  t.is(current.items[0]?.object.metadata.name, nameOf(1000));
  await clock.advance(5 * MINUTE_MS);
  t.is((await page(current.metadata.continue ?? '')).items.length, 500);
});
