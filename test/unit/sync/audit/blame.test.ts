import test from 'ava';
import { mergeRanges } from '#sync/audit/blame.ts';
import { changeBetween } from '#sync/audit/object-history.ts';
import { appliedAt } from '#sync/audit/sync-records.ts';
import type { Sync } from '#api/headway/v1/types.ts';

test('lines that touch are asked for at once', (t) => {
  t.deepEqual(mergeRanges([{ first: 9, last: 9 }, { first: 1, last: 2 }, { first: 3, last: 3 }, { first: 2, last: 2 }, { first: 11, last: 12 }]), [{ first: 1, last: 3 }, { first: 9, last: 9 }, { first: 11, last: 12 }]);
});

const declared = (value: string) => ({ object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { value } }, path: 'a.yaml', line: 1 });
const COMMIT = { commit: 'c', author: 'a', date: 'd', subject: 's' };

test('a commit counts when the object differs', (t) => {
  t.deepEqual(changeBetween(COMMIT, declared('1'), declared('1')), []);
  t.deepEqual(changeBetween(COMMIT, undefined, undefined), []);
  t.like(changeBetween(COMMIT, undefined, declared('1'))[0], { change: 'Added', patch: [] });
  t.like(changeBetween(COMMIT, declared('1'), undefined)[0], { change: 'Removed', path: 'a.yaml' });
  t.like(changeBetween(COMMIT, declared('1'), declared('2'))[0], { change: 'Changed', patch: [{ op: 'replace', path: '/data/value', value: '2' }] });
});

const sync = (name: string, phase: string, completionTime: string): Sync => ({ metadata: { name }, spec: {}, status: { phase, startTime: completionTime, completionTime } }) as unknown as Sync;

test('what was applied at a time is the last sync before it that succeeded', (t) => {
  const records = [sync('a', 'Succeeded', '2026-01-01T00:00:00Z'), sync('c', 'Failed', '2026-01-03T00:00:00Z'), sync('b', 'Succeeded', '2026-01-02T00:00:00Z')];
  const at = (time: string): string | undefined => appliedAt(records, Date.parse(time))?.metadata.name;
  t.is(at('2026-01-01T12:00:00Z'), 'a');
  t.is(at('2026-01-05T00:00:00Z'), 'b');
  t.is(at('2025-12-31T00:00:00Z'), undefined);
});
