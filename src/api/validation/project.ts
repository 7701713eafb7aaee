import { validateSubject } from './policy.ts';
import type { Problems } from './problems.ts';
import type { Project, ProjectRole } from '#api/headway/v1/types.ts';
import { dns1123Label, dns1123Subdomain } from '#api/names.ts';

/** Its projects may name service accounts of any namespace. */
const SYSTEM_NAMESPACE = 'headway-system';

export function validateProject(problems: Problems, { metadata, spec }: Project): void {
  const { serviceAccount, roles = [] } = spec ?? {};
  for (const list of ['repositories', 'namespaces', 'kinds', 'clusterKinds'] as const) {
    for (const [i, pattern] of (spec?.[list] ?? []).entries()) if (pattern === '' || pattern === '!') problems.invalid(`spec.${list}[${i}]`, pattern, 'must be a pattern such as shop-* or !kube-*');
  }
  if (serviceAccount) checkAccount(problems, serviceAccount, metadata.namespace ?? '');
  for (const [i, role] of roles.entries()) checkRole(problems, `spec.roles[${i}]`, role);
  problems.unique((i) => `spec.roles[${i}].name`, roles.map(({ name }) => name));
}

/** Whoever may write projects of one namespace must not act as accounts of others by it. */
function checkAccount(problems: Problems, account: string, own: string): void {
  const field = 'spec.serviceAccount';
  const [namespace = '', name = '', ...rest] = account.split('/');
  if (name === '' || rest.length > 0) return problems.invalid(field, account, 'must be <namespace>/<name>');
  problems.check(field, namespace, dns1123Label);
  problems.check(field, name, dns1123Subdomain);
  if (namespace !== own && own !== SYSTEM_NAMESPACE) problems.forbidden(field, `a project of namespace ${own} may only name service accounts of its own namespace`);
}

function checkRole(problems: Problems, field: string, { name, access, subjects = [] }: ProjectRole): void {
  problems.checkRequired(`${field}.name`, name, dns1123Label);
  problems.oneOf(`${field}.access`, access, ['View', 'Sync', 'Admin']);
  for (const [i, subject] of subjects.entries()) validateSubject(problems, `${field}.subjects[${i}]`, subject, true);
}
