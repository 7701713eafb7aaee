import test from 'ava';
import type { SyncedObject } from '#api/headway/v1/types.ts';
import { OpenRecord } from '#sync/record/open-record.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const object = (name: string, more: Partial<SyncedObject> = {}): SyncedObject => ({ group: '', kind: 'ConfigMap', name, path: 'a.yaml', wave: 0, outcome: 'Updated', ...more });
const open = (): OpenRecord => new OpenRecord({ name: 'app-1', clock: new ManualClock(0) });

test('counts all, and tells of at most 500', (t) => {
  const record = open();
  record.add(Array.from({ length: 600 }, (_, i) => object(`c${i}`, { outcome: i % 2 === 0 ? 'Created' : 'Deleted' })));
  record.addUnchanged(7);
  const status = record.status({ phase: 'Succeeded' });
  t.like(status, { created: 300, deleted: 300, updated: 0, unchanged: 7 });
  t.is(status.objects?.length, 500);
});

test('leaves out patches that would make the record too large', (t) => {
  const record = open();
  record.add(Array.from({ length: 100 }, (_, i) => object(`c${i}`, { patch: 'x'.repeat(10_000) })));
  const { objects = [] } = record.status({ phase: 'Succeeded' });
  t.true(JSON.stringify(objects).length < 400_000);
  t.is(objects[0]?.patch?.length, 10_000);
  t.regex(objects.at(-1)?.message ?? '', /left out/);
});

test('goes on with what a process before has written', (t) => {
  const first = open();
  first.add([object('migrate', { kind: 'Job', hook: 'PreSync', outcome: 'Completed' }), object('one', { outcome: 'Created' })]);
  const second = new OpenRecord({ name: 'app-1', clock: new ManualClock(0), before: first.status({ phase: 'Running' }) });
  t.true(second.hasCompleted({ hook: 'PreSync', kind: 'Job', name: 'migrate' }));
  t.false(second.hasCompleted({ hook: 'PostSync', kind: 'Job', name: 'migrate' }));
  t.is(second.status({ phase: 'Succeeded' }).created, 1);
  t.is(first.status({ phase: 'Running' }).completionTime, undefined);
});
