import test from 'ava';
import { yamlFault } from '#api/yaml-fault/yaml-fault.ts';

/** What go-yaml v2 says of each; its own tests have some of them. What is found in the first line, or only by the parser in the second, has no line. */
const FAULTS: readonly (readonly [string, string])[] = [
  ['a: b: c', 'mapping values are not allowed in this context'],
  ['a: b\n c: d', 'line 2: mapping values are not allowed in this context'],
  ['a: b\nc: d: e', 'line 2: mapping values are not allowed in this context'],
  ['key\nother: x', 'line 2: mapping values are not allowed in this context'],
  ['value: -', 'block sequence entries are not allowed in this context'],
  ['a: b ? c\nd: ? e', 'line 2: mapping keys are not allowed in this context'],
  ['a: b\nfoo', "line 3: could not find expected ':'"],
  ['a: 1\nb: 2\nc 2\nd: 3\n', "line 4: could not find expected ':'"],
  ['#\n-\n{', "line 4: could not find expected ':'"],
  ['a:\n  b: c\n d: e', 'line 2: did not find expected key'],
  ['a: "b" c', 'did not find expected key'],
  ['a: b\n- c', 'line 1: did not find expected key'],
  ['a: b\n}', 'line 1: did not find expected key'],
  ['- a\nb: c', "line 1: did not find expected '-' indicator"],
  ['v: [A,', 'line 1: did not find expected node content'],
  ['v:\n- [A,', 'line 2: did not find expected node content'],
  ['a: {b: ]', 'did not find expected node content'],
  ['a: [1, 2', "line 1: did not find expected ',' or ']'"],
  ['a: {b: c', "line 1: did not find expected ',' or '}'"],
  ['a: [b\nc: d]\n', "line 1: did not find expected ',' or ']'"],
  ['a:\n\tb: c', 'line 2: found character that cannot start any token'],
  ['a: @x', 'found character that cannot start any token'],
  ['a: `x`', 'found character that cannot start any token'],
  ['a: %x', 'found character that cannot start any token'],
  ['a: |\n  x\n\ty\n', 'line 3: found a tab character where an indentation space is expected'],
  ['a: |\n\tx', 'line 2: found a tab character where an indentation space is expected'],
  ['a:\n  b\n\tc', 'line 3: found a tab character that violates indentation'],
  ['a: |x\n', 'did not find expected comment or line break'],
  ['a: |0\n', 'found an indentation indicator equal to 0'],
  ['a: "x', 'found unexpected end of stream'],
  ["a: 'x\n\n", 'line 3: found unexpected end of stream'],
  ['a: "x\n---\n', 'line 2: found unexpected document indicator'],
  ['"a\\q"', 'found unknown escape character'],
  ['"a\\xZZ"', 'did not find expected hexdecimal number'],
  ['a: *b\n', "unknown anchor 'b' referenced"],
  ['b: *a\na: &a {c: 1}', "unknown anchor 'a' referenced"],
  ['a:\n- b: *,', 'line 2: did not find expected alphabetic or numeric character'],
  ['a: b\n!c: {d: e}\n  f: g\n', "line 3: could not find expected ':'"],
  ['a: !x!y z', 'found undefined tag handle'],
  ['{"a": ', 'line 1: did not find expected node content'],
];
for (const [text, fault] of FAULTS) test(`${JSON.stringify(text)}: ${fault}`, (t) => t.is(yamlFault(text), fault));

test('what can be read has no fault', (t) => {
  for (const text of [
    '', '# nothing\n', 'a', '- a\n-\n- - b\n  - c\n', 'a: b\nc:\n- d\n- e: f\n  g: h\ni: |\n  x: y\n   z\n\nj: >-\n  k\n', '? a\n: b\n? c\n', 'a: [b, {c: d}, "e": f, ? g]\n', '{a: b}: c\n[d]: e\n', '{a: b, c, "d":e,}', 'a: "b\\n\\x41\\\n  c"\nd: \'it\'\'s\'\n',
    'a: &x !!str b\nc: *x\nd: &y\n  e: f\n', '---\na: b\n...\n---\n[', 'a: http://x.y/z?q=#f # comment\n', 'a: b\n  c\n  d\ne: -1\n', 'a:\t"b"\t\n', '\ufeffa: b\r\nc: d\r\n',
  ]) t.is(yamlFault(text), undefined, text);
});

test('of what is deep, long, or begins with a directive, nothing is said', (t) => {
  t.is(yamlFault('['.repeat(60_000)), undefined);
  t.is(yamlFault(`${'- a: b\n'.repeat(10_000)}x: y`), undefined);
  t.is(yamlFault('%YAML 1.2\n---\na: b: c'), undefined);
});
