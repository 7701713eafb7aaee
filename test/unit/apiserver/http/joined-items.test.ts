import test from 'ava';
import fc from 'fast-check';
import type { KubeObject } from '#api/object.ts';
import { CONFIG_MAPS } from '#api/resources.ts';
import { JoinedItems } from '#apiserver/http/joined-items.ts';
import type { Item } from '#apiserver/outcome.ts';

const itemAt = (revision: number): Item => ({ object: {} as KubeObject, revision, json: () => Buffer.from(`${revision}`) });
const itemsAt = (first: number, count: number): readonly Item[] => Array.from({ length: count }, (_, i) => itemAt(first + i));
const textOf = (items: readonly Item[]): string => items.map((item) => item.json().toString()).join(',');

function made() {
  let joined = 0;
  const all = new JoinedItems((items, _resource, isFirst) => {
    joined += items.length;
    return Buffer.from(`${isFirst ? '' : ','}${textOf(items)}`);
  });
  /** The text, and how many items were joined for it. */
  const join = async (items: readonly Item[]): Promise<{ readonly text: string; readonly fresh: number }> => {
    const before = joined;
    const text = Buffer.concat(await all.join(items, CONFIG_MAPS)).toString();
    return { text, fresh: joined - before };
  };
  return { join };
}

test('a list that is the same is joined once, and one that differs in an object only around that object', async (t) => {
  const { join } = made();
  const items = itemsAt(1, 6_000);
  t.is((await join(items)).fresh, 6_000);
  t.is((await join([...items])).fresh, 0);
  for (const [title, changed] of [
    ['one more', items.toSpliced(3_000, 0, itemAt(9_001))],
    ['one less', items.toSpliced(3_000, 1)],
    ['one changed', items.toSpliced(3_000, 1, itemAt(9_002))],
    ['another first', [itemAt(9_003), ...items]],
    ['another last', [...items, itemAt(9_004)]],
  ] as const) {
    const { text, fresh } = await join(changed);
    t.true(text === textOf(changed), title);
    t.true(fresh <= 1_000, `${title}: ${fresh} items`);
    await join(items);
  }
});

test('slices are bounded when no item tells where one ends', async (t) => {
  const { join } = made();
  const items = Array.from({ length: 2_500 }, (_, i) => itemAt(2 * i * 256 + 1));
  t.is((await join(items)).text, textOf(items));
  t.true((await join(items.toSpliced(2_400, 1, itemAt(7)))).fresh <= 1_000);
});

test('whatever changes between two lists, the second has its items in order', async (t) => {
  const items = itemsAt(1, 1_500);
  const change = fc.record({ at: fc.nat(1_499), remove: fc.nat(300), insert: fc.nat(300) });
  await fc.assert(fc.asyncProperty(fc.array(change, { maxLength: 4 }), async (changes) => {
    const { join } = made();
    await join(items);
    const changed = changes.reduce((list, { at, remove, insert }, i) => list.toSpliced(at, remove, ...itemsAt(10_000 * (i + 1), insert)), items);
    t.true((await join(changed)).text === textOf(changed));
    t.true((await join(items)).text === textOf(items));
  }), { numRuns: 30 });
});
