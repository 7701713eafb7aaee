import test from 'ava';
import fc from 'fast-check';
import { KeyedHeap } from '#scheduler/queue/heap.ts';

interface Item { readonly key: string; readonly rank: number }
const items = fc.uniqueArray(fc.record({ key: fc.string({ minLength: 1, maxLength: 4 }), rank: fc.nat(20) }), { selector: (item) => item.key });

test('gives items in order, whatever was replaced or removed', (t) => {
  fc.assert(
    fc.property(items, fc.array(fc.nat(100)), (all, removals) => {
      const heap = new KeyedHeap<Item>({ keyOf: (item) => item.key, isBefore: (a, b) => a.rank < b.rank });
      const model = new Map<string, Item>();
      for (const item of all) {
        heap.push({ ...item, rank: item.rank + 7 });
        heap.push(item);
        model.set(item.key, item);
      }
      for (const index of removals) {
        const victim = all[index % Math.max(1, all.length)];
        if (victim) t.is(heap.remove(victim.key), model.get(victim.key));
        if (victim) model.delete(victim.key);
      }
      t.is(heap.size, model.size);
      const ranks: number[] = [];
      for (let next = heap.pop(); next; next = heap.pop()) ranks.push(next.rank);
      t.deepEqual(ranks, [...model.values()].map((item) => item.rank).sort((a, b) => a - b));
    }),
  );
});
