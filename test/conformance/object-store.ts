import type { ExecutionContext, TestFn } from 'ava';
import fc from 'fast-check';
import { type Clock, systemClock } from '#base/clock.ts';
import { RevisionCompactedError, StoreUnavailableError } from '#store/errors.ts';
import type { ObjectKey, ObjectStore, StoreBatch, StoredObject, StoreHistory, Write } from '#store/object-store.ts';
import type { Retention } from '#store/retention.ts';
import { collectBatches } from '#test/support/collect-batches.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

export interface StoreUnderTest {
  readonly store: ObjectStore;
  /** A second store object on the same data, as another process has it; absent when the data lives in one object. */
  readonly reopen?: () => Promise<ObjectStore>;
}
export interface StoreFactory {
  (t: ExecutionContext, options: { readonly clock: Clock; readonly retention: Retention }): Promise<StoreUnderTest>;
}

const RETENTION: Retention = { maxAgeMs: 60_000, maxEvents: 10_000 };
const key = (name: string, namespace = 'default', resource = 'configmaps'): ObjectKey => ({ resource, namespace, name });
const put = (k: ObjectKey, value: string, expect: Write['expect'] = 'any'): Write => ({ type: 'put', key: k, value, expect });

/** What every ObjectStore does; each test gets a store of its own. */
export function testObjectStore(test: TestFn, create: StoreFactory): void {
  const open = async (t: ExecutionContext, retention = RETENTION): Promise<StoreUnderTest & { readonly clock: ManualClock }> => {
    const clock = new ManualClock(Date.now());
    // The test says what time it is; connections are made, and made again, in real time.
    const made = await create(t, { clock: { ...systemClock, now: () => clock.now() }, retention });
    t.teardown(() => made.store.close());
    return { ...made, clock };
  };

  test('an empty store has an id, a revision above 0 and no objects', async (t) => {
    const { store } = await open(t);
    t.regex(store.storeId, /^[0-9a-f-]{36}$/);
    const revision = await store.revision();
    t.true(revision > 0);
    t.deepEqual(await store.snapshot(), { objects: [], revision });
    t.is(await store.get(key('a')), undefined);
  });

  test('a put is read back with its revision, which is the store\'s', async (t) => {
    const { store } = await open(t);
    const value = '{"a":"ü \\u0000 \u2028 😀"}';
    const result = await store.transaction([put(key('a'), value, 'absent')]);
    t.true(result.ok);
    const revision = result.ok ? (result.revisions[0] as number) : 0;
    t.deepEqual(await store.get(key('a')), { key: key('a'), value, revision });
    t.is(await store.revision(), revision);
  });

  test('a revision that is known without asking is the one that is told when asked', async (t) => {
    const { store } = await open(t);
    for (let i = 0; i < 5; i++) {
      await store.transaction([put(key(`k${i}`), '{}')]);
      const asked = await store.revision();
      t.is(store.knownRevision() ?? asked, asked);
    }
  });

  test('cluster-scoped keys, and names with colons and slashes, stay apart', async (t) => {
    const { store } = await open(t);
    const keys = [key('system:node', '', 'clusterroles.rbac.authorization.k8s.io'), key('a/b', 'x'), key('a', 'x'), key('a', '')];
    for (const k of keys) await store.transaction([put(k, `{"of":"${k.namespace}|${k.name}"}`, 'absent')]);
    for (const k of keys) t.is((await store.get(k))?.value, `{"of":"${k.namespace}|${k.name}"}`);
    t.deepEqual(byId((await store.snapshot()).objects.map((o) => o.key)), byId(keys));
  });

  const refusals: readonly { readonly title: string; readonly write: (revision: number) => Write; readonly present: boolean }[] = [
    { title: 'a put that expects absence of a present key', write: () => put(key('a'), '{}', 'absent'), present: true },
    { title: 'a put that expects an older revision', write: (r) => put(key('a'), '{}', r - 1), present: true },
    { title: 'a put that expects a revision of an absent key', write: (r) => put(key('gone'), '{}', r), present: false },
    { title: 'a delete that expects an older revision', write: (r) => ({ type: 'delete', key: key('a'), expect: r - 1 }), present: true },
    { title: 'a delete of an absent key', write: () => ({ type: 'delete', key: key('gone'), expect: 'any' }), present: false },
  ];
  for (const { title, write, present } of refusals) {
    test(`${title} refuses the whole transaction and tells the current state`, async (t) => {
      const { store } = await open(t);
      const made = await store.transaction([put(key('a'), '{"v":1}')]);
      const revision = made.ok ? (made.revisions[0] as number) : 0;
      const result = await store.transaction([put(key('other'), '{}', 'absent'), write(revision)]);
      t.deepEqual(result, present ? { ok: false, index: 1, current: { key: key('a'), value: '{"v":1}', revision } } : { ok: false, index: 1 });
      t.is(await store.get(key('other')), undefined);
      t.is(await store.revision(), revision);
    });
  }

  test('a transaction takes consecutive revisions and is followed as one batch', async (t) => {
    const { store } = await open(t);
    const before = await store.revision();
    const result = await store.transaction([put(key('a'), '{"v":1}'), put(key('b', 'other', 'pods'), '{"v":2}'), put(key('c'), '{"v":3}')]);
    const revisions = result.ok ? result.revisions : [];
    t.deepEqual(revisions.map((r) => r - (revisions[0] as number)), [0, 1, 2]);
    const [batch] = await collectBatches(store, before, { events: 3 });
    t.deepEqual(batch?.map(({ type, key: k, value, revision }) => [type, k.name, value, revision]), [
      ['put', 'a', '{"v":1}', revisions[0]], ['put', 'b', '{"v":2}', revisions[1]], ['put', 'c', '{"v":3}', revisions[2]],
    ]);
  });

  test('a follower that resumes inside a transaction gets the rest of it', async (t) => {
    const { store } = await open(t);
    const result = await store.transaction(['a', 'b', 'c'].map((name) => put(key(name), '{}')));
    const [batch] = await collectBatches(store, result.ok ? (result.revisions[0] as number) : 0, { events: 2 });
    t.deepEqual(batch?.map((e) => e.key.name), ['b', 'c']);
  });

  test('a delete tells the stored value, or the one that it was given', async (t) => {
    const { store } = await open(t);
    await store.transaction([put(key('a'), '{"v":"a b"}'), put(key('b'), '{"v":2}')]);
    const before = await store.revision();
    await store.transaction([{ type: 'delete', key: key('a'), expect: 'any' }, { type: 'delete', key: key('b'), value: '{"v":"last"}', expect: 'any' }]);
    const [batch] = await collectBatches(store, before, { events: 2 });
    t.deepEqual(batch?.map((e) => [e.type, e.value]), [['delete', '{"v":"a b"}'], ['delete', '{"v":"last"}']]);
    t.deepEqual((await store.snapshot()).objects, []);
  });

  const faults: readonly { readonly title: string; readonly writes: readonly Write[] }[] = [
    { title: 'a key that is written twice', writes: [put(key('a'), '{}'), put(key('a'), '{}')] },
    { title: 'NUL in a name', writes: [put(key('a\0b'), '{}')] },
    { title: 'NUL in a value', writes: [put(key('a'), '{"a":"\0"}')] },
    { title: 'a slash in a namespace', writes: [put(key('a', 'x/y'), '{}')] },
    { title: 'an empty value', writes: [put(key('a'), '')] },
  ];
  for (const { title, writes } of faults) {
    test(`${title} is a fault of the caller, and nothing is written`, async (t) => {
      const { store } = await open(t);
      const before = await store.revision();
      await t.throwsAsync(store.transaction(writes), { instanceOf: TypeError });
      t.is(await store.revision(), before);
    });
  }

  test('transactions that are sent at once each succeed or fail by themselves, and each is one batch', async (t) => {
    const { store } = await open(t);
    const other = (name: string): ObjectKey => key(name, '', 'nodes');
    const before = await store.revision();
    const sent: readonly (readonly Write[])[] = [
      [put(key('a'), '{"v":1}', 'absent')],
      [put(other('x'), '{}', 'absent'), put(key('a'), '{"v":2}', 'absent')],
      [put(other('x'), '{"v":3}', 'absent'), put(key('b'), '{"v":3}', 'absent')],
      [{ type: 'delete', key: key('a'), expect: 'any' }],
    ];
    const [first, second, third, fourth] = await Promise.all(sent.map((writes) => store.transaction(writes)));
    t.deepEqual(first, { ok: true, revisions: [before + 1] });
    t.deepEqual(second, { ok: false, index: 1, current: { key: key('a'), value: '{"v":1}', revision: before + 1 } });
    t.deepEqual(third, { ok: true, revisions: [before + 2, before + 3] });
    t.deepEqual(fourth, { ok: true, revisions: [before + 4] });
    t.deepEqual((await collectBatches(store, before, { until: before + 4 })).map((batch) => batch.map(({ type, key: { name }, revision }) => ({ type, name, revision }))), [
      [{ type: 'put', name: 'a', revision: before + 1 }],
      [{ type: 'put', name: 'x', revision: before + 2 }, { type: 'put', name: 'b', revision: before + 3 }],
      [{ type: 'delete', name: 'a', revision: before + 4 }],
    ]);
  });

  test('a transaction of 25,000 writes is one batch', async (t) => {
    const { store } = await open(t);
    const before = await store.revision();
    const writes = Array.from({ length: 25_000 }, (_, i) => put(key(`n${i}`), `{"i":${i}}`, 'absent'));
    t.true((await store.transaction(writes)).ok);
    const batches = await collectBatches(store, before, { events: 25_000 });
    t.is(batches.length, 1);
    t.is((await store.snapshot()).objects.length, 25_000);
  });

  test('of concurrent writers that expect one revision, one wins', async (t) => {
    const { store } = await open(t);
    const results = await Promise.all(Array.from({ length: 20 }, (_, i) => store.transaction([put(key('a'), `{"by":${i}}`, 'absent')])));
    t.is(results.filter((r) => r.ok).length, 1);
  });

  test('events older than the retention are compacted, and a follower that needs them is told', async (t) => {
    const { store, clock } = await open(t, { maxAgeMs: 1000, maxEvents: 10_000 });
    const before = await store.revision();
    await store.transaction([put(key('a'), '{"v":1}')]);
    await store.transaction([put(key('a'), '{"v":2}')]);
    const middle = await store.revision();
    await store.compact();
    await clock.advance(2000);
    await store.transaction([put(key('a'), '{"v":3}')]);
    await store.compact();
    await t.throwsAsync(collectBatches(store, before, { events: 3 }), { instanceOf: RevisionCompactedError });
    t.deepEqual((await collectBatches(store, middle, { events: 1 })).flat().map((e) => e.value), ['{"v":3}']);
    t.is((await store.get(key('a')))?.value, '{"v":3}');
  });

  test('a log of large values is compacted by its size, and its newest events stay', async (t) => {
    const { store } = await open(t, { ...RETENTION, maxBytes: 1_000_000 });
    const before = await store.revision();
    for (let i = 0; i < 40; i++) await store.transaction([put(key('a'), JSON.stringify({ i, text: 'x'.repeat(100_000) }))]);
    const last = await store.revision();
    await store.compact();
    await t.throwsAsync(collectBatches(store, before, { events: 1 }), { instanceOf: RevisionCompactedError });
    const { batches, after } = await store.history(last, 100);
    t.true(batches.length > 0 && batches.length < 11, `${batches.length} of 40`);
    t.is((await collectBatches(store, after, { until: last })).length, batches.length);
  });

  test('any number of servers may compact at once', async (t) => {
    const { store, reopen, clock } = await open(t, { ...RETENTION, maxAgeMs: 1000, eventTtlMs: 1000 });
    const second = await reopen?.();
    await store.transaction([put(key('old', 'default', 'events'), '{}'), put(key('a'), '{}')]);
    const both = (): Promise<unknown> => Promise.all([store.compact(), second?.compact(), store.compact()]);
    await both();
    await clock.advance(2000);
    await both();
    t.deepEqual((await store.snapshot()).objects.map((o) => o.key.name), ['a']);
    await second?.close();
  });

  test('Event objects that were not written for their time to live are deleted, others are not', async (t) => {
    const { store, clock } = await open(t, { ...RETENTION, eventTtlMs: 1000 });
    const [old, renewed] = [key('old', 'default', 'events'), key('renewed', 'default', 'events')];
    await store.transaction([put(old, '{}'), put(renewed, '{}'), put(key('a'), '{}')]);
    await store.compact();
    await clock.advance(600);
    await store.transaction([put(renewed, '{"count":2}')]);
    await store.compact();
    await clock.advance(600);
    await store.compact();
    t.deepEqual((await store.snapshot()).objects.map((o) => o.key.name).sort(), ['a', 'renewed']);
  });

  test('a follower ends when its signal aborts, and calls fail after close', async (t) => {
    const { store } = await open(t);
    const abort = new AbortController();
    const ended = collectBatches(store, await store.revision(), { signal: abort.signal });
    abort.abort();
    t.deepEqual(await ended, []);
    t.deepEqual(await collectBatches(store, await store.revision(), { signal: AbortSignal.abort() }), []);
    await store.close();
    await t.throwsAsync(store.get(key('a')), { instanceOf: StoreUnavailableError });
  });

  test('random operations agree with a model: results, snapshot, and the followed history', async (t) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(operation, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 25 }), async (transactions) => {
        const { store, reopen } = await open(t);
        const start = await store.revision();
        const model = new Map<string, StoredObject>();
        const history: StoreBatch[] = [];
        for (const operations of transactions) {
          const writes = distinct(operations).map((o) => toWrite(o, model));
          const expected = expectFailure(writes, model);
          const result = await store.transaction(writes);
          t.is(result.ok ? -1 : result.index, expected);
          if (result.ok) history.push(applyToModel(model, writes, result.revisions));
        }
        t.deepEqual(byId((await store.snapshot()).objects), byId([...model.values()]));
        t.deepEqual(await collectBatches(store, start, { events: history.flat().length }), history);
        const second = await reopen?.();
        if (second) t.deepEqual([second.storeId, byId((await second.snapshot()).objects)], [store.storeId, byId([...model.values()])]);
        await second?.close();
        await store.close();
      }),
      { numRuns: 15 },
    );
  });

  test('history ends at its revision, begins where it says, and tells what each write replaced', async (t) => {
    const { store } = await open(t);
    const start = await store.revision();
    const write = async (...writes: Write[]): Promise<number> => {
      const result = await store.transaction(writes);
      return result.ok ? (result.revisions.at(-1) as number) : 0;
    };
    const made = await write(put(key('a'), '{"v":1}', 'absent'));
    const replacedAt = await write(put(key('a'), '{"v":2}'), put(key('b'), '{}'));
    const deleted = await write({ type: 'delete', key: key('a'), value: '{"v":"last"}', expect: made + 1 });
    await write(put(key('a'), '{"v":3}', 'absent'));
    const states = (history: StoreHistory) => history.batches.map((batch) => batch.map((e) => [e.type, e.value, e.replaced]));
    const all = await store.history(deleted, 100);
    t.is(all.after, start);
    t.deepEqual(states(all), [
      [['put', '{"v":1}', undefined]],
      [['put', '{"v":2}', { value: '{"v":1}', revision: made }], ['put', '{}', undefined]],
      [['delete', '{"v":"last"}', { value: '{"v":2}', revision: made + 1 }]],
    ]);
    const newest = await store.history(deleted, 1);
    t.deepEqual([newest.after, newest.batches.length], [replacedAt, 1]);
    t.deepEqual((await store.history(start, 10)), { batches: [], after: start });
  });

  test('snapshots taken while writers go on agree with the replayed history', async (t) => {
    const { store } = await open(t);
    const start = await store.revision();
    const writer = async (n: number): Promise<void> => {
      for (let i = 0; i < 60; i++) {
        const k = key(`w${n}-${i % 7}`);
        await store.transaction(i % 5 === 4 ? [{ type: 'delete', key: k, expect: 'any' }] : [put(k, `{"i":${i}}`), put(key(`pair${n}`), `{"i":${i}}`)]);
      }
    };
    const writing = Promise.all([0, 1, 2, 3].map(writer));
    const snapshots = [];
    for (let i = 0; i < 5; i++) snapshots.push(await store.snapshot());
    await writing;
    const end = await store.revision();
    const history = (await collectBatches(store, start, { until: end })).flat();
    for (const { objects, revision } of snapshots) {
      const state = new Map<string, StoredObject>();
      for (const { type, key: k, value, revision: r } of history.filter((e) => e.revision <= revision)) {
        if (type === 'put') state.set(idOf(k), { key: k, value, revision: r });
        else state.delete(idOf(k));
      }
      t.deepEqual(byId(objects), byId([...state.values()]));
    }
  });

  test('a live follower gets each batch once, in order', async (t) => {
    const { store } = await open(t);
    const start = await store.revision();
    const following = collectBatches(store, start, { events: 300 });
    await Promise.all(Array.from({ length: 150 }, (_, i) => store.transaction([put(key(`a${i}`), '{}'), put(key(`b${i}`), '{}')])));
    const batches = await following;
    t.true(batches.every((batch) => batch.length === 2));
    const revisions = batches.flat().map((e) => e.revision);
    t.deepEqual(revisions, revisions.toSorted((a, b) => a - b));
    t.is(new Set(revisions).size, 300);
  });

  test('a batch is followed at once, not by polling', async (t) => {
    const { store } = await open(t);
    const delays: number[] = [];
    for (let i = 0; i < 5; i++) {
      const following = collectBatches(store, await store.revision(), { events: 1 });
      // Long enough for the follower to wait already; the bound is far below any polling interval.
      await systemClock.sleep(30);
      const started = performance.now();
      await store.transaction([put(key('a'), '{}')]);
      await following;
      delays.push(performance.now() - started);
    }
    // Of several one is not held up by what else the machine does.
    t.true(Math.min(...delays) < 500, delays.join());
  });
}

