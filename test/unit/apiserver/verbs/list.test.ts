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
  return { cache, clock } as unknown as Environment;
}

const callFor = (query: Readonly<Record<string, string>>): Call => ({ info: { resource: CONFIG_MAPS, namespace: 'default', name: '' }, query }) as unknown as Call;

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

test('a page that ends with the last object that is chosen is the last one', async (t) => {
  const env = await environment(t);
  const found = await pages(env, { labelSelector: 'fifth=true', limit: '250' });
  t.deepEqual(found.map(({ length }) => length), [250, 250]);
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
