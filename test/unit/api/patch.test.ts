import test from 'ava';
import fc from 'fast-check';
import { jsonPatch } from '#api/patch/json.ts';
import { mergePatch } from '#api/patch/merge.ts';
import type { UnfitPatch } from '#api/patch/unfit-patch.ts';

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
  [[{ op: 'copy', from: '/absent', path: '/o/c' }], { ...document, o: { ...document.o, c: null } }],
  [[{ op: 'replace', path: '', value: { x: 1 } }], { x: 1 }],
  [[{ op: 'add', path: 'anything/o/new', value: 2 }], { ...document, o: { ...document.o, new: 2 } }],
  [[{ op: 'add', path: '/o/~2~', value: 2 }], { ...document, o: { ...document.o, '~2~': 2 } }],
  [[{ op: 'replace', path: '', value: [1] }], [1]],
  [[{ op: 'test', path: '', value: document }], document],
  [[{ op: 'add', path: '/a' }], { ...document, a: null }],
  [[{ op: 'replace', path: '/foo/+0' }], { ...document, foo: [null, 'baz'] }],
  [[{ op: 'copy', from: '/foo/0', path: '/o/c' }], { ...document, o: { ...document.o, c: 'bar' } }],
  [[{ op: 'test', path: '/o', value: { 'm~n': { x: null }, 'a/b': 1 } }, { op: 'test', path: '/absent', value: null }], document],
] as const) {
  test(`JSON patch ${JSON.stringify(operations)}`, (t) => {
    t.deepEqual<unknown, unknown>(jsonPatch(document, operations), result);
    t.deepEqual(document, { foo: ['bar', 'baz'], o: { 'a/b': 1, 'm~n': { x: null } } });
  });
}

for (const operations of ['x', [1], [{ op: 'add', path: '/__proto__/a', value: 1 }]] as const) {
  test(`JSON patch ${JSON.stringify(operations)} is a bad request`, (t) => {
    t.is((t.throws(() => jsonPatch(document, operations)) as unknown as { httpCode: number }).httpCode, 400);
  });
}

for (const [operation, why] of [
  [{ path: '/a' }, 'Unexpected kind: unknown'], [{ op: 'jump', path: '/a' }, 'Unexpected kind: jump'],
  [{ op: 'add' }, 'add operation failed to decode path: missing value'], [{ op: 'test', path: 1 }, 'test operation failed to decode path: operation missing path field: missing value'],
  [{ op: 'move', path: '/a' }, 'move operation failed to decode from: operation, missing from field: missing value'],
  [{ op: 'add', path: 'a', value: 1 }, 'add operation does not apply: doc is missing path: "a": missing value'],
  [{ op: 'test', path: 'a', value: 1 }, 'test operation does not apply: is missing path: a: missing value'],
  [{ op: 'replace', path: 'a', value: {} }, 'replace operation does not apply: doc is missing path: a: missing value'],
  [{ op: 'replace', path: '', value: 1 }, 'replace operation value must be object or array: %!w(<nil>)'],
  [{ op: 'add', path: '', value: {} }, 'add operation does not apply: doc is missing path: "": missing value'],
  [{ op: 'add', path: '/x/y', value: 1 }, 'add operation does not apply: doc is missing path: "/x/y": missing value'],
  [{ op: 'add', path: '/foo/0/x', value: 1 }, 'add operation does not apply: doc is missing path: "/foo/0/x": missing value'],
  [{ op: 'add', path: '/o/m~0n/x/y', value: 1 }, 'add operation does not apply: doc is missing path: "/o/m~0n/x/y": missing value'],
  [{ op: 'add', path: '/foo/9', value: 1 }, "error in add for path: '/foo/9': Unable to access invalid index: 9: invalid index referenced"],
  [{ op: 'add', path: '/foo/-4', value: 1 }, "error in add for path: '/foo/-4': Unable to access invalid index: -4: invalid index referenced"],
  [{ op: 'add', path: '/foo/a', value: 1 }, "error in add for path: '/foo/a': value was not a proper array index: 'a': strconv.Atoi: parsing \"a\": invalid syntax"],
  [{ op: 'remove', path: '' }, 'remove operation does not apply: doc is missing path: "": missing value'],
  [{ op: 'remove', path: '/x/y' }, 'remove operation does not apply: doc is missing path: "/x/y": missing value'],
  [{ op: 'remove', path: '/o/x' }, "error in remove for path: '/o/x': Unable to remove nonexistent key: x: missing value"],
  [{ op: 'remove', path: '/foo/-' }, "error in remove for path: '/foo/-': strconv.Atoi: parsing \"-\": invalid syntax"],
  [{ op: 'remove', path: '/foo/-3' }, "error in remove for path: '/foo/-3': Unable to access invalid index: -3: invalid index referenced"],
  [{ op: 'replace', path: '/x/y', value: 1 }, 'replace operation does not apply: doc is missing path: /x/y: missing value'],
  [{ op: 'replace', path: '/foo/2', value: 1 }, 'replace operation does not apply: doc is missing key: /foo/2: missing value'],
  [{ op: 'replace', path: '/foo/-', value: 1 }, 'replace operation does not apply: doc is missing key: /foo/-: missing value'],
  [{ op: 'test', path: '/foo', value: [] }, 'testing value /foo failed: test failed'], [{ op: 'test', path: '/foo' }, 'testing value /foo failed: test failed'],
  [{ op: 'test', path: '/o', value: { other: 1 } }, 'testing value /o failed: test failed'],
  [{ op: 'test', path: '/x/y', value: 1 }, 'test operation does not apply: is missing path: /x/y: missing value'],
  [{ op: 'test', path: '/foo/5', value: 1 }, "error in test for path: '/foo/5': Unable to access invalid index: 5: invalid index referenced"],
  [{ op: 'copy', from: '', path: '/all' }, 'copy operation does not apply: doc is missing from path: : missing value'],
  [{ op: 'copy', from: '/foo/7', path: '/a' }, "error in copy for from: '/foo/7': Unable to access invalid index: 7: invalid index referenced"],
  [{ op: 'copy', from: '/foo', path: '/x/y' }, 'copy operation does not apply: doc is missing destination path: /x/y: missing value'],
  [{ op: 'copy', from: '/foo/0', path: '/foo/3' }, 'error while adding value during copy: Unable to access invalid index: 3: invalid index referenced'],
  [{ op: 'move', from: '/x/y', path: '/a' }, 'move operation does not apply: doc is missing from path: /x/y: missing value'],
  [{ op: 'move', from: '/o/x', path: '/a' }, "error in move for path: 'x': Unable to remove nonexistent key: x: missing value"],
  [{ op: 'move', from: '/o', path: '/o/x' }, 'move operation does not apply: doc is missing destination path: /o/x: missing value'],
  [{ op: 'move', from: '/foo/0', path: '/foo/2' }, "error in move for path: '/foo/2': Unable to access invalid index: 2: invalid index referenced"],
] as const) {
  test(`JSON patch ${JSON.stringify(operation)} does not fit`, (t) => {
    const error = t.throws(() => jsonPatch(document, [operation])) as unknown as UnfitPatch;
    t.deepEqual([error.httpCode, error.why], [422, why]);
    t.like(error.data.status, { reason: 'Invalid', message: 'the server rejected our request due to an error in our request', details: {} });
  });
}
