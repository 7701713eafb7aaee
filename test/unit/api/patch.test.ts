import test from 'ava';
import fc from 'fast-check';
import { jsonPatch } from '#api/patch/json.ts';
import { mergePatch } from '#api/patch/merge.ts';

// The examples of RFC 7386, appendix A, first.
for (const [original, patch, result] of [
  [{ a: 'b' }, { a: 'c' }, { a: 'c' }], [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }], [{ a: 'b' }, { a: null }, {}], [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
  [{ a: ['b'] }, { a: 'c' }, { a: 'c' }], [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }], [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
  [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }], [['a', 'b'], ['c', 'd'], ['c', 'd']], [{ a: 'b' }, ['c'], ['c']], [{ a: 'foo' }, null, null], [{ a: 'foo' }, 'bar', 'bar'],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }], [[1, 2], { a: 'b', c: null }, { a: 'b' }], [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  // Those of Kubernetes' library.
  [{ a: 'foo' }, { b: [3, null, { x: null }] }, { a: 'foo', b: [3, null, {}] }], [{ a: [] }, { a: [{ z: 1, b: null }, [{ b: null }]] }, { a: [{ z: 1 }, [{}]] }],
  [{ a: null }, { a: [{ b: null }] }, { a: [{}] }], [{ a: {} }, { a: [{ b: null }] }, { a: [{ b: null }] }],
] as const) {
  test(`merge patch ${JSON.stringify(original)} with ${JSON.stringify(patch)}`, (t) => { t.deepEqual<unknown, unknown>(mergePatch(original, patch), result); });
}

test('a merge patch twice is the patch once, and its input is left alone', (t) => {
  const value = fc.letrec((tie) => ({ node: fc.oneof({ maxDepth: 3 }, fc.integer(), fc.constant(null), fc.array(fc.integer(), { maxLength: 2 }), fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('node'))) })).node;
  fc.assert(fc.property(value, value, (original, patch) => {
    const before = JSON.stringify(original);
    const once = mergePatch(original, patch);
    t.deepEqual(mergePatch(once, patch), once);
    t.is(JSON.stringify(original), before);
  }));
});

const document = { foo: ['bar', 'baz'], o: { 'a/b': 1, 'm~n': { x: null } } };
for (const [operations, result] of [
  [[{ op: 'add', path: '/foo/1', value: 'q' }], { ...document, foo: ['bar', 'q', 'baz'] }],
  [[{ op: 'add', path: '/foo/-', value: 'q' }], { ...document, foo: ['bar', 'baz', 'q'] }],
  [[{ op: 'remove', path: '/foo/0' }], { ...document, foo: ['baz'] }],
  [[{ op: 'replace', path: '/o/a~1b', value: { y: 2 } }], { ...document, o: { 'a/b': { y: 2 }, 'm~n': { x: null } } }],
  [[{ op: 'replace', path: '/o/new', value: 2 }], { ...document, o: { ...document.o, new: 2 } }],
  [[{ op: 'move', from: '/o/m~0n', path: '/moved' }], { foo: document.foo, o: { 'a/b': 1 }, moved: { x: null } }],
  [[{ op: 'remove', path: '/foo/-1' }], { ...document, foo: ['bar'] }],
  [[{ op: 'move', from: '/foo/0', path: '/foo/-' }], { ...document, foo: ['baz', 'bar'] }],
  [[{ op: 'copy', from: '', path: '/all' }], { ...document, all: document }],
  [[{ op: 'add', path: '', value: { x: 1 } }], { x: 1 }],
  [[{ op: 'copy', from: '/foo/0', path: '/o/c' }], { ...document, o: { ...document.o, c: 'bar' } }],
  [[{ op: 'test', path: '/o', value: { 'm~n': { x: null }, 'a/b': 1 } }, { op: 'test', path: '/absent', value: null }], document],
] as const) {
  test(`JSON patch ${JSON.stringify(operations)}`, (t) => {
    t.deepEqual<unknown, unknown>(jsonPatch(document, operations), result);
    t.deepEqual(document, { foo: ['bar', 'baz'], o: { 'a/b': 1, 'm~n': { x: null } } });
  });
}

for (const [operations, code] of [
  ['x', 400], [[1], 400], [[{ path: '/a' }], 422], [[{ op: 'add' }], 422], [[{ op: 'jump', path: '/a' }], 422], [[{ op: 'add', path: 'a', value: 1 }], 422], [[{ op: 'add', path: '/a' }], 422],
  [[{ op: 'remove', path: '/x' }], 422], [[{ op: 'replace', path: '/x/y', value: 1 }], 422], [[{ op: 'replace', path: '/foo/2', value: 1 }], 422], [[{ op: 'test', path: '/foo', value: [] }], 422],
  [[{ op: 'add', path: '/foo/9', value: 1 }], 422], [[{ op: 'add', path: '/x/y', value: 1 }], 422], [[{ op: 'move', from: '/o', path: '/o/x' }], 422],
  [[{ op: 'test', path: '/o', value: { other: 1 } }], 422], [[{ op: 'add', path: '/foo/0/x', value: 1 }], 422], [[{ op: 'add', path: '/o/m~0n/x/y', value: 1 }], 422],
  [[{ op: 'remove', path: '' }], 422], [[{ op: 'replace', path: '/foo/-', value: 1 }], 422],
  [[{ op: 'add', path: '/__proto__/a', value: 1 }], 400],
] as const) {
  test(`JSON patch ${JSON.stringify(operations)} fails with ${code}`, (t) => {
    const error = t.throws(() => jsonPatch(document, operations));
    t.is((error as unknown as { httpCode: number }).httpCode, code);
  });
}
