import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

const ROOT = join(import.meta.dirname, '../..');
const CLASS = /export (?:abstract )?class (\w+) extends (HeadwayError|Error|TypeError|RangeError)\b[\s\S]*?(?=\n}|$)/g;

const classes = globSync(['src/**/*.ts', 'agents/**/*.ts'], { cwd: ROOT }).flatMap((file) =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(CLASS)].map(([body, name = '', parent = '']) => {
    const retryable = /readonly isRetryable(?:: boolean| = (true|false))/.exec(body);
    return { file, name, parent, code: /readonly code = '([a-z][a-z-]*)'/.exec(body)?.[1], retry: retryable?.[1] === 'true' ? 'yes' : retryable?.[1] === 'false' ? 'no' : 'depends' };
  }),
).filter(({ name }) => name !== 'HeadwayError');

test('every error class is a HeadwayError with a code of its own', (t) => {
  t.true(classes.length > 20);
  t.deepEqual(classes.filter((c) => c.parent !== 'HeadwayError' || c.code === undefined).map((c) => `${c.file}: ${c.name}`), []);
  t.is(new Set(classes.map((c) => c.code)).size, classes.length);
});

test('docs/errors.md has every class, its code and whether to retry, in order of the codes', (t) => {
  const rows = [...readFileSync(join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^\| `([^`]+)` \| `([^`]+)` \| (\w+) \|/gm)].map((row) => row.slice(1, 4).join(' '));
  t.deepEqual(rows, classes.map((c) => `${c.code} ${c.name} ${c.retry}`).toSorted());
});
