import test from 'ava';
import { CONFIG_MAPS } from '#api/resources.ts';
import type { Call } from '#apiserver/call.ts';
import type { Environment } from '#apiserver/environment.ts';
import { WatchEvents } from '#apiserver/metrics/watch-events.ts';
import { openWatch, type WatchItem } from '#apiserver/verbs/watch.ts';
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

test('a long initial state is told in parts, and what changes meanwhile after all of it', async (t) => {
  const clock = new ManualClock(0);
  const store = createMemoryStore({ clock, retention: { maxAgeMs: 60_000, maxEvents: 10_000 } });
  await store.transaction(Array.from({ length: OBJECTS }, (_, i) => put(i)));
  const cache = createWatchCache({ store, clock, log: silentLogger, windowEvents: 100, bookmarkIntervalMs: 1_000 });
  t.teardown(async () => {
    await cache.close();
    await store.close();
  });
  await cache.ready();
  const parts: { readonly items: readonly WatchItem[]; readonly isInitial: boolean }[] = [];
  const told = (): readonly string[] => parts.flatMap(({ items }) => items.map(({ type, object }) => `${type} ${object.metadata.name}`));
  const send = (items: readonly WatchItem[], isInitial = false): void => {
    if (parts.length === 0) void store.transaction([put(0)]);
    parts.push({ items, isInitial });
  };
  const query = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: 'true' };
  const env = { cache, clock, requests: { watchEvents: new WatchEvents() } } as unknown as Environment;
  const stop = await openWatch(env, { info: { resource: CONFIG_MAPS, namespace: 'default', name: '' }, query } as unknown as Call, { send, end: () => {} });
  await waitFor(() => told().length > OBJECTS + 1, { what: 'the change' });
  stop();
  t.deepEqual(told(), [...Array.from({ length: OBJECTS }, (_, i) => `ADDED ${nameOf(i)}`), 'BOOKMARK undefined', `MODIFIED ${nameOf(0)}`]);
  t.deepEqual(parts.map(({ items, isInitial }) => [items.length, isInitial]), [[500, true], [500, true], [200, true], [1, false], [1, false]]);
});
