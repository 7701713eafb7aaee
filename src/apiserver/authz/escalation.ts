import type { ClusterRole, PolicyRule, RoleBinding } from '#api/generated/rbac/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { forbidden, notFound } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Environment } from '../environment.ts';
import { covers } from './rules.ts';

/** Nobody makes or binds a role that allows more than they may do themselves, unless they hold the verb `escalate` or `bind`. */
export function checkEscalation(env: Environment, resource: ResourceType, object: KubeObject, user: UserInfo): void {
  if (user.groups.includes('system:masters')) return;
  const isBinding = resource.plural.endsWith('bindings');
  const namespace = object.metadata.namespace ?? '';
  const role = isBinding ? (object as RoleBinding & KubeObject).roleRef : { kind: resource.kind, name: object.metadata.name };
  if (isExempt(env, user, isBinding ? 'bind' : 'escalate', role, namespace)) return;
  const wanted = isBinding ? rulesOfRole(env, role, namespace) : ((object as ClusterRole & KubeObject).rules ?? []);
  const owned = env.rbac.rulesOf(user, namespace);
  const missing = wanted.filter((rule) => !covers(owned, rule));
  if (missing.length === 0) return;
  throw forbidden(resource, object.metadata.name, `user "${user.name}" (groups=${JSON.stringify(user.groups)}) is attempting to grant RBAC permissions not currently held:\n${missing.map(describe).join('\n')}`);
}

function isExempt(env: Environment, user: UserInfo, verb: string, role: { readonly kind: string; readonly name: string }, namespace: string): boolean {
  const resource = role.kind === 'ClusterRole' ? 'clusterroles' : 'roles';
  return env.authorizer.authorize({ user, verb, isResource: true, group: 'rbac.authorization.k8s.io', resource, subresource: '', namespace, name: role.name, path: '' }).isAllowed;
}

function rulesOfRole(env: Environment, role: { readonly kind: string; readonly name: string }, namespace: string): readonly PolicyRule[] {
  const rules = env.rbac.rulesOfRole(role.kind, namespace, role.name);
  if (rules === undefined) throw notFound({ group: 'rbac.authorization.k8s.io', plural: role.kind === 'ClusterRole' ? 'clusterroles' : 'roles', kind: role.kind }, role.name);
  return rules;
}

const describe = (rule: PolicyRule): string => {
  const parts = { APIGroups: rule.apiGroups, Resources: rule.resources, ResourceNames: rule.resourceNames, NonResourceURLs: rule.nonResourceURLs, Verbs: rule.verbs };
  return `{${Object.entries(parts).filter(([, v]) => v && v.length > 0).map(([k, v]) => `${k}:${JSON.stringify(v)}`).join(', ')}}`;
};
