import test from 'ava';
import { warningHeaders } from '#apiserver/http/warnings.ts';

const words = (letter: string, length: number): string => letter.repeat(length);
const header = (text: string): string => `299 - "${text}"`;

for (const [why, texts, headers] of [
  ['none', [], []],
  ['nothing is no warning', [''], []],
  ['one', ['a'], [header('a')]],
  ['each once, in the order in which they were given', ['b', 'a', 'b'], [header('b'), header('a')]],
  ['quotes and backslashes', ['say "a\\b"'], [header('say \\"a\\\\b\\"')]],
  ['none of several lines, or with other control characters', ['a\nb', 'c\u0001', 'd'], [header('d')]],
  ['4096 characters whole', [words('a', 4_000), words('b', 96)], [header(words('a', 4_000)), header(words('b', 96))]],
  ['the beginnings of more', [words('a', 4_000), 'short', words('b', 92)], [header(words('a', 256)), header('short'), header(words('b', 92))]],
  ['as many beginnings as fit', Array.from({ length: 20 }, (_, i) => `${i % 10}${words(i < 10 ? 'a' : 'b', 300)}`), Array.from({ length: 16 }, (_, i) => header(`${i % 10}${words(i < 10 ? 'a' : 'b', 255)}`))],
] as const) {
  test(`warnings: ${why}`, (t) => t.deepEqual(warningHeaders(texts), headers));
}

test('text beyond ASCII is UTF-8, and is cut between characters', (t) => {
  const read = (headers: readonly string[]): readonly string[] => headers.map((each) => Buffer.from(each, 'latin1').toString());
  t.deepEqual(read(warningHeaders(['unknown field "spec.größe"'])), ['299 - "unknown field \\"spec.größe\\""']);
  t.deepEqual(read(warningHeaders([words('🙂', 5_000)])), [header(words('🙂', 256))]);
});
