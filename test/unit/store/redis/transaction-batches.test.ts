import test from 'ava';
import type { TransactionResult, Write } from '#store/object-store.ts';
import { TransactionBatches } from '#store/redis/transaction-batches.ts';

const put = (name: string, length = 1): Write => ({ type: 'put', key: { resource: 'configmaps', namespace: 'default', name }, value: 'x'.repeat(length), expect: 'any' });
const puts = (count: number, length?: number): readonly Write[] => Array.from({ length: count }, (_, i) => put(`n${i}`, length));

const written = (name: string): TransactionResult => ({ ok: true, revisions: [name.charCodeAt(0)] });

function batches() {
  const sent: (readonly (readonly Write[])[])[] = [];
  const send = (batch: readonly (readonly Write[])[]): Promise<readonly TransactionResult[]> => {
    sent.push(batch);
    return batch.some(([first]) => first?.key.name === 'broken') ? Promise.reject(new Error('broken')) : Promise.resolve(batch.map(([first]) => written(first?.key.name ?? '')));
  };
  return { sent, made: new TransactionBatches(send) };
}

test('what is added in one turn of the event loop is sent together, and each gets its own result', async (t) => {
  const { sent, made } = batches();
  t.deepEqual(await Promise.all([made.add([put('a')]), made.add([put('b'), put('c')])]), [written('a'), written('b')]);
  t.deepEqual(await made.add([put('d')]), written('d'));
  t.deepEqual(sent.map((batch) => batch.length), [2, 1]);
});

for (const [name, transactions, expected] of [
  ['many writes', [puts(300), puts(200), puts(1)], [2, 1]],
  ['large values', [puts(1, 700_000), puts(1, 300_000), puts(1, 700_000)], [2, 1]],
  ['one transaction that is larger than a batch', [puts(1), puts(2_000), puts(1)], [1, 1, 1]],
] as const) {
  test(`a batch is bounded: ${name}`, async (t) => {
    const { sent, made } = batches();
    const results = await Promise.all(transactions.map((writes) => made.add(writes)));
    t.deepEqual(results, transactions.map(() => written('n0')));
    t.deepEqual(sent.map((batch) => batch.length), expected);
  });
}

test('a failure is that of its batch only', async (t) => {
  const { made } = batches();
  const failed = await Promise.allSettled([made.add([put('a')]), made.add([put('broken')])]);
  t.deepEqual(failed.map(({ status }) => status), ['rejected', 'rejected']);
  t.deepEqual(await made.add([put('c')]), written('c'));
});
