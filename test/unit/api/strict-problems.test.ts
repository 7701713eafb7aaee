import test from 'ava';
import { parseBody } from '#api/parse.ts';
import { type SentAs, strictProblems } from '#api/strict-problems.ts';

const TEXT = '{"spec":{"known":1,"odd":1,"odd":2,"paused":true,\n"paused":false,"list":[{"name":"a","name":"b","more":{"x":1,"x":2}}]}}';
const UNKNOWN = ['spec.odd', 'spec.list[0].more'];
const { value, duplicates } = parseBody(Buffer.from(TEXT), 'application/json');
const warnings = (sent: SentAs, isTyped: boolean): readonly string[] => strictProblems(value, UNKNOWN, sent, isTyped).warnings;

test('JSON of a built-in kind: as it stands in the text, and what is unknown is not found twice', (t) => {
  t.deepEqual(warnings({ form: 'json', duplicates }, true), ['unknown field "spec.odd"', 'duplicate field "spec.paused"', 'duplicate field "spec.list[0].name"', 'unknown field "spec.list[0].more"']);
});

test('JSON of a custom resource: what stands twice, then what is unknown', (t) => {
  t.deepEqual(warnings({ form: 'json', duplicates }, false), ['duplicate field "spec.odd"', 'duplicate field "spec.paused"', 'duplicate field "spec.list[0].name"', 'duplicate field "spec.list[0].more.x"', 'unknown field "spec.odd"', 'unknown field "spec.list[0].more"']);
});

test('YAML: lines, then what is unknown by name', (t) => {
  const [, second] = duplicates;
  const { warnings: told, error } = strictProblems(value, UNKNOWN, { form: 'yaml', duplicates: second ? [second] : [] }, true);
  t.deepEqual(told, ['line 2: key "paused" already set in map', 'unknown field "spec.list[0].more"', 'unknown field "spec.odd"']);
  t.is(error, 'yaml: unmarshal errors:\n  line 2: key "paused" already set in map, unknown field "spec.list[0].more", unknown field "spec.odd"');
});

test('an object that a patch has made: what is wrong with the patch, then what is unknown by name', (t) => {
  t.deepEqual(warnings({ form: 'patched', problems: ['duplicate field "spec.paused"'] }, true), ['duplicate field "spec.paused"', 'unknown field "spec.list[0].more"', 'unknown field "spec.odd"']);
});

test('what is unknown of a custom resource stays in the order in which its schema found it', (t) => {
  t.deepEqual(warnings({ form: 'yaml', duplicates: [] }, false), ['unknown field "spec.odd"', 'unknown field "spec.list[0].more"']);
  t.deepEqual(warnings({ form: 'patched', problems: [] }, false), ['unknown field "spec.odd"', 'unknown field "spec.list[0].more"']);
});

test('an error names a hundred problems at most', (t) => {
  const unknown = Array.from({ length: 150 }, (_, i) => `f${i}`);
  t.is(strictProblems({}, unknown, { form: 'json', duplicates: [] }, true).error.split(', ').length, 100);
});
