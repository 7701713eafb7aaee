import test from 'ava';
import { readFieldTree, type FieldNode } from '#sync/audit/field-tree.ts';

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

test('text that is no YAML, and an alias that holds itself, are survived', (t) => {
  t.is(readFieldTree('a: ['), undefined);
  t.is(readFieldTree(''), undefined);
  t.notThrows(() => readFieldTree('a: &a\n  b: *a\n'));
});
