import test from 'ava';
import { findValues } from '#api/jsonpath/find.ts';
import { parseJsonPath } from '#api/jsonpath/parse.ts';

const OBJECT = { a: { b: [1, 2, 3], 'c.d': 'x' }, list: [{ t: 'A', n: 1 }, { t: 'B', n: 2, deep: { n: 9 } }] };
const cases: readonly (readonly [path: string, values: readonly unknown[]])[] = [
  ['.a.b', [[1, 2, 3]]], ['.a.b[0]', [1]], ['.a.b[-1]', [3]], ['.a.b[*]', [1, 2, 3]], ['.a.b[0:2]', [1, 2]], ['.a.b[::2]', [1, 3]], ['.a.b[0,2]', [1, 3]], ['.a.b[9]', []],
  ['.a.c\\.d', ['x']], [".a['c.d']", ['x']], ['.absent.x', []], ['.list[?(@.t=="B")].n', [2]], ["$.list[?(@.n > 1)].t", ['B']], ['.list[?(@.deep)].t', ['B']], ['.list[?(@.t!="A")].n', [2]], ['.list[*].t', ['A', 'B']],
  ['..n', [1, 2, 9]], ['.', [OBJECT]], ['.a[*]', []], ['.list[*].deep[*]', []], ['.list[1].deep.*', [9]],
];
for (const [path, values] of cases) test(`${path} leads to ${JSON.stringify(values).slice(0, 40)}`, (t) => t.deepEqual(findValues(parseJsonPath(path), OBJECT), values));

for (const path of ['.a[', '.a[?(x', '.a[b]', '.a b', '.a[0:2:0]', '["a"]', '["a","list"]']) test(`${path} is refused`, (t) => t.is(t.throws(() => parseJsonPath(path))?.name, 'JsonPathError'));
