import test from 'ava';
import { APPLICATION_LABEL, DELETION_LABEL, type Sync } from '#api/headway/v1/types.ts';
import type { Client } from '#client/client.ts';
import { RecordBook } from '#sync/record/record-book.ts';

const sync = (name: string, application: string, phase = 'Succeeded', more = {}): Sync => ({
  metadata: { name, namespace: 'ns', creationTimestamp: '2026-01-01T00:00:00Z', labels: { [APPLICATION_LABEL]: `ns.${application}`, ...more } }, status: { phase },
}) as unknown as Sync;
const STORED = [sync('a-1', 'a'), sync('a-2', 'a', 'Running'), sync('b-1', 'b'), sync('b-2', 'b', 'Succeeded', { [DELETION_LABEL]: 'true' })];

/** Answers with one record a page; the first `failures` lists fail. */
function book({ failures = 0 } = {}) {
  let lists = 0;
  const list = async (_: unknown, options: { readonly continue?: string } = {}) => {
    if (lists++ < failures) throw new Error('no store');
    const at = Number(options.continue ?? 0);
    return { items: STORED.slice(at, at + 1), metadata: at + 1 < STORED.length ? { continue: String(at + 1) } : {} };
  };
  return { book: new RecordBook({ list } as unknown as Client), lists: () => lists };
}

test('all records are read once, page by page, for whoever asks', async (t) => {
  const { book: records, lists } = book();
  const [a, b, none] = await Promise.all(['ns.a', 'ns.b', 'ns.c'].map((label) => records.of(label)));
  t.deepEqual([...a!.ages.keys()], ['a-1', 'a-2']);
  t.deepEqual(a!.left.map(({ metadata }) => metadata.name), ['a-2']);
  t.deepEqual([...b!.ages.keys()], ['b-1', 'b-2']);
  t.is(none!.ages.size, 0);
  t.deepEqual([...(await records.deletionsIn('ns')).keys()], ['b-2']);
  t.is(lists(), STORED.length);
});

test('a read that failed is made again, and finds each record once', async (t) => {
  const { book: records } = book({ failures: 1 });
  await t.throwsAsync(() => records.of('ns.a'), { message: 'no store' });
  const { ages, left } = await records.of('ns.a');
  t.deepEqual([ages.size, left.length], [2, 1]);
});

test('of an application that is gone, only the record of its deletion is known', async (t) => {
  const { book: records } = book();
  await records.of('ns.a');
  records.forget('ns.a', 'ns');
  records.forget('ns.b', 'ns');
  t.is((await records.of('ns.a')).ages.size, 0);
  t.deepEqual([...(await records.of('ns.b')).ages.keys()], ['b-2']);
});
