import { immutable } from './object-meta.ts';
import type { Problems } from './problems.ts';
import { validateSelector } from './selector.ts';
import type { AggregationRule, PolicyRule, RoleBinding, Subject } from '#api/generated/rbac/v1.ts';
import { dns1123Subdomain, pathSegmentName } from '#api/names.ts';
import type { KubeObject } from '#api/object.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io';
const ROLE_KINDS = ['Role', 'ClusterRole'];

type AnyRole = KubeObject & { readonly rules?: readonly PolicyRule[] | null | undefined; readonly aggregationRule?: AggregationRule | undefined };

export function validateRole(problems: Problems, role: AnyRole, isNamespaced: boolean): void {
  for (const [i, rule] of (role.rules ?? []).entries()) {
    const field = `rules[${i}]`;
    if ((rule.verbs ?? []).length === 0) problems.required(`${field}.verbs`, 'verbs must contain at least one value');
    const hasResources = (rule.apiGroups ?? []).length + (rule.resources ?? []).length + (rule.resourceNames ?? []).length > 0;
    if ((rule.nonResourceURLs ?? []).length > 0) {
      if (isNamespaced) problems.invalid(`${field}.nonResourceURLs`, rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs');
      if (hasResources) problems.invalid(`${field}.nonResourceURLs`, rule.nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs');
      continue;
    }
    if ((rule.apiGroups ?? []).length === 0) problems.required(`${field}.apiGroups`, 'resource rules must supply at least one api group');
    if ((rule.resources ?? []).length === 0) problems.required(`${field}.resources`, 'resource rules must supply at least one resource');
  }
  if (!isNamespaced && role.aggregationRule !== undefined) validateAggregation(problems, role.aggregationRule);
}

function validateAggregation(problems: Problems, { clusterRoleSelectors }: AggregationRule): void {
  const field = 'aggregationRule.clusterRoleSelectors';
  if ((clusterRoleSelectors ?? []).length === 0) problems.required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil');
  for (const [i, selector] of (clusterRoleSelectors ?? []).entries()) {
    if (!validateSelector(problems, `${field}[${i}]`, selector)) problems.invalid(`${field}[${i}]`, null, 'invalid label selector.');
  }
}

export function validateBinding(problems: Problems, binding: RoleBinding, isNamespaced: boolean): void {
  const role = binding.roleRef;
  if (role?.apiGroup !== RBAC_GROUP) problems.notSupported('roleRef.apiGroup', role?.apiGroup ?? '', [RBAC_GROUP]);
  const kinds = isNamespaced ? ROLE_KINDS : ['ClusterRole'];
  if (!kinds.includes(role?.kind ?? '')) problems.notSupported('roleRef.kind', role?.kind ?? '', kinds);
  problems.checkRequired('roleRef.name', role?.name, pathSegmentName);
  for (const [i, subject] of (binding.subjects ?? []).entries()) validateSubject(problems, `subjects[${i}]`, subject, !isNamespaced);
}

/** A service account without a namespace is one of the namespace where it is named, if that has one. */
export function validateSubject(problems: Problems, field: string, subject: Subject, needsNamespace: boolean): void {
  if (!subject.name) problems.required(`${field}.name`);
  switch (subject.kind) {
    case 'ServiceAccount':
      if (subject.name) problems.check(`${field}.name`, subject.name, dns1123Subdomain);
      if (subject.apiGroup) problems.notSupported(`${field}.apiGroup`, subject.apiGroup, ['']);
      if (needsNamespace && !subject.namespace) problems.required(`${field}.namespace`);
      break;
    case 'User':
    case 'Group':
      if (subject.apiGroup !== RBAC_GROUP) problems.notSupported(`${field}.apiGroup`, subject.apiGroup ?? '', [RBAC_GROUP]);
      break;
    default:
      problems.notSupported(`${field}.kind`, subject.kind, ['ServiceAccount', 'User', 'Group']);
  }
}

export const validateBindingUpdate = (problems: Problems, binding: RoleBinding, old: RoleBinding): void =>
  immutable(problems, 'roleRef', binding.roleRef, old.roleRef, 'cannot change roleRef');
