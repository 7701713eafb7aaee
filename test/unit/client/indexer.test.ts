import test from 'ava';
import type { ConfigMap } from '#api/generated/core/v1.ts';
import { Indexer } from '#client/indexer.ts';

const mapIn = (namespace: string | undefined, name: string): ConfigMap => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...(namespace === undefined ? {} : { namespace }) } });
const namesOf = (objects: readonly ConfigMap[]): readonly string[] => objects.map(({ metadata }) => metadata.name ?? '');

test('a namespace lists what came before it was first asked for, and what came and went after', (t) => {
  const indexer = new Indexer<ConfigMap>();
  for (const [namespace, name] of [['a', 'one'], ['b', 'two'], [undefined, 'three']] as const) indexer.put(mapIn(namespace, name));
  t.deepEqual(namesOf(indexer.list('a')), ['one']);
  indexer.put(mapIn('a', 'four'));
  indexer.remove('a/one');
  indexer.remove('b/two');
  t.deepEqual(namesOf(indexer.list('a')), ['four']);
  t.deepEqual(namesOf(indexer.list('b')), []);
  t.deepEqual(namesOf(indexer.list('')), ['three'], 'of no namespace');
  t.deepEqual(namesOf(indexer.list()), ['three', 'four']);
});
