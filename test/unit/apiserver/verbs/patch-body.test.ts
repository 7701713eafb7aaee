import test from 'ava';
import { appliedBody, mergedBody, operationsOf, strategicBody } from '#apiserver/verbs/patch-body.ts';

type Reader = (call: { readonly body: unknown; readonly query: Readonly<Record<string, string>> }) => object;

const OBJECT = 'Go value of type map[string]interface {}';
const YAML = 'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal';

for (const [read, body, message, fieldValidation] of [
  [operationsOf, undefined, 'error decoding patch: unexpected end of JSON input'],
  [operationsOf, {}, 'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp'],
  [operationsOf, 'x', 'error decoding patch: json: cannot unmarshal string into Go value of type []handlers.jsonPatchOp'],
  [operationsOf, [{}, 1], 'error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp'],
  [operationsOf, [{ op: 1, path: '/a' }], 'error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string'],
  [operationsOf, [{ op: 'add', path: [] }], 'error decoding patch: json: cannot unmarshal array into Go struct field jsonPatchOp.path of type string', 'Strict'],
  [operationsOf, [{ op: 'add', path: '/a', from: true }], 'error decoding patch: json: cannot unmarshal bool into Go struct field jsonPatchOp.from of type string'],
  [operationsOf, {}, 'json: cannot unmarshal object into Go value of type jsonpatch.Patch', 'Ignore'],
  [operationsOf, [true], 'json: cannot unmarshal bool into Go value of type jsonpatch.Operation', 'Ignore'],
  [mergedBody, undefined, 'error decoding patch: unexpected end of JSON input'],
  [mergedBody, null, 'Invalid JSON Patch'],
  [mergedBody, [], `error decoding patch: json: cannot unmarshal array into ${OBJECT}`],
  [strategicBody, undefined, 'unexpected end of JSON input'],
  [strategicBody, 1, `json: cannot unmarshal number into ${OBJECT}`],
  [appliedBody, [], `${YAML} array into ${OBJECT}`],
  [appliedBody, 'x', `${YAML} string into ${OBJECT}`],
] as readonly (readonly [Reader, unknown, string, string?])[]) {
  test(`${read.name} refuses ${JSON.stringify(body)} ${fieldValidation ?? ''}`, (t) => {
    t.like(t.throws(() => read({ body, query: fieldValidation === undefined ? {} : { fieldValidation } })), { message, httpCode: 400 });
  });
}

for (const [read, body, expected, fieldValidation] of [
  [operationsOf, null, []], [operationsOf, [null], [{}]], [operationsOf, [{ op: 1 }], [{ op: 1 }], 'Ignore'], [operationsOf, [{ op: null }], [{ op: null }]],
  [strategicBody, null, {}], [appliedBody, undefined, {}], [appliedBody, null, {}],
] as readonly (readonly [Reader, unknown, object, string?])[]) {
  test(`${read.name} takes ${JSON.stringify(body)} ${fieldValidation ?? ''}`, (t) => {
    t.deepEqual(read({ body, query: fieldValidation === undefined ? {} : { fieldValidation } }), expected);
  });
}
