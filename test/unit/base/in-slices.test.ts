import test from 'ava';
import { inSlices } from '#base/in-slices.ts';

for (const [count, expected] of [[0, []], [1, [[0, 1]]], [3, [[0, 3]]], [4, [[0, 3], [3, 1]]], [6, [[0, 3], [3, 3]]]] as const) {
  test(`${count} items in slices of three`, async (t) => {
    const items = Array.from({ length: count }, (_, i) => i);
    const taken: (readonly [number, number])[] = [];
    const seen: number[] = [];
    await inSlices(items, 3, (slice, start) => {
      taken.push([start, slice.length]);
      seen.push(...slice);
    });
    t.deepEqual(taken, expected as unknown as typeof taken);
    t.deepEqual(seen, items);
  });
}

test('between two slices other work has its turn', async (t) => {
  const order: string[] = [];
  setImmediate(() => order.push('other'));
  await inSlices([1, 2], 1, ([item]) => void order.push(String(item)));
  t.deepEqual(order, ['1', 'other', '2']);
});

test('what the work throws ends it', async (t) => {
  await t.throwsAsync(inSlices([1, 2], 1, () => {
    throw new Error('no');
  }), { message: 'no' });
});
