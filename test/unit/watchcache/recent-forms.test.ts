import test from 'ava';
import { RecentForms, type FormHolder } from '#watchcache/recent-forms.ts';

const MAX_SIZE = 100;

/** Holders of 60 each, so that the second one of a generation ends it. */
function holders(): { readonly forms: RecentForms; readonly forgotten: string[]; touch(name: string): void } {
  const forms = new RecentForms(MAX_SIZE);
  const forgotten: string[] = [];
  const known = new Map<string, FormHolder>();
  const touch = (name: string): void => {
    if (!known.has(name)) known.set(name, { generation: -1, size: 60, forget: () => forgotten.push(name) });
    forms.touch(known.get(name) as FormHolder);
  };
  return { forms, forgotten, touch };
}

test('what was not asked for while others of the bound were asked for is forgotten, and only then', (t) => {
  const { touch, forgotten } = holders();
  for (const name of ['a', 'b']) touch(name);
  for (const name of ['c', 'd']) touch(name);
  t.deepEqual(forgotten, ['a', 'b']);
});

test('what is asked for again stays', (t) => {
  const { touch, forgotten } = holders();
  for (const name of ['a', 'b', 'a', 'c', 'a', 'd', 'a', 'e', 'a']) touch(name);
  t.false(forgotten.includes('a'));
  t.deepEqual(forgotten, ['b', 'c', 'd']);
});

test('asking often counts once', (t) => {
  const { touch, forgotten } = holders();
  for (let i = 0; i < 1000; i++) touch('a');
  t.deepEqual(forgotten, []);
});

test('what is forgotten may come back', (t) => {
  const { touch, forgotten } = holders();
  for (const name of ['a', 'b', 'c', 'd', 'a', 'e', 'f', 'g']) touch(name);
  t.deepEqual(forgotten, ['a', 'b', 'c', 'd', 'a', 'e']);
});
