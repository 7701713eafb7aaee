import type { ExecutionContext, TestFn } from 'ava';
import fc from 'fast-check';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { RevisionCompactedError, StoreUnavailableError } from '#store/errors.ts';
import type { ObjectKey, ObjectStore, Write } from '#store/object-store.ts';
import { recordWatch } from '#test/support/record-watch.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { CacheClosedError, FutureRevisionError, TimeoutError } from '#watchcache/errors.ts';
import { createWatchCache as createCache, type WatchCacheOptions } from '#watchcache/store-watch-cache.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';

const RESOURCE = 'configmaps';
const BOOKMARK_MS = 1000;
const key = (name: string, namespace = 'default', resource = RESOURCE): ObjectKey => ({ resource, namespace, name });
const bodyOf = (k: ObjectKey, data: string): string =>
  JSON.stringify({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: k.name, namespace: k.namespace }, data: { data } });
const put = (k: ObjectKey, data = '1'): Write => ({ type: 'put', key: k, value: bodyOf(k, data), expect: 'any' });
const remove = (k: ObjectKey): Write => ({ type: 'delete', key: k, expect: 'any' });

interface Setup { readonly store: ObjectStore; readonly cache: WatchCache; readonly clock: ManualClock }
export type OpenStore = (t: ExecutionContext) => Promise<ObjectStore>;

