import test from 'ava';
import { ObjectCache } from '#sync/source/object-cache.ts';

const cacheOf = (limit: number): ObjectCache<string> => new ObjectCache({ limit, sizeOf: (value) => value.length });

test('reads of one id at the same time are one', async (t) => {
  const cache = cacheOf(10);
  let reads = 0;
  const read = () => Promise.resolve(`${++reads}`);
  t.deepEqual(await Promise.all([cache.get('a', read), cache.get('a', read), cache.get('b', read)]), ['1', '1', '2']);
  t.is(await cache.get('a', read), '1');
});

test('the least recently used go when there is more than may be kept', async (t) => {
  const cache = cacheOf(4);
  const value = (text: string) => () => Promise.resolve(text);
  await cache.get('a', value('aa'));
  await cache.get('b', value('bb'));
  await cache.get('a', value('again'));
  await cache.get('c', value('cc'));
  t.is(await cache.get('b', value('new')), 'new');
});

test('what failed, or was forgotten, is read again', async (t) => {
  const cache = cacheOf(10);
  await t.throwsAsync(cache.get('a', () => Promise.reject(new Error('away'))));
  t.is(await cache.get('a', () => Promise.resolve('there')), 'there');
  cache.clear();
  t.is(await cache.get('a', () => Promise.resolve('anew')), 'anew');
});
