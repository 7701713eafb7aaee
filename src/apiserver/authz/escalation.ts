import { isDeepStrictEqual } from 'node:util';
import type { ClusterRole, PolicyRule, RoleBinding } from '#api/generated/rbac/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { forbidden, notFound } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Environment } from '../environment.ts';
import { covers, missingRules } from './rules.ts';

export interface Grant {
  readonly resource: ResourceType;
  /** The role or binding that shall be written. */
  readonly object: KubeObject;
  readonly live: KubeObject | undefined;
  readonly user: UserInfo;
  /** As the request gives it: empty for one that makes an object. */
  readonly askedName: string;
}

const RBAC = 'rbac.authorization.k8s.io';
const FULL_AUTHORITY: readonly PolicyRule[] = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }];

/**
 * Nobody makes or binds a role that allows more than they may do themselves, unless they hold the verb `escalate` or `bind`. What the garbage collector
 * needs may change freely. Labels may not: by them roles add up. @throws StatusError Forbidden
 */
export function checkEscalation(env: Environment, grant: Grant): void {
  if (grant.live && isDeepStrictEqual(guarded(grant.live), guarded(grant.object))) return;
  if (grant.resource.plural.endsWith('bindings')) checkBinding(env, grant);
  else checkRole(env, grant);
}

function guarded({ metadata, ...rest }: KubeObject): unknown {
  const { ownerReferences: _o, finalizers: _f, managedFields: _m, resourceVersion: _r, ...kept } = metadata;
  return { ...rest, metadata: kept };
}

function checkRole(env: Environment, { resource, object, live, user, askedName }: Grant): void {
  const { name, namespace = '' } = object.metadata;
  if (mayAll(env, user, 'escalate', { resource: resource.plural, namespace, name: askedName })) return;
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
  const absent = env.rbac.absentRolesOf(user, namespace);
  throw forbidden(resource, name, `user ${JSON.stringify(user.name)} (groups=${listText(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${[...missing].toSorted().join('\n')}${absent === '' ? '' : `; resolution errors: [${absent}]`}`);
}

const describe = (rule: PolicyRule): string => {
  const parts = { APIGroups: rule.apiGroups, Resources: rule.resources, ResourceNames: rule.resourceNames, NonResourceURLs: rule.nonResourceURLs, Verbs: rule.verbs };
  return `{${Object.entries(parts).filter(([, v]) => v && v.length > 0).map(([k, v]) => `${k}:${listText(v ?? [])}`).join(', ')}}`;
};
/** As Go prints a list of texts. */
const listText = (values: readonly string[]): string => `[${values.map((v) => JSON.stringify(v)).join(' ')}]`;
