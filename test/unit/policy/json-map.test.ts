import test from 'ava';
import { equals } from '#policy/cel/values.ts';
import { JsonMap } from '#policy/typing/json-map.ts';
import { fromJson, toJson } from '#policy/typing/json-value.ts';

test('members are converted when they are read, once', (t) => {
  const read: unknown[] = [];
  const map = new JsonMap({ a: 1, b: 2 }, (json) => {
    read.push(json);
    return fromJson(json);
  });
  t.deepEqual(read, []);
  t.is(map.get('b'), 2n);
  t.is(map.get('b'), 2n);
  t.deepEqual(read, [2]);
});

test('it is a map as any other: absent members, order, size, equality, JSON', (t) => {
  const json = { z: 1, a: { b: [1.5, null] }, gone: undefined };
  const map = fromJson(json) as ReadonlyMap<string, never>;
  t.true(map.has('a'));
  t.false(map.has('gone'));
  t.false(map.has('toString'));
  t.is(map.get('toString'), undefined);
  t.deepEqual([...map.keys()], ['z', 'a']);
  t.is(map.size, 2);
  t.true(equals(map, fromJson({ a: { b: [1.5, null] }, z: 1 })));
  t.deepEqual(toJson(map), { z: 1, a: { b: [1.5, null] } });
});
