import test from 'ava';
import { substitute, unknownMessage } from '#sync/generators/substitute.ts';

const PARAMETERS = { name: 'web', path: 'apps/web', 'path[1]': 'web', 'metadata.labels.example.org/tier': 'front' };

for (const [template, value] of [
  ['{{name}}', 'web'], ['{{ name }}-preview', 'web-preview'], ['{{path}}/{{path[1]}}', 'apps/web/web'], ['{{metadata.labels.example.org/tier}}', 'front'],
  [{ '{{name}}': ['{{name}}', 1, null, { deep: '{{name}}' }] }, { web: ['web', 1, null, { deep: 'web' }] }],
  ['{{ .Values.name }} {{- if x }} {{ include "a" . }}', '{{ .Values.name }} {{- if x }} {{ include "a" . }}'], ['{name}', '{name}'],
] as const) {
  test(`${JSON.stringify(template)} becomes ${JSON.stringify(value)}`, (t) => t.deepEqual(substitute<unknown>(template, PARAMETERS), { value, unknown: [] }));
}

test('a value is not looked at again', (t) => t.is(substitute('{{a}}', { a: '{{b}}', b: 'x' }).value, '{{b}}'));

test('an unknown parameter is told with its field, and what there is', (t) => {
  const { unknown: [missing] } = substitute({ spec: { paths: ['a', '{{brunch}}'] } }, { branch: 'x', author: 'y' });
  t.deepEqual(missing, { name: 'brunch', field: 'spec.paths[1]' });
  t.is(missing && unknownMessage(missing, { branch: 'x', author: 'y' }), 'spec.paths[1]: there is no parameter "brunch"; there are author, branch');
});
