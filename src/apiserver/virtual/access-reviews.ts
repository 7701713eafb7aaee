import type { NonResourceAttributes, ResourceAttributes, SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview } from '#api/generated/authorization/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { badRequest, invalid } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import { goForm, NON_RESOURCE_ATTRIBUTES } from '#api/validation/go-form.ts';
import { Problems } from '#api/validation/problems.ts';
import type { Attributes } from '../authz/authorizer.ts';
import { nodeNameOf } from '../authz/node-identity.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import { decodeBody } from '../verbs/decode.ts';
import { admitReview } from './admit-review.ts';
import { readSelectors, validateSelectors } from './selector-attributes.ts';

interface Question {
  readonly resourceAttributes?: ResourceAttributes | undefined;
  readonly nonResourceAttributes?: NonResourceAttributes | undefined;
}

/** May I? */
export async function reviewOwnAccess(env: Environment, call: Call): Promise<Outcome> {
  const sent = decodeBody(env, call) as SelfSubjectAccessReview & KubeObject;
  const review = await admitReview(env, call, sent, (asked) => validate(call, (problems) => {
    validateQuestion(problems, asked.spec ?? {});
    validateSelectors(problems, asked.spec?.resourceAttributes ?? {});
    requireNoMetadata(problems, asked, 'must be empty');
  }));
  return answer(env, review, call.user, review.spec);
}

/** May they? */
export async function reviewAccess(env: Environment, call: Call): Promise<Outcome> {
  const sent = decodeBody(env, call) as SubjectAccessReview & KubeObject;
  const review = await admitReview(env, call, sent, (asked) => validate(call, (problems) => {
    validateSubject(problems, asked);
    requireNoMetadata(problems, asked, 'must be empty');
  }));
  return answer(env, review, subjectOf(review), review.spec);
}

/** May they, in this namespace? */
export async function reviewLocalAccess(env: Environment, call: Call): Promise<Outcome> {
  const sent = decodeBody(env, call) as SubjectAccessReview & KubeObject;
  const review = await admitReview(env, call, sent, (asked) => validate(call, (problems) => {
    validateSubject(problems, asked);
    requireNoMetadata(problems, asked, 'must be empty except for namespace');
    const { resourceAttributes, nonResourceAttributes } = asked.spec ?? {};
    if (resourceAttributes && (resourceAttributes.namespace ?? '') !== call.info.namespace) problems.invalid('spec.resourceAttributes.namespace', resourceAttributes.namespace ?? '', 'must match metadata.namespace');
    if (nonResourceAttributes) problems.invalid('spec.nonResourceAttributes', goForm(nonResourceAttributes, NON_RESOURCE_ATTRIBUTES), 'disallowed on this kind of request');
  }));
  return answer(env, review, subjectOf(review), review.spec);
}

/** What may I do here? */
export async function reviewOwnRules(env: Environment, call: Call): Promise<Outcome> {
  const review = await admitReview(env, call, decodeBody(env, call) as SelfSubjectRulesReview & KubeObject, requireNamespace);
  const { namespace = '' } = review.spec;
  const rules = env.rbac.rulesOf(call.user, namespace);
  const resourceRules = rules.filter((r) => (r.resources ?? []).length > 0).map(({ verbs, apiGroups, resources, resourceNames }) => ({ verbs, apiGroups, resources, ...(resourceNames ? { resourceNames } : {}) }));
  const nonResourceRules = rules.filter((r) => (r.nonResourceURLs ?? []).length > 0).map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }));
  // What a node may do depends on the pods that run on it.
  const isNode = nodeNameOf(call.user) !== undefined;
  const faults = [isNode ? 'node authorizer does not support user rule resolution' : '', env.rbac.absentRolesOf(call.user, namespace)].filter(Boolean);
  const evaluationError = faults.length < 2 ? faults[0] : `[${faults.map((fault) => fault.replace(/^\[(.*)\]$/s, '$1')).join(', ')}]`;
  return documentOutcome({ ...review, status: { resourceRules, nonResourceRules, incomplete: isNode, ...(evaluationError ? { evaluationError } : {}) } }, 201);
}

function requireNamespace({ spec }: SelfSubjectRulesReview): void {
  if (!spec?.namespace) throw badRequest('no namespace on request');
}

/** Outside of a namespace none is kept, so that it never counts. */
function requireNoMetadata(problems: Problems, { metadata }: KubeObject, why: string): void {
  const { namespace: _, managedFields: _m, ...rest } = metadata;
  if (Object.values(rest).some(Boolean)) problems.invalid('metadata', metadata, why);
}

function validate({ info }: Call, check: (problems: Problems) => void): void {
  const problems = new Problems();
  check(problems);
  if (problems.causes.length > 0) throw invalid(info.resource, '', problems.causes);
}

function validateSubject(problems: Problems, { spec }: SubjectAccessReview): void {
  validateQuestion(problems, spec ?? {});
  if (!spec?.user && (spec?.groups ?? []).length === 0) problems.invalid('spec.user', spec?.user ?? '', 'at least one of user or group must be specified');
  validateSelectors(problems, spec?.resourceAttributes ?? {});
}

function validateQuestion(problems: Problems, { resourceAttributes, nonResourceAttributes }: Question): void {
  if (resourceAttributes && nonResourceAttributes) problems.invalid('spec.nonResourceAttributes', goForm(nonResourceAttributes, NON_RESOURCE_ATTRIBUTES), 'cannot be specified in combination with resourceAttributes');
  else if (!resourceAttributes && !nonResourceAttributes) problems.invalid('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified');
}

function subjectOf({ spec }: SubjectAccessReview): UserInfo {
  return { name: spec.user ?? '', groups: spec.groups ?? [], ...(spec.uid ? { uid: spec.uid } : {}), ...(spec.extra ? { extra: spec.extra } : {}) };
}

function answer(env: Environment, review: KubeObject, user: UserInfo, question: Question): Outcome {
  const { fieldSelector, faults } = readSelectors(question.resourceAttributes ?? {});
  const decision = env.authorizer.authorize(attributesFor(user, question, fieldSelector));
  const status = { allowed: decision.isAllowed, ...(decision.reason === '' ? {} : { reason: decision.reason }), ...(faults.length > 0 ? { evaluationError: faults.join('; ') } : {}) };
  return documentOutcome({ ...review, status }, 201);
}

function attributesFor(user: UserInfo, { resourceAttributes: r, nonResourceAttributes: p }: Question, fieldSelector: string): Attributes {
  return {
    user, verb: r?.verb ?? p?.verb ?? '', isResource: r !== undefined, group: r?.group ?? '', resource: r?.resource ?? '', subresource: r?.subresource ?? '',
    namespace: r?.namespace ?? '', name: r?.name ?? '', path: p?.path ?? '', ...(fieldSelector ? { fieldSelector } : {}),
  };
}
