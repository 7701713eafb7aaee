import test from 'ava';
import { plainRenderer } from '#sync/render/plain-renderer.ts';
import { substituteVariables } from '#sync/render/variables.ts';

const VARIABLES = { COLOR: 'blue', EMPTY: '', LINES: 'a\nb' };

const cases: readonly (readonly [string, string])[] = [
  ['c: ${COLOR}', 'c: blue'], ['c: "${COLOR}-${COLOR}"', 'c: "blue-blue"'], ['c: ${NONE}', 'c: '], ['c: ${NONE:-red}', 'c: red'], ['c: ${NONE:=red}', 'c: red'],
  ['c: ${EMPTY:-red}', 'c: red'], ['c: ${COLOR:-red}', 'c: blue'], ['c: $${COLOR}', 'c: ${COLOR}'], ['c: $COLOR', 'c: $COLOR'], ['c: ${NONE:-http://x:1/}', 'c: http://x:1/'], ['c: ${toString:-own}', 'c: own'],
];
for (const [text, expected] of cases) {
  test(`${text} becomes ${expected}`, (t) => {
    t.deepEqual(substituteVariables(text, VARIABLES), { text: expected });
  });
}

for (const text of ['a: b\nc: ${COLOR^^}', 'a: b\nc: ${1}', 'a: b\nc: ${COLOR', 'a: b\nc: ${LINES}']) {
  test(`refused with its line: ${JSON.stringify(text)}`, (t) => {
    t.like(substituteVariables(text, VARIABLES), { error: { reason: 'InvalidVariable', line: 2 } });
  });
}

const CONFIG = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  color: ${COLOR}\n';
const dataOf = (text: string, variables?: Record<string, string>): unknown =>
  plainRenderer.render({ path: 'a.yaml', content: Buffer.from(text) }, variables).objects.map(({ object }) => (object as unknown as { data: { color: string } }).data.color);

test('only when asked, and never in objects that say no', (t) => {
  t.deepEqual(dataOf(CONFIG), ['${COLOR}']);
  const marked = CONFIG.replace('  name: a\n', '  name: b\n  annotations:\n    kustomize.toolkit.fluxcd.io/substitute: disabled\n');
  t.deepEqual(dataOf(`${CONFIG}---\n${marked}`, VARIABLES), ['blue', '${COLOR}']);
});

test('an error has the line of the file', (t) => {
  const { errors } = plainRenderer.render({ path: 'a.yaml', content: Buffer.from(`# x\n---\n${CONFIG.replace('COLOR', '!')}`) }, VARIABLES);
  t.like(errors[0], { path: 'a.yaml', line: 8, reason: 'InvalidVariable' });
});
