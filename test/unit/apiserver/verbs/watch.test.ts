import test, { type ExecutionContext } from 'ava';
import { CONFIG_MAPS } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import type { Call } from '#apiserver/call.ts';
import type { Environment } from '#apiserver/environment.ts';
import { WatchEvents } from '#apiserver/metrics/watch-events.ts';
import { openWatch, type WatchItem, type WatchSink } from '#apiserver/verbs/watch.ts';
import { silentLogger } from '#base/logger.ts';
import { createMemoryStore } from '#store/memory/memory-store.ts';
import type { Write } from '#store/object-store.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { waitFor } from '#test/support/wait.ts';
import { createWatchCache } from '#watchcache/store-watch-cache.ts';

/** More than are told in one turn of the event loop. */
const OBJECTS = 1_200;
const nameOf = (i: number): string => `m-${String(i).padStart(4, '0')}`;
const put = (i: number): Write =>
  ({ type: 'put', key: { resource: 'configmaps', namespace: 'default', name: nameOf(i) }, value: JSON.stringify({ metadata: { namespace: 'default', name: nameOf(i) } }), expect: 'any' });

/** A store with so many objects, and its watches. */
async function scene(t: ExecutionContext, objects: number) {
  const clock = new ManualClock(0);
  const store = createMemoryStore({ clock, retention: { maxAgeMs: 60_000, maxEvents: 10_000 } });
  await store.transaction(Array.from({ length: objects }, (_, i) => put(i)));
  const cache = createWatchCache({ store, clock, log: silentLogger, windowEvents: 100, bookmarkIntervalMs: 60_000 });
  t.teardown(async () => {
    await cache.close();
    await store.close();
  });
  await cache.ready();
  const env = { cache, clock, schema: loadSchema(), requests: { watchEvents: new WatchEvents() } } as unknown as Environment;
  const open = (query: Readonly<Record<string, string>>, send: WatchSink['send'], end = (): void => {}) =>
    openWatch(env, { info: { resource: CONFIG_MAPS, namespace: 'default', name: '' }, query: { watch: 'true', ...query } } as unknown as Call, { send, end });
  return { clock, store, cache, open };
}

test('a long initial state is told in parts, and what changes meanwhile after all of it', async (t) => {
  const { store, open } = await scene(t, OBJECTS);
  const parts: { readonly items: readonly WatchItem[]; readonly isInitial: boolean }[] = [];
  const told = (): readonly string[] => parts.flatMap(({ items }) => items.map(({ type, object }) => `${type} ${object.metadata.name}`));
  const send = (items: readonly WatchItem[], isInitial = false): void => {
    if (parts.length === 0) void store.transaction([put(0)]);
    parts.push({ items, isInitial });
  };
  const stop = await open({ sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true' }, send);
  await waitFor(() => told().length > OBJECTS + 1, { what: 'the change' });
  stop();
  t.deepEqual(told(), [...Array.from({ length: OBJECTS }, (_, i) => `ADDED ${nameOf(i)}`), 'BOOKMARK undefined', `MODIFIED ${nameOf(0)}`]);
  t.deepEqual(parts.map(({ items, isInitial }) => [items.length, isInitial]), [[500, true], [500, true], [200, true], [1, false], [1, false]]);
});

const elsewhere: Write = { type: 'put', key: { resource: 'secrets', namespace: 'default', name: 's' }, value: JSON.stringify({ metadata: { namespace: 'default', name: 's' } }), expect: 'any' };

for (const [rule, changes, bookmarks, told] of [
  ['two seconds before its end a watch tells how far it has come', [elsewhere], 'true', ['BOOKMARK 4']],
  ['not when it has told that already', [elsewhere, put(0)], 'true', ['MODIFIED 5']],
  ['not to who takes no bookmarks', [elsewhere], 'false', []],
] as const) {
  test(`the last bookmark: ${rule}`, async (t) => {
    const { clock, store, cache, open } = await scene(t, 2);
    const events: string[] = [];
    let isOver = false;
    const send: WatchSink['send'] = (items) => void events.push(...items.map(({ type, object }) => `${type} ${object.metadata.resourceVersion}`));
    await open({ resourceVersion: String(cache.revision), allowWatchBookmarks: bookmarks, timeoutSeconds: '10' }, send, () => (isOver = true));
    for (const change of changes) await store.transaction([change]);
    await cache.sync();
    await clock.advance(7_999);
    t.deepEqual(events, told.filter((event) => !event.startsWith('BOOKMARK')));
    await clock.advance(1);
    t.deepEqual(events, told);
    t.false(isOver);
    await clock.advance(2_000);
    t.deepEqual(events, told);
    t.true(isOver);
  });
}

test('a watch of less than no time is over at once', async (t) => {
  const { clock, open } = await scene(t, 1);
  let isOver = false;
  await open({ timeoutSeconds: '-1', resourceVersion: '0' }, () => {}, () => (isOver = true));
  await clock.advance(0);
  t.true(isOver);
});