interface Operation { readonly name: string; readonly kind: 'put' | 'delete'; readonly expect: 'any' | 'absent' | 'current' | 'stale'; readonly value: string }
const operation: fc.Arbitrary<Operation> = fc.record({
  name: fc.constantFrom('a', 'b', 'c'),
  kind: fc.constantFrom('put', 'put', 'delete'),
  expect: fc.constantFrom('any', 'any', 'current', 'current', 'absent', 'stale'),
  value: fc.jsonValue().map((value) => JSON.stringify(value)),
});
const idOf = (k: ObjectKey): string => `${k.resource}/${k.namespace}/${k.name}`;
const distinct = (operations: readonly Operation[]): Operation[] => [...new Map(operations.map((o) => [o.name, o])).values()];

function toWrite({ name, kind, expect, value }: Operation, model: ReadonlyMap<string, StoredObject>): Write {
  const k = key(name);
  const revision = model.get(idOf(k))?.revision ?? 1;
  const expected = expect === 'current' ? revision : expect === 'stale' ? revision + 1 : expect;
  if (kind === 'put') return { type: 'put', key: k, value, expect: expected };
  return { type: 'delete', key: k, expect: expected === 'absent' ? 'any' : expected };
}

const expectFailure = (writes: readonly Write[], model: ReadonlyMap<string, StoredObject>): number =>
  writes.findIndex(({ type, key: k, expect }) => {
    const current = model.get(idOf(k));
    if (expect === 'absent') return current !== undefined;
    if (expect === 'any') return type === 'delete' && current === undefined;
    return current?.revision !== expect;
  });

function applyToModel(model: Map<string, StoredObject>, writes: readonly Write[], revisions: readonly number[]): StoreBatch {
  return writes.map((write, i) => {
    const revision = revisions[i] as number;
    const value = write.value ?? model.get(idOf(write.key))?.value ?? '';
    if (write.type === 'put') model.set(idOf(write.key), { key: write.key, value, revision });
    else model.delete(idOf(write.key));
    return { type: write.type, key: write.key, value, revision };
  });
}

const byId = <T extends ObjectKey | StoredObject>(items: readonly T[]): T[] =>
  items.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
const text = (item: ObjectKey | StoredObject): string => idOf('key' in item ? item.key : item);
