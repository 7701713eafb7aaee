import type { ClusterRole, PolicyRule, RoleBinding } from '#api/generated/rbac/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { forbidden, notFound } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Environment } from '../environment.ts';
import { isNoOp } from '../storage/equality.ts';
import { covers, missingRules } from './rules.ts';

export interface Grant {
  readonly resource: ResourceType;
  /** The role or binding that shall be written. */
  readonly object: KubeObject;
  readonly live: KubeObject | undefined;
  readonly user: UserInfo;
}

const RBAC = 'rbac.authorization.k8s.io';
const FULL_AUTHORITY: readonly PolicyRule[] = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }];

/**
 * Nobody makes or binds a role that allows more than they may do themselves, unless they hold the verb `escalate` or `bind`. Whoever collects
 * garbage needs neither. @throws StatusError Forbidden
 */
export function checkEscalation(env: Environment, grant: Grant): void {
  if (grant.live && isNoOp(withoutEnds(grant.object), withoutEnds(grant.live))) return;
  if (grant.resource.plural.endsWith('bindings')) checkBinding(env, grant);
  else checkRole(env, grant);
}

/** Nothing else has to change so that the object can go. A label is not among it: by one, a role becomes a part of another. */
function withoutEnds(object: KubeObject): KubeObject {
  const { ownerReferences: _o, finalizers: _f, managedFields: _m, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function checkRole(env: Environment, { resource, object, live, user }: Grant): void {
  const { name, namespace = '' } = object.metadata;
  if (mayAll(env, user, 'escalate', { resource: resource.plural, namespace, name })) return;
  const role = object as ClusterRole & KubeObject;
  requireHeld(env, { resource, name, namespace, user }, role.rules ?? []);
  // An aggregation gathers what others write later, and so can only be for those who may everything.
  const isSum = role.aggregationRule !== undefined || (live as ClusterRole | undefined)?.aggregationRule !== undefined;
  if (isSum && FULL_AUTHORITY.some((rule) => !covers(env.rbac.rulesOf(user, ''), rule))) throw forbidden(resource, name, 'must have cluster-admin privileges to use an aggregationRule');
}

function checkBinding(env: Environment, { resource, object, user }: Grant): void {
  const { name, namespace = '' } = object.metadata;
  const { roleRef } = object as RoleBinding & KubeObject;
  const plural = roleRef.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  if (mayAll(env, user, 'bind', { resource: plural, namespace, name: roleRef.name })) return;
  const rules = env.rbac.rulesOfRole(roleRef.kind, namespace, roleRef.name);
  if (rules === undefined) throw notFound({ group: RBAC, plural, kind: roleRef.kind }, roleRef.name);
  requireHeld(env, { resource, name, namespace, user }, rules);
}

function mayAll(env: Environment, user: UserInfo, verb: string, target: { readonly resource: string; readonly namespace: string; readonly name: string }): boolean {
  return env.authorizer.authorize({ ...target, user, verb, isResource: true, group: RBAC, subresource: '', path: '' }).isAllowed;
}

interface Holder {
  readonly resource: ResourceType;
  readonly name: string;
  readonly namespace: string;
  readonly user: UserInfo;
}

function requireHeld(env: Environment, { resource, name, namespace, user }: Holder, wanted: readonly PolicyRule[]): void {
  const missing = new Set(missingRules(env.rbac.rulesOf(user, namespace), wanted).map(describe));
  if (missing.size === 0) return;
  throw forbidden(resource, name, `user ${JSON.stringify(user.name)} (groups=${listText(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${[...missing].toSorted().join('\n')}`);
}

const describe = (rule: PolicyRule): string => {
  const parts = { APIGroups: rule.apiGroups, Resources: rule.resources, ResourceNames: rule.resourceNames, NonResourceURLs: rule.nonResourceURLs, Verbs: rule.verbs };
  return `{${Object.entries(parts).filter(([, v]) => v && v.length > 0).map(([k, v]) => `${k}:${listText(v ?? [])}`).join(', ')}}`;
};
/** As Go prints a list of texts. */
const listText = (values: readonly string[]): string => `[${values.map((v) => JSON.stringify(v)).join(' ')}]`;
