import type { KubeObject } from '#api/object.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { ADMISSION_GROUP } from './policy-admission.ts';

/** Nobody may lock everybody out of what rules over admission. */
const isRuled = ({ resource }: AdmissionRequest): boolean => resource.group !== ADMISSION_GROUP;

export const MUTATING_POLICIES: AdmissionPlugin = {
  name: 'MutatingAdmissionPolicy',
  isReinvoked: true,
  handles: (request, env) => env.policies.isMutating && request.object !== undefined && isRuled(request),
  mutate: (request, env) => env.policies.mutate(env, request as AdmissionRequest & { readonly object: KubeObject }),
};

export const VALIDATING_POLICIES: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  handles: (request, env) => env.policies.isValidating && isRuled(request),
  validate: (request, env) => env.policies.validate(env, request),
};

/** The part of the validation of policies that needs the policy engine. */
export const POLICY_EXPRESSIONS: AdmissionPlugin = {
  name: 'PolicyExpressions',
  handles: ({ resource, operation, object }) => object !== undefined && resource.group === ADMISSION_GROUP && resource.plural.endsWith('admissionpolicies') && operation !== 'DELETE',
  validate: ({ resource, object }, env) => env.policies.requireCompilable(resource, object as KubeObject),
};
