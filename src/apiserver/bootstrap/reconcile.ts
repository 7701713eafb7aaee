import { isDeepStrictEqual } from 'node:util';
import type { ConfigMap } from '#api/generated/core/v1.ts';
import type { ClusterRole, RoleBinding, Subject } from '#api/generated/rbac/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { covers } from '../authz/rules.ts';
import { TOKEN_TRACKING } from './objects.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** What is stored, with all that the server wants of it: of roles and bindings, rules and subjects that were added stay, and labels and annotations that were changed. */
export function reconciled(live: KubeObject, wanted: KubeObject): KubeObject {
  const isRbac = wanted.apiVersion.startsWith(`${RBAC}/`);
  const merged = (member: 'labels' | 'annotations'): object => {
    const [own, present] = [wanted.metadata[member], live.metadata[member]];
    return own ? { [member]: isRbac ? { ...own, ...present } : { ...present, ...own } } : {};
  };
  const { aggregationRule: _, ...kept } = live as KubeObject & { readonly aggregationRule?: unknown };
  return { ...kept, ...wanted, ...partsOf(live, wanted), metadata: { ...live.metadata, ...merged('labels'), ...merged('annotations') } };
}

function partsOf(live: KubeObject, wanted: KubeObject): object {
  switch (wanted.kind) {
    case 'ClusterRole': case 'Role': return rulesOf(live as ClusterRole & KubeObject, wanted as ClusterRole & KubeObject);
    case 'ClusterRoleBinding': case 'RoleBinding': return { subjects: subjectsOf((live as RoleBinding & KubeObject).subjects ?? [], (wanted as RoleBinding & KubeObject).subjects ?? []) };
    // It began when it began.
    case 'ConfigMap': return live.metadata.name === TOKEN_TRACKING ? { data: (live as ConfigMap & KubeObject).data } : {};
    default: return {};
  }
}

/** The rules of an aggregated role belong to its controller; what it gathers beyond stays. */
function rulesOf(live: ClusterRole, wanted: ClusterRole): Pick<ClusterRole, 'rules' | 'aggregationRule'> {
  const present = live.rules ?? [];
  if (wanted.aggregationRule === undefined) return { rules: [...present, ...(wanted.rules ?? []).filter((rule) => !covers(present, rule))] };
  const selectors = live.aggregationRule?.clusterRoleSelectors ?? [];
  const missing = (wanted.aggregationRule.clusterRoleSelectors ?? []).filter((selector) => !selectors.some((s) => isDeepStrictEqual(s, selector)));
  return { rules: present, aggregationRule: { ...wanted.aggregationRule, ...(selectors.length + missing.length > 0 ? { clusterRoleSelectors: [...selectors, ...missing] } : {}) } };
}

const subjectsOf = (live: readonly Subject[], wanted: readonly Subject[]): readonly Subject[] => [...live, ...wanted.filter((subject) => !live.some((l) => isSame(l, subject)))];
const isSame = (a: Subject, b: Subject): boolean => a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '');

export function bindsOtherRole(live: KubeObject, wanted: KubeObject): boolean {
  if (!wanted.kind.endsWith('Binding')) return false;
  const [old, now] = [(live as RoleBinding & KubeObject).roleRef, (wanted as RoleBinding & KubeObject).roleRef];
  return old.kind !== now.kind || old.name !== now.name;
}
