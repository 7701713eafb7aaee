import test from 'ava';
import { definition, includes, valueReferences, withoutActions } from '#sync/audit/trace/template-text.ts';

for (const { name, text, expected } of [
  { name: 'a line of actions', text: 'a: 1\n{{- if .Values.x }}\nb: 2\n{{ end }}\n', expected: 'a: 1\n\nb: 2\n\n' },
  { name: 'an action in a value', text: 'a: "{{ .Values.x }}-y"', expected: 'a: "__action__-y"' },
  { name: 'an action of several lines', text: '{{- /*\n kind: Secret\n*/ -}}\na: 1', expected: '\n\n\na: 1' },
  { name: 'a key', text: '  {{ $k }}: {{ $v | quote }}', expected: '  __action__: __action__' },
]) {
  test(`${name} is taken out, line for line`, (t) => {
    t.is(withoutActions(text), expected);
  });
}

test('references and includes are found', (t) => {
  t.deepEqual(valueReferences('{{ .Values.image.name }}:{{ default "x" .Values.tag }}'), ['image.name', 'tag']);
  t.deepEqual(includes('{{ include "a.b" . }} {{- template "c" }}'), ['a.b', 'c']);
});

test('the body of a helper ends with its own end', (t) => {
  t.deepEqual(definition('x\n{{ define "a" }}\n{{ if .x }}\nk: v\n{{ end }}\n{{ end }}\n{{ define "b" }}{{ end }}', 'a'), { first: 2, last: 6 });
  t.deepEqual(definition('{{ define "b" }}{{ end }}', 'b'), { first: 1, last: 1 });
  t.is(definition('{{ define "b" }}', 'a'), undefined);
});
