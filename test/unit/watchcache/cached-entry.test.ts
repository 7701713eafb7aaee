import test from 'ava';
import { sourceOf } from '#api/object-source.ts';
import { CachedEntry } from '#watchcache/cached-entry.ts';
import { RecentForms } from '#watchcache/recent-forms.ts';

const VALUE = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'default', name: 'a' }, data: { text: 'größer als 世界', long: '12345678901234567890' } });
const entryOf = (maxSize: number): CachedEntry =>
  new CachedEntry({ resource: 'configmaps', forms: new RecentForms(maxSize) }, { namespace: 'default', name: 'a', value: VALUE, revision: 7 });

test('object and bytes have the version, and stay the same ones while they are asked for', (t) => {
  const entry = entryOf(1_000_000);
  t.is(entry.object.metadata.resourceVersion, '7');
  t.deepEqual(JSON.parse(String(entry.json())), entry.object);
  t.is(entry.object, entry.object);
  t.is(entry.json(), entry.json());
});

test('what was forgotten is made again, equal', (t) => {
  const entry = entryOf(1_000_000);
  const [object, json] = [entry.object, entry.json()];
  entry.forget();
  t.not(entry.object, object);
  t.deepEqual(entry.object, object);
  t.deepEqual(entry.json(), json);
});

test('the entry is the source of its objects, which copies do not show', (t) => {
  const entry = entryOf(1_000_000);
  t.is(sourceOf(entry.object), entry);
  const copy = { ...entry.object };
  t.is(sourceOf(copy).object, copy);
  t.deepEqual(Reflect.ownKeys(copy), ['apiVersion', 'kind', 'metadata', 'data']);
});
