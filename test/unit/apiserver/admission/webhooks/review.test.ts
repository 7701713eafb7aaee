import test from 'ava';
import { loadSchema } from '#api/schema.ts';
import { operationsOf, type ReviewProblem, verdictOf } from '#apiserver/admission/webhooks/review.ts';

const V1 = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
const BETA = { ...V1, apiVersion: 'admission.k8s.io/v1beta1' };
const response = { allowed: true, uid: 'u' };
const encoded = (text: string): string => Buffer.from(text).toString('base64');
const patch = encoded('[{"op":"remove","path":"/a"}]');
const schema = loadSchema();
const field = (type: string, path: string): string => `into Go struct field ${type}.${path} of type`;

for (const [what, versions, answer, problem] of [
  ['an answer in v1', ['v1'], { ...V1, response }, undefined],
  ['an answer in v1beta1 without the uid', ['v1beta1'], { ...BETA, response: { allowed: true } }, undefined],
  ['an answer to v1beta1 that says nothing but what it thinks', ['v1beta1', 'v1'], { response: { allowed: true, uid: '' } }, undefined],
  ['an answer to v1beta1 with a patch of no type', ['v1beta1'], { response: { allowed: true, patch } }, undefined],
  ['an answer to v1beta1 with a patch of another type', ['v1beta1'], { response: { allowed: true, patch, patchType: 'MergePatch' } }, undefined],
  ['an answer full of nulls', ['v1'], { ...V1, response: { ...response, patch: null, patchType: null, status: null, warnings: null, auditAnnotations: null } }, undefined],
  ['an answer to v1 that does not say what it is', ['v1', 'v1beta1'], { response }, 'received invalid webhook response: expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /, Kind='],
  ['an answer to v1 without the uid', ['v1'], { ...V1, response: { allowed: true } }, 'received invalid webhook response: expected response.uid="u", got ""'],
  ['an answer to v1 with a patch of no type', ['v1'], { ...V1, response: { ...response, patch } }, 'received invalid webhook response: webhook returned response.patch but not response.patchType'],
  ['an answer to v1 with a type of no patch', ['v1'], { ...V1, response: { ...response, patchType: 'JSONPatch' } }, 'received invalid webhook response: webhook returned response.patchType but not response.patch'],
  ['an answer without a response', ['v1beta1'], {}, 'received invalid webhook response: webhook response was absent'],
  ['an answer in v1beta1 to v1', ['v1'], { ...BETA, response }, 'failed to call webhook: converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion'],
  ['a Status', ['v1beta1'], { apiVersion: 'v1', kind: 'Status' }, 'failed to call webhook: converting (v1.Status) to (v1beta1.AdmissionReview): unknown conversion'],
  ['an answer of another kind', ['v1'], { ...V1, kind: 'Foo', response }, 'failed to call webhook: no kind "Foo" is registered for version "admission.k8s.io/v1" in scheme "pkg/util/webhook/client.go:71"'],
  ['an answer in a version that is none', ['v1'], { ...V1, apiVersion: 'a/b/c', response }, 'failed to call webhook: unexpected GroupVersion string: a/b/c'],
  ['what is allowed by a text', ['v1'], { ...V1, response: { ...response, allowed: 'true' } }, `failed to call webhook: json: cannot unmarshal string ${field('AdmissionResponse', 'response.allowed')} bool`],
  ['a status with half a code', ['v1'], { ...V1, response: { ...response, status: { code: 403.5 } } }, `failed to call webhook: json: cannot unmarshal number 403.5 ${field('Status', 'response.status.code')} int32`],
  ['a warning that is a number', ['v1'], { ...V1, response: { ...response, warnings: [1] } }, `failed to call webhook: json: cannot unmarshal number ${field('AdmissionResponse', 'response.warnings')} string`],
  ['a response that is a text', ['v1beta1'], { ...BETA, response: 'x' }, `failed to call webhook: json: cannot unmarshal string ${field('AdmissionReview', 'response')} v1beta1.AdmissionResponse`],
  ['a patch that is not in base64', ['v1'], { ...V1, response: { ...response, patch: '!!!', patchType: 'JSONPatch' } }, 'failed to call webhook: illegal base64 data at input byte 0'],
] as const) {
  test(`${what} is ${problem === undefined ? 'taken' : 'refused'}`, (t) => {
    const judge = (): boolean => verdictOf(answer, { schema, uid: 'u', versions, isMutating: true }).allowed;
    if (problem === undefined) t.true(judge());
    else t.is((t.throws(judge, { any: true }) as unknown as ReviewProblem).message, problem);
  });
}

const undecodable = (why: string): string => `received undecodable patch in webhook response: ${why}`;
for (const [text, problem, patchType = 'JSONPatch'] of [
  ['[]', undefined],
  ['null', undefined],
  ['[{"op":"add","path":"/a","value":null,"more":1}]', undefined],
  ['[{"op":"test","path":"/a"}]', undefined],
  ['{not json', undecodable("invalid character 'n' looking for beginning of object key string")],
  ['  ', undecodable('unexpected end of JSON input')],
  ['{}', undecodable('json: cannot unmarshal object into Go value of type jsonpatch.Patch')],
  ['[1]', undecodable('json: cannot unmarshal number into Go value of type jsonpatch.Operation')],
  ['[{"op":"remove","path":"/a"}]', 'unsupported patch type "MergePatch"', 'MergePatch'],
] as const) {
  test(`the patch ${text} of type ${patchType} is ${problem === undefined ? 'read' : 'refused'}`, (t) => {
    const { patch: given } = verdictOf({ ...V1, response: { ...response, patch: encoded(text), patchType } }, { schema, uid: 'u', versions: ['v1'], isMutating: true });
    const read = (): unknown => operationsOf({ allowed: true, warnings: [], annotations: {}, ...(given ? { patch: given } : {}) });
    if (problem === undefined) t.notThrows(read);
    else t.is((t.throws(read, { any: true }) as unknown as ReviewProblem).message, problem);
  });
}
