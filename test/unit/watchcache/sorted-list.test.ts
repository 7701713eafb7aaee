import test from 'ava';
import fc from 'fast-check';
import { SortedList } from '#watchcache/sorted-list.ts';

test('random operations agree with a sorted array', (t) => {
  const operations = fc.array(fc.record({ id: fc.nat(3000), isDelete: fc.integer({ min: 0, max: 3 }).map((n) => n === 0) }), { maxLength: 3000, minLength: 500, size: 'max' });
  fc.assert(
    fc.property(operations, fc.nat(3000), fc.nat(50), (ops, from, length) => {
      const list = new SortedList<{ readonly key: string; readonly n: number }>();
      const model = new Map<string, number>();
      for (const [n, { id, isDelete }] of ops.entries()) {
        const key = String(id);
        if (isDelete) list.delete(key);
        else list.put({ key, n });
        if (isDelete) model.delete(key);
        else model.set(key, n);
      }
      const sorted = [...model].map(([key, n]) => ({ key, n })).sort((a, b) => (a.key < b.key ? -1 : 1));
      t.is(list.size, sorted.length);
      t.deepEqual(list.slice(0, Infinity), sorted);
      const rank = sorted.filter((item) => item.key < String(from)).length;
      t.is(list.rank(String(from)), rank);
      t.deepEqual(list.slice(rank, rank + length), sorted.slice(rank, rank + length));
    }),
    { numRuns: 15 },
  );
});

test('50,000 items in random order are put and listed fast', (t) => {
  const list = new SortedList<{ readonly key: string }>();
  const before = process.cpuUsage();
  for (let i = 0; i < 50_000; i++) list.put({ key: `default/n${(i * 7919) % 50_000}` });
  t.is(list.size, 50_000);
  t.is(list.slice(49_999, 50_000)[0]?.key, 'default/n9999');
  // Some 60 ms; a bound that only a change of complexity breaks.
  const { user, system } = process.cpuUsage(before);
  t.true((user + system) / 1000 < 2000);
});
