import type { KubeObject } from '#api/object.ts';
import { checkPolicyParams } from '../../authz/policy-params.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { ADMISSION_GROUP } from './policy-admission.ts';

/** What rules over admission, so that nobody can lock everybody out; and reviews, which Kubernetes' own parts ask with. */
const EXEMPT_GROUPS: ReadonlySet<string> = new Set([ADMISSION_GROUP, 'authentication.k8s.io', 'authorization.k8s.io']);
const POLICY_KINDS = /admissionpolic(?:ies|ybindings)$/;
/** The server's own writes must not fail, or a broken policy would keep it from starting. */
const isRuled = ({ resource, context }: AdmissionRequest): boolean => context.isOwn !== true && !EXEMPT_GROUPS.has(resource.group);

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

/** Asked once a policy or its binding is right in itself. */
export const POLICY_PARAMS: AdmissionPlugin = {
  name: 'PolicyParams',
  handles: ({ resource, operation, subresource, object }) => object !== undefined && subresource === '' && resource.group === ADMISSION_GROUP && POLICY_KINDS.test(resource.plural) && operation !== 'DELETE',
  validate({ resource, object, live, context }, env) {
    checkPolicyParams(env, { resource, object: object as KubeObject, live, user: context.user });
  },
};
