import type { PolicyRule, Role, RoleBinding } from '#api/generated/rbac/v1.ts';
import { PROJECT_LABEL, type Project, type ProjectRole } from '#api/headway/v1/types.ts';

const READ = ['get', 'list', 'watch'];
const RBAC = 'rbac.authorization.k8s.io';
/** Only those who may `update` an Application may change its spec; `patch` alone is for annotations, by which syncs are asked for and prunes confirmed. */
const VERBS: Readonly<Record<ProjectRole['access'], readonly string[]>> = { View: READ, Sync: [...READ, 'patch'], Admin: [...READ, 'patch', 'update', 'delete'] };

export interface ProjectMembers {
  /** Names of the project's Applications and of their Sync records. */
  readonly applications: readonly string[];
  readonly syncs: readonly string[];
}

export interface ProjectRoles {
  readonly roles: readonly Role[];
  readonly bindings: readonly RoleBinding[];
}

/** The roles of a project as objects of its namespace, which go when it does. RBAC knows objects by name only: the roles change with the members. */
export function planRoles(project: Project, members: ProjectMembers): ProjectRoles {
  const { namespace, name = '', uid = '' } = project.metadata;
  const roles = project.spec.roles ?? [];
  const metadataOf = (role: ProjectRole) => ({
    namespace, name: roleName(name, role), labels: { [PROJECT_LABEL]: name }, ownerReferences: [{ apiVersion: project.apiVersion, kind: project.kind, name, uid, controller: true, blockOwnerDeletion: true }],
  });
  return {
    roles: roles.map((role) => ({ apiVersion: `${RBAC}/v1`, kind: 'Role', metadata: metadataOf(role), rules: rulesOf(role, members) })),
    bindings: roles.map((role) => ({ apiVersion: `${RBAC}/v1`, kind: 'RoleBinding', metadata: metadataOf(role), roleRef: { apiGroup: RBAC, kind: 'Role', name: roleName(name, role) }, subjects: role.subjects })),
  };
}

export const roleName = (project: string, { name }: Pick<ProjectRole, 'name'>): string => `headway:${project}:${name}`;

/** A rule without names would be one over all objects. */
function rulesOf({ access }: ProjectRole, { applications, syncs }: ProjectMembers): readonly PolicyRule[] {
  const rule = (resource: string, verbs: readonly string[], resourceNames: readonly string[]): readonly PolicyRule[] =>
    resourceNames.length === 0 ? [] : [{ apiGroups: ['headway.dev'], resources: [resource], verbs, resourceNames: resourceNames.toSorted() }];
  return [...rule('applications', VERBS[access], applications), ...rule('syncs', READ, syncs)];
}
