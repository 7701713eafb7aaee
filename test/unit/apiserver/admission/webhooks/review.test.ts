import test from 'ava';
import { ReviewProblem, verdictOf } from '#apiserver/admission/webhooks/review.ts';

const V1 = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' };
const BETA = { ...V1, apiVersion: 'admission.k8s.io/v1beta1' };
const response = { allowed: true, uid: 'u' };
const patch = Buffer.from('[]').toString('base64');

for (const [what, versions, answer, problem] of [
  ['an answer in v1', ['v1'], { ...V1, response }, undefined],
  ['an answer in v1beta1 without the uid', ['v1beta1'], { ...BETA, response: { allowed: true } }, undefined],
  ['an answer to v1beta1 that says nothing but what it thinks', ['v1beta1', 'v1'], { response: { allowed: true, uid: '' } }, undefined],
  ['an answer to v1beta1 with a patch of no type', ['v1beta1'], { response: { allowed: true, patch } }, undefined],
  ['an answer to v1 that does not say what it is', ['v1', 'v1beta1'], { response }, 'expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got /, Kind='],
  ['an answer to v1 without the uid', ['v1'], { ...V1, response: { allowed: true } }, 'expected response.uid="u", got ""'],
  ['an answer to v1 with a patch of no type', ['v1'], { ...V1, response: { ...response, patch } }, 'webhook returned response.patch but not response.patchType'],
  ['an answer without a response', ['v1beta1'], {}, 'webhook response was absent'],
] as const) {
  test(`${what} is ${problem === undefined ? 'taken' : 'refused'}`, (t) => {
    const judge = (): boolean => verdictOf(answer, { uid: 'u', versions, isMutating: true }).allowed;
    if (problem === undefined) t.true(judge());
    else t.is((t.throws(judge, { any: true }) as unknown as ReviewProblem).message, problem);
  });
}