/** What the watch cache does over any store, and wherever it keeps its texts. */
export function testWatchCache(test: TestFn, openStore: OpenStore, spill?: WatchCacheOptions['spill']): void {
  const createWatchCache = (options: WatchCacheOptions): WatchCache => createCache({ ...options, ...(spill && { spill }) });
  const open = async (t: ExecutionContext, windowEvents = 100, before: readonly Write[] = []): Promise<Setup> => {
    const store = await openStore(t);
    if (before.length > 0) await store.transaction(before);
    const clock = new ManualClock(0);
    const cache = createWatchCache({ store, log: silentLogger, clock, windowEvents, bookmarkIntervalMs: BOOKMARK_MS });
    t.teardown(async () => {
      await cache.close();
      await store.close();
    });
    await cache.ready();
    return { store, cache, clock };
  };
  const write = async ({ store, cache }: Setup, ...writes: Write[]): Promise<readonly number[]> => {
    const result = await store.transaction(writes);
    if (!result.ok) throw new Error(`write ${result.index} was refused`);
    await cache.waitFor(result.revisions.at(-1) as number);
    return result.revisions;
  };
  const names = (cache: WatchCache, options = {}): string[] => cache.list(RESOURCE, options).items.map(({ object: { metadata } }) => `${metadata.namespace}/${metadata.name}`);

  test('what was stored before is there when ready, at the store\'s revision', async (t) => {
    const { store, cache } = await open(t, 100, [put(key('a'))]);
    t.is(cache.revision, await store.revision());
    t.is(cache.get(RESOURCE, 'default', 'a')?.object.metadata.resourceVersion, String(cache.revision));
    t.is(cache.get(RESOURCE, 'default', 'b'), undefined);
    t.deepEqual(cache.list('pods'), { items: [], revision: cache.revision, remaining: 0 });
  });

  test('an object is decoded once, and has its resourceVersion in its text too', async (t) => {
    const setup = await open(t);
    const [revision] = await write(setup, put(key('a')));
    const cached = setup.cache.get(RESOURCE, 'default', 'a');
    t.is(cached?.object, cached?.object);
    t.deepEqual(JSON.parse(String(cached?.json())), cached?.object);
    t.is(cached?.object.metadata.resourceVersion, String(revision));
  });

  test('lists are in the order of keys that Kubernetes has, by namespace or all, in pages with what remains', async (t) => {
    const setup = await open(t);
    await write(setup, ...[key('b', 'x'), key('a', 'x'), key('z', 'a'), key('a', 'x-y'), key('c', 'x'), key('a.b', 'x')].map((k) => put(k)));
    const { cache } = setup;
    t.deepEqual(names(cache), ['a/z', 'x-y/a', 'x/a', 'x/a.b', 'x/b', 'x/c']);
    t.deepEqual(names(cache, { namespace: 'x' }), ['x/a', 'x/a.b', 'x/b', 'x/c']);
    t.deepEqual(names(cache, { namespace: 'x', after: { namespace: 'x', name: 'a' }, limit: 2 }), ['x/a.b', 'x/b']);
    t.is(cache.list(RESOURCE, { namespace: 'x', limit: 1 }).remaining, 3);
    t.is(cache.list(RESOURCE, { namespace: 'a', after: { namespace: 'x', name: 'a' } }).remaining, 0);
  });

  test('the later pages of a list show its revision though objects come, change and go', async (t) => {
    const setup = await open(t);
    const revisions = await write(setup, ...['a', 'c', 'e', 'g'].map((name) => put(key(name))));
    const revision = revisions.at(-1) as number;
    await write(setup, remove(key('c')), put(key('d')), put(key('e'), '2'));
    await write(setup, remove(key('d')), put(key('c'), '3'));
    const page = setup.cache.list(RESOURCE, { revision, after: { namespace: 'default', name: 'a' }, limit: 2 });
    t.deepEqual(page.items.map((i) => [i.object.metadata.name, i.revision]), [['c', revisions[1]], ['e', revisions[2]]]);
    t.deepEqual([page.revision, page.remaining], [revision, 1]);
  });

  test('a list at a revision inside a transaction shows the state before it, and says so', async (t) => {
    const setup = await open(t);
    const [before = 0] = await write(setup, put(key('a')));
    const [, inside = 0] = await write(setup, put(key('b')), put(key('c')), put(key('d')));
    const list = setup.cache.list(RESOURCE, { revision: inside });
    t.deepEqual([list.items.map((i) => i.object.metadata.name), list.revision], [['a'], inside - 2]);
    t.true(list.revision >= before);
  });

  test('a list at a revision that left the window, or is to come, is refused', async (t) => {
    const setup = await open(t, 2);
    const [first = 0] = await write(setup, put(key('a')));
    for (const name of ['b', 'c', 'd']) await write(setup, put(key(name)));
    t.throws(() => setup.cache.list(RESOURCE, { revision: first }), { instanceOf: RevisionCompactedError });
    t.throws(() => setup.cache.list(RESOURCE, { revision: setup.cache.revision + 1 }), { instanceOf: FutureRevisionError });
  });

  test('a watch gets each event with its previous state, one call a transaction', async (t) => {
    const setup = await open(t, 100, [put(key('a'), 'old')]);
    const watch = recordWatch(setup.cache, RESOURCE);
    await write(setup, put(key('a'), 'new'), put(key('b')));
    await write(setup, remove(key('a')));
    t.deepEqual(watch.calls.map((events) => events.map((e) => [e.type, e.current.object.metadata.name, e.previous !== undefined])), [
      [['put', 'a', true], ['put', 'b', false]], [['delete', 'a', true]],
    ]);
    const removal = watch.calls[1]?.[0];
    t.is(removal?.current.object.metadata.resourceVersion, String(removal?.revision));
  });

  test('a watch of a namespace or resource gets nothing of others, and none after it was stopped', async (t) => {
    const setup = await open(t);
    const watch = recordWatch(setup.cache, RESOURCE, { namespace: 'x' });
    await write(setup, put(key('a', 'y')), put(key('a', 'x', 'pods')), put(key('b', 'x')));
    watch.stop();
    await write(setup, put(key('c', 'x')));
    t.deepEqual(watch.names(), ['b']);
  });

  test('a watch that resumes gets what it missed, also inside a transaction, then what comes', async (t) => {
    const setup = await open(t);
    const [, inside = 0] = await write(setup, put(key('a')), put(key('b')), put(key('c')));
    await write(setup, put(key('d')));
    const watch = recordWatch(setup.cache, RESOURCE, { afterRevision: inside });
    t.deepEqual(watch.names(), [], 'no callback before watch returns');
    await write(setup, put(key('e')));
    t.deepEqual(watch.calls.map((events) => events.map((e) => e.current.object.metadata.name)), [['c'], ['d'], ['e']]);
  });

  test('a watch from before the window is refused; a busy resource does not push out another', async (t) => {
    const setup = await open(t, 3);
    const start = setup.cache.revision;
    for (let i = 0; i < 10; i++) await write(setup, put(key(`lease${i}`, 'default', 'leases')));
    await write(setup, put(key('a')));
    t.throws(() => recordWatch(setup.cache, 'leases', { afterRevision: start }), { instanceOf: RevisionCompactedError });
    const watch = recordWatch(setup.cache, RESOURCE, { afterRevision: start });
    await write(setup, put(key('b')));
    t.deepEqual(watch.names(), ['a', 'b']);
  });

  test('a watch that begins in a callback of another misses and repeats nothing', async (t) => {
    const setup = await open(t);
    const before = setup.cache.revision;
    const inner: ReturnType<typeof recordWatch>[] = [];
    const outer = setup.cache.watch(RESOURCE, { afterRevision: before }, {
      onEvents: () => void (inner.length === 0 && inner.push(recordWatch(setup.cache, RESOURCE, { afterRevision: before }))),
      onEnd: () => undefined,
    });
    await write(setup, put(key('a')));
    await write(setup, put(key('b')));
    outer();
    t.deepEqual(inner[0]?.names(), ['a', 'b']);
  });

  test('a watcher that throws ends alone', async (t) => {
    const setup = await open(t);
    const ended: Error[] = [];
    setup.cache.watch(RESOURCE, { afterRevision: setup.cache.revision }, { onEvents: () => { throw new Error('broken'); }, onEnd: (reason) => void ended.push(reason) });
    const sound = recordWatch(setup.cache, RESOURCE);
    await write(setup, put(key('a')));
    await write(setup, put(key('b')));
    t.deepEqual(ended.map((e) => e.message), ['broken']);
    t.deepEqual(sound.names(), ['a', 'b']);
  });

  test('progress is told once an interval, and only when there is some', async (t) => {
    const setup = await open(t);
    const watch = recordWatch(setup.cache, RESOURCE);
    await setup.clock.advance(5 * BOOKMARK_MS);
    t.deepEqual(watch.progress, []);
    await write(setup, put(key('a', 'default', 'pods')));
    await write(setup, put(key('b', 'default', 'pods')));
    await setup.clock.advance(BOOKMARK_MS - 1);
    t.deepEqual(watch.progress, []);
    await setup.clock.advance(1);
    t.deepEqual(watch.progress, [setup.cache.revision]);
    await setup.clock.advance(5 * BOOKMARK_MS);
    t.is(watch.progress.length, 1);
  });

  test('a wait for a revision that does not come times out', async (t) => {
    const { cache, clock } = await open(t);
    const waiting = t.throwsAsync(cache.waitFor(cache.revision + 1, 50), { instanceOf: TimeoutError });
    await clock.advance(50);
    await waiting;
  });

  test('after sync, reads show every write that was acknowledged before', async (t) => {
    const setup = await open(t);
    for (let i = 0; i < 20; i++) {
      await setup.store.transaction([put(key('a'), String(i)), put(key(`n${i}`))]);
      await Promise.all([setup.cache.sync(), setup.cache.sync()]);
      t.is(String(setup.cache.get(RESOURCE, 'default', 'a')?.json()).includes(`"data":"${i}"`), true);
    }
  });

  test('close ends watches and waits', async (t) => {
    const { cache } = await open(t);
    const watch = recordWatch(cache, RESOURCE);
    const waiting = t.throwsAsync(cache.waitFor(cache.revision + 1), { instanceOf: CacheClosedError });
    await cache.close();
    await waiting;
    t.true(watch.ended[0] instanceof CacheClosedError);
  });

  test('when the store no longer has the events, watches end and everything is loaded again', async (t) => {
    const inner = await openStore(t);
    const store = withOneBrokenFollow(inner, new RevisionCompactedError('gone', { requested: 1, oldest: 2 }));
    const clock = new ManualClock(0);
    const cache = createWatchCache({ store, log: silentLogger, clock, windowEvents: 10, bookmarkIntervalMs: BOOKMARK_MS });
    t.teardown(async () => {
      await cache.close();
      await inner.close();
    });
    await cache.ready();
    const watch = recordWatch(cache, RESOURCE);
    await store.breakNow();
    t.true((await watch.end) instanceof RevisionCompactedError);
    await inner.transaction([put(key('a'))]);
    const revision = await inner.revision();
    const reached = cache.waitFor(revision, 60_000);
    await clock.advance(1000);
    await reached;
    t.deepEqual(names(cache), ['default/a']);
  });

  test('a cache that starts later resumes watches from before its start, though what they replace is old', async (t) => {
    const setup = await open(t);
    const [first = 0] = await write(setup, put(key('a'), 'old'));
    await write(setup, ...Array.from({ length: 1500 }, (_, i) => put(key(`other${i}`, 'default', 'pods'))));
    const before = setup.cache.revision;
    const [last = 0] = await write(setup, put(key('a'), 'new'));
    const later = createWatchCache({ store: setup.store, log: silentLogger, clock: systemClock, windowEvents: 100, bookmarkIntervalMs: BOOKMARK_MS });
    t.teardown(() => later.close());
    await later.ready();
    const watch = recordWatch(later, RESOURCE, { afterRevision: before });
    await Promise.resolve();
    t.deepEqual(watch.calls.flat().map((e) => [e.revision, e.previous?.revision]), [[last, first]]);
    t.regex(String(later.list(RESOURCE, { revision: before }).items[0]?.json()), /"data":"old"/);
    t.is(watch.calls.flat()[0]?.current, later.get(RESOURCE, 'default', 'a'), 'one copy for all');
  });

  test('random histories: lists at every kept revision and watches from it agree with a model', async (t) => {
    const operations = fc.array(fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), isDelete: fc.boolean() }), { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(operations, async (transactions) => {
        const setup = await open(t);
        const present = new Map<string, number>();
        const states = [{ revision: setup.cache.revision, state: new Map(present) }];
        for (const [i, ops] of transactions.entries()) {
          const distinct = [...new Map(ops.map((o) => [o.name, o])).values()].filter((o) => !o.isDelete || present.has(o.name));
          if (distinct.length === 0) continue;
          const revisions = await write(setup, ...distinct.map((o) => (o.isDelete ? remove(key(o.name)) : put(key(o.name), String(i)))));
          for (const [j, o] of distinct.entries()) {
            if (o.isDelete) present.delete(o.name);
            else present.set(o.name, revisions[j] as number);
          }
          states.push({ revision: revisions.at(-1) as number, state: new Map(present) });
        }
        const later = createWatchCache({ store: setup.store, log: silentLogger, clock: systemClock, windowEvents: 100, bookmarkIntervalMs: BOOKMARK_MS });
        await later.ready();
        for (const cache of [setup.cache, later]) {
          for (const { revision, state } of states) {
            const listed = cache.list(RESOURCE, { revision });
            t.deepEqual(listed.items.map((item) => [item.object.metadata.name, item.revision]), [...state].sort());
            const watch = recordWatch(cache, RESOURCE, { afterRevision: revision });
            await Promise.resolve();
            const resumed = new Map(state);
            for (const { type, current, previous, revision: at } of watch.calls.flat()) {
              const name = current.object.metadata.name as string;
              t.is(previous?.revision, resumed.get(name), 'what an event replaced');
              if (type === 'put') resumed.set(name, at);
              else resumed.delete(name);
            }
            t.deepEqual([...resumed].sort(), [...present].sort());
            watch.stop();
          }
        }
        await later.close();
      }),
      { numRuns: 15 },
    );
  });

  test('a store that was closed makes sync fail', async (t) => {
    const { store, cache } = await open(t);
    await store.close();
    await t.throwsAsync(cache.sync(), { instanceOf: StoreUnavailableError });
  });
}

/** A store whose current `follow` fails when told. */
function withOneBrokenFollow(store: ObjectStore, error: Error): ObjectStore & { breakNow(): Promise<void> } {
  const breaking = new AbortController();
  const following = Promise.withResolvers<void>();
  return {
    storeId: store.storeId,
    get: (k) => store.get(k),
    transaction: (writes) => store.transaction(writes),
    revision: () => store.revision(),
    knownRevision: () => store.knownRevision(),
    snapshot: () => store.snapshot(),
    history: (revision, maxBatches) => store.history(revision, maxBatches),
    compact: () => store.compact(),
    close: () => store.close(),
    async follow(after, signal, onBatch) {
      const isFirst = !breaking.signal.aborted;
      following.resolve();
      await store.follow(after, isFirst ? AbortSignal.any([signal, breaking.signal]) : signal, onBatch);
      if (isFirst && !signal.aborted) throw error;
    },
    async breakNow() {
      await following.promise;
      breaking.abort();
    },
  };
}
