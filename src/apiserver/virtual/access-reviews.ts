import type { NonResourceAttributes, ResourceAttributes, SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview } from '#api/generated/authorization/v1.ts';
import type { PolicyRule } from '#api/generated/rbac/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { badRequest } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Attributes } from '../authz/authorizer.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import { decodeBody } from '../verbs/decode.ts';

interface Question {
  readonly resourceAttributes?: ResourceAttributes | undefined;
  readonly nonResourceAttributes?: NonResourceAttributes | undefined;
}

/** May I? */
export function reviewOwnAccess(env: Environment, call: Call): Outcome {
  const review = decodeBody(env, call) as SelfSubjectAccessReview & KubeObject;
  return answer(env, review, call.user, review.spec);
}

/** May they? */
export function reviewAccess(env: Environment, call: Call): Outcome {
  const review = decodeBody(env, call) as SubjectAccessReview & KubeObject;
  return answer(env, review, subjectOf(review), review.spec);
}

export function reviewLocalAccess(env: Environment, call: Call): Outcome {
  const review = decodeBody(env, call) as SubjectAccessReview & KubeObject;
  const asked = review.spec.resourceAttributes?.namespace ?? '';
  if (asked !== '' && asked !== call.info.namespace) throw badRequest(`namespace in the review (${asked}) does not match the request's (${call.info.namespace})`);
  return answer(env, review, subjectOf(review), { ...review.spec, resourceAttributes: { ...review.spec.resourceAttributes, namespace: call.info.namespace } });
}

/** What may I do here? */
export function reviewOwnRules(env: Environment, call: Call): Outcome {
  const review = decodeBody(env, call) as SelfSubjectRulesReview & KubeObject;
  const masters: readonly PolicyRule[] = call.user.groups.includes('system:masters') ? [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }] : [];
  const rules = [...masters, ...env.rbac.rulesOf(call.user, review.spec.namespace ?? '')];
  const resourceRules = rules.filter((r) => (r.resources ?? []).length > 0).map(({ verbs, apiGroups, resources, resourceNames }) => ({ verbs, apiGroups, resources, ...(resourceNames ? { resourceNames } : {}) }));
  const nonResourceRules = rules.filter((r) => (r.nonResourceURLs ?? []).length > 0).map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }));
  return documentOutcome({ ...review, status: { resourceRules, nonResourceRules, incomplete: false } }, 201);
}

function subjectOf({ spec }: SubjectAccessReview): UserInfo {
  return { name: spec.user ?? '', groups: spec.groups ?? [], ...(spec.uid ? { uid: spec.uid } : {}) };
}

function answer(env: Environment, review: KubeObject, user: UserInfo, question: Question): Outcome {
  const decision = env.authorizer.authorize(attributesFor(user, question));
  const status = { allowed: decision.isAllowed, ...(decision.reason === '' ? {} : { reason: decision.reason }) };
  return documentOutcome({ ...review, status }, 201);
}

function attributesFor(user: UserInfo, { resourceAttributes: r, nonResourceAttributes: p }: Question): Attributes {
  if ((r === undefined) === (p === undefined)) throw badRequest('exactly one of resourceAttributes or nonResourceAttributes must be specified');
  return {
    user, verb: r?.verb ?? p?.verb ?? '', isResource: r !== undefined, group: r?.group ?? '', resource: r?.resource ?? '', subresource: r?.subresource ?? '',
    namespace: r?.namespace ?? '', name: r?.name ?? '', path: p?.path ?? '',
  };
}
