import test from 'ava';
import { CachedEntry } from '#watchcache/cached-entry.ts';
import { EventWindow, type WindowEvent } from '#watchcache/event-window.ts';
import { RecentForms } from '#watchcache/recent-forms.ts';

const owner = { resource: 'configmaps', forms: new RecentForms(1_000) };

function put(revision: number, padding: number): WindowEvent {
  const entry = (at: number): CachedEntry => new CachedEntry(owner, { namespace: 'default', name: 'a', revision: at, value: JSON.stringify({ metadata: {}, data: 'x'.repeat(padding) }) });
  return { type: 'put', current: entry(revision), previous: entry(revision - 1), revision, first: revision, last: revision };
}
const revisions = (window: EventWindow): number[] => window.after(window.floor).map(({ revision }) => revision);

test('keeps the newest events up to a number, and says from where on', (t) => {
  const window = new EventWindow({ events: 3, size: 1_000_000 }, 10);
  for (let revision = 11; revision <= 20; revision++) window.push(put(revision, 1));
  t.deepEqual(revisions(window), [18, 19, 20]);
  t.is(window.floor, 17);
  t.deepEqual(window.after(19).map(({ revision }) => revision), [20]);
});

test('large states push out more events than small ones', (t) => {
  const window = new EventWindow({ events: 100, size: 1_000 }, 0);
  for (let revision = 1; revision <= 8; revision++) window.push(put(revision, 200));
  t.deepEqual(revisions(window), [5, 6, 7, 8]);
  t.is(window.floor, 4);
});

test('the newest event is there whatever its size', (t) => {
  const window = new EventWindow({ events: 100, size: 1_000 }, 0);
  for (const revision of [1, 2]) window.push(put(revision, 5_000));
  t.deepEqual(revisions(window), [2]);
});

test('a window that was cleared begins anew', (t) => {
  const window = new EventWindow({ events: 2, size: 1_000_000 }, 0);
  for (const revision of [1, 2, 3]) window.push(put(revision, 1));
  window.clear(5);
  t.deepEqual(revisions(window), []);
  for (const revision of [6, 7]) window.push(put(revision, 1));
  t.deepEqual(revisions(window), [6, 7]);
  t.is(window.floor, 5);
});
