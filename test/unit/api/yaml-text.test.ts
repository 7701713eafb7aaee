import test from 'ava';
import { yamlOf } from '#api/yaml-text.ts';
import { parseYaml } from '#api/yaml.ts';

const TEXTS = ['', ' ', 'x', 'yes', 'on', 'y', 'null', '~', '1', '0777', '0o17', '0x1F', '1e3', '12:30:45', '.inf', '1_000', '2026-01-02', '2026-01-02T03:04:05Z', 'a: b', 'a:', 'a #b', '- x', '*x', '&x', '!x', '%x', '@x', '`x', '? x', '|', '>', '=', '<<',
  '---', '...', "it's", 'say "x"', `it's "x"`, '{"a":1}', '[x', 'a\\b', 'a\tb', 'a\u0001b', 'ümlaut ✓ 😀', 'a\nb', 'a\nb\n', 'a\n\nb\n\n', '\n', '  x\ny\n', 'a\n\tb\n', 'a \nb\n', 'a\r\nb\r\n', 'word '.repeat(60), '\u2028', '\uFEFFx'];

test('texts are read back as they were, as values and as names', (t) => {
  for (const text of TEXTS) t.deepEqual(parseYaml(yamlOf({ spec: { [text]: text, list: [text, [text]] } })).value, { spec: { [text]: text, list: [text, [text]] } }, JSON.stringify(text));
});

test('numbers are read back, also those that are longer than a double', (t) => {
  const numbers = { a: 0, b: -1, c: 1.5, d: 1e21, e: 9007199254740993n, f: true, g: null };
  t.deepEqual(parseYaml(yamlOf(numbers)).value, numbers);
});

test('it is written as kubectl does: names in order, lists not indented, quotes where they are needed', (t) => {
  t.is(yamlOf({ b: [{ name: 'x', ports: [1] }, {}], a: { image: 'web:1', on: '1' }, note: '{"a":1}', skipped: undefined, long: 'word '.repeat(30).trim(), text: 'one\ntwo\n' }),
    `a:\n  image: web:1\n  "on": "1"\nb:\n- name: x\n  ports:\n  - 1\n- {}\nlong: ${'word '.repeat(30).trim()}\nnote: '{"a":1}'\ntext: |\n  one\n  two\n`);
});
