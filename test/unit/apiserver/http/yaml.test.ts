import test from 'ava';
import { parseYaml } from '#api/yaml.ts';
import { formatYaml } from '#apiserver/http/yaml.ts';

const values: readonly unknown[] = [
  { a: 'plain', b: 'yes', c: '1.5', d: null, e: [], f: {}, g: true, h: 'two\nlines: #x' },
  [{ a: 1, b: [{ c: 'd' }, 'e', ['f', ['g']]] }, { nested: { deep: [{ x: { y: 'z' } }] } }],
];
for (const [i, value] of values.entries()) {
  test(`what is written is read back: ${i}`, (t) => {
    t.deepEqual(parseYaml(formatYaml(value)).value, value);
  });
}
