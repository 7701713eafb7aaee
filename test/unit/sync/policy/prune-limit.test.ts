import test from 'ava';
import { pruneRefusal, type PruneQuestion } from '#sync/policy/prune-limit.ts';

const REVISION = 'c0ffee0000000000000000000000000000000000';
const ask = (total: number, deletions: number, more: Partial<PruneQuestion> = {}): string | undefined => pruneRefusal({
  limit: {}, total, deletions: Array.from({ length: deletions }, (_, i) => `ConfigMap a/${i}`), confirmable: [], remaining: total - deletions, revision: REVISION, confirmed: undefined, ...more,
});

const cases: readonly { readonly name: string; readonly total: number; readonly deletions: number; readonly more?: Partial<PruneQuestion>; readonly held: boolean }[] = [
  { name: 'nothing', total: 20, deletions: 0, held: false },
  { name: 'half', total: 20, deletions: 10, held: false },
  { name: 'more than half', total: 20, deletions: 11, held: true },
  { name: 'more than half of a few', total: 9, deletions: 8, held: false },
  { name: 'all of a few', total: 2, deletions: 2, held: true },
  { name: 'all, of which other objects take the place', total: 2, deletions: 2, more: { remaining: 3 }, held: false },
  { name: 'all, without a limit', total: 20, deletions: 20, more: { limit: { percent: 100 } }, held: false },
  { name: 'more than a count', total: 1000, deletions: 6, more: { limit: { count: 5 } }, held: true },
  { name: 'a count', total: 1000, deletions: 5, more: { limit: { count: 5 } }, held: false },
  { name: 'more than a share', total: 20, deletions: 3, more: { limit: { percent: 10 } }, held: true },
  { name: 'too much, confirmed', total: 20, deletions: 20, more: { confirmed: REVISION }, held: false },
  { name: 'too much, confirmed in short', total: 20, deletions: 20, more: { confirmed: 'C0FFEE0' }, held: false },
  { name: 'too much, confirmed for another commit', total: 20, deletions: 20, more: { confirmed: 'dead00000' }, held: true },
  { name: 'too much, confirmed by next to nothing', total: 20, deletions: 20, more: { confirmed: 'c' }, held: true },
  { name: 'one that asks for it', total: 20, deletions: 1, more: { confirmable: ['PersistentVolumeClaim a/data'] }, held: true },
];
for (const { name, total, deletions, more, held } of cases) {
  test(`deleting ${name} ${held ? 'waits' : 'goes on'}`, (t) => t.is(ask(total, deletions, more) !== undefined, held));
}

test('who is asked is told how many, and which', (t) => {
  t.is(ask(40, 25), `the commit deletes 25 of 40 objects, more than 50 percent: ${Array.from({ length: 20 }, (_, i) => `ConfigMap a/${i}`).join(', ')} and 5 more`);
});
