import test from 'ava';
import { readFieldTree, type FieldNode } from '#api/field-tree.ts';

const at = (root: FieldNode | undefined, ...path: readonly (string | number)[]): FieldNode | undefined =>
  path.reduce<FieldNode | undefined>((node, step) => (typeof step === 'string' ? node?.members.get(step) : node?.items[step]), root);

const TEXT = `kind: X
spec:
  list:
  - name: a
    value: 1
  -
    name: b
  flow: {one: 1, two: 2}
  block: |
    first
    second
  after: z
`;

for (const { path, first, last } of [
  { path: ['kind'], first: 1, last: 1 }, { path: ['spec'], first: 2, last: 12 }, { path: ['spec', 'list', 0], first: 4, last: 5 }, { path: ['spec', 'list', 0, 'value'], first: 5, last: 5 },
  { path: ['spec', 'list', 1, 'name'], first: 7, last: 7 }, { path: ['spec', 'flow', 'two'], first: 8, last: 8 }, { path: ['spec', 'block'], first: 9, last: 11 }, { path: ['spec', 'after'], first: 12, last: 12 },
] as const) {
  test(`${path.join('.')} has lines ${first} to ${last}`, (t) => {
    const node = at(readFieldTree(TEXT), ...path);
    t.deepEqual([node?.first, node?.last], [first, last]);
  });
}

test('lines are those of the file when the document begins later', (t) => {
  t.is(at(readFieldTree('a: 1\nb: 2\n', 10), 'b')?.first, 12);
});

test('what an alias or a merge key brings stands where it is anchored', (t) => {
  const root = readFieldTree('base: &base\n  cpu: 1\nuse:\n  <<: *base\n  memory: 2\nagain: *base\n');
  t.is(at(root, 'use', 'cpu')?.first, 2);
  t.is(at(root, 'use', 'memory')?.first, 5);
  t.is(at(root, 'again', 'cpu')?.first, 2);
});

test('of what is merged, the map itself wins, then what stands first', (t) => {
  const root = readFieldTree('one: &one {a: 1, b: 1}\ntwo: &two {a: 2, c: 2}\nuse:\n  b: 3\n  <<: [*one, *two]\n');
  t.deepEqual([...(at(root, 'use')?.members ?? [])].map(([name, { first, scalar }]) => [name, first, scalar]).sort(), [['a', 1, 1], ['b', 4, 3], ['c', 2, 2]]);
});

test('scalars are what kubectl reads, texts with quotes or a tag are texts', (t) => {
  const root = readFieldTree('a: yes\nb: "yes"\nc: 0o17\nd: !!str 5\ne: 2020-01-02\nf:\ng: 9007199254740993\n');
  t.deepEqual([...(root?.members.values() ?? [])].map(({ scalar }) => scalar), [true, 'yes', 15, '5', '2020-01-02', null, 9007199254740993n]);
});

for (const { text, lines, what } of [
  { what: 'a flow collection goes to its bracket', text: 'a: {\n  b: [],\n  # c\n  }\nd: 1\n', lines: [1, 4] },
  { what: 'a quoted text to its quote', text: 'a: "x\n\n  y\n  "\nd: 1\n', lines: [1, 4] },
  { what: 'a block to its last line with text', text: 'a: |\n\n  x\n\n\nd: 1\n', lines: [1, 3] },
  { what: 'a block that keeps empty lines to the last of them', text: 'a: |+\n  x\n\nd: 1\n', lines: [1, 3] },
  { what: 'comments and empty lines that follow are of nothing', text: 'a:\n  b: 1\n  # x\n\nd: 1\n', lines: [1, 2] },
]) {
  test(what, (t) => {
    const node = at(readFieldTree(text), 'a');
    t.deepEqual([node?.first, node?.last] as (number | undefined)[], lines);
  });
}

test('an item that is a block begins with its bar', (t) => {
  const node = at(readFieldTree('a:\n- |\n\n  x\n'), 'a', 0);
  t.deepEqual([node?.first, node?.last], [2, 4]);
});

test('comments that look like many are read in no time', (t) => {
  const node = at(readFieldTree(`a: [1 ${'# '.repeat(5_000)}\n  ]\nb: [c: 1${' # '.repeat(5_000)}\n  ]\n`), 'a');
  t.deepEqual([node?.first, node?.last], [1, 2]);
});

test('of several documents the first is read', (t) => {
  t.deepEqual([...(readFieldTree('---\na: 1\n---\nb: 2\n')?.members.keys() ?? [])], ['a']);
});

test('text that is no YAML, and an alias that holds itself, are survived', (t) => {
  t.is(readFieldTree('a: ['), undefined);
  t.is(readFieldTree(''), undefined);
  t.notThrows(() => readFieldTree('a: &a\n  b: *a\n'));
});
