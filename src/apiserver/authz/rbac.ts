import type { Clock } from '#base/clock.ts';
import type { ClusterRole, PolicyRule, RoleBinding, Subject } from '#api/generated/rbac/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource } from '#api/resource-type.ts';
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES } from '#api/resources.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import type { UserInfo } from '#api/transport.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { Attributes, Authorizer, Decision } from './authorizer.ts';
import { followResource } from '../storage/follow-resource.ts';
import { ruleAllows } from './rules.ts';

/** Rules that a user has in one namespace, or (empty) everywhere. */
interface Grant {
  readonly namespace: string;
  readonly rules: readonly PolicyRule[];
}

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;
/** Users whose rules are kept compiled; a cluster has far fewer that act at one time. */
const MAX_USERS = 1_000;

/** Role-based access control from the cached roles and bindings. Rules are compiled for a user once, until any of them changes. */
export class RbacAuthorizer implements Authorizer {
  readonly #cache: WatchCache;
  readonly #grants = new Map<string, readonly Grant[]>();
  readonly #stops: (() => void)[] = [];

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  /** Starts to follow roles and bindings; the cache must be ready. */
  start(clock: Clock): void {
    for (const resource of [ROLES, CLUSTER_ROLES, ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS]) this.#follow(groupResource(resource), clock);
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  authorize(attributes: Attributes): Decision {
    for (const grant of this.#grantsOf(attributes.user)) {
      if (grant.namespace !== '' && (!attributes.isResource || grant.namespace !== attributes.namespace)) continue;
      if (grant.rules.some((rule) => ruleAllows(rule, attributes))) return { isAllowed: true, reason: '' };
    }
    return { isAllowed: false, reason: '' };
  }

  /** What the user may do in the namespace, cluster-wide rules included. */
  rulesOf(user: UserInfo, namespace: string): readonly PolicyRule[] {
    return this.#grantsOf(user).filter((g) => g.namespace === '' || g.namespace === namespace).flatMap((g) => g.rules);
  }

  /** The rules that a role stands for, aggregation resolved; undefined when it is absent. */
  rulesOfRole(kind: string, namespace: string, name: string): readonly PolicyRule[] | undefined {
    const found = this.#cache.get(groupResource(kind === 'ClusterRole' ? CLUSTER_ROLES : ROLES), kind === 'ClusterRole' ? '' : namespace, name);
    return found && this.#expand(found.object as ClusterRole & KubeObject, new Set());
  }

  #follow(resource: string, clock: Clock): void {
    const forget = (): void => this.#grants.clear();
    this.#stops.push(followResource({ cache: this.#cache, clock, resource, onEvents: forget, onGap: forget }));
  }

  #grantsOf(user: UserInfo): readonly Grant[] {
    const key = `${user.name}\n${user.groups.join('\n')}`;
    const known = this.#grants.get(key);
    if (known) return known;
    if (this.#grants.size >= MAX_USERS) this.#grants.clear();
    const grants = this.#compile(user);
    this.#grants.set(key, grants);
    return grants;
  }

  #compile(user: UserInfo): readonly Grant[] {
    const bindings = [CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS].flatMap((r) => this.#cache.list(groupResource(r)).items.map((i) => i.object as RoleBinding & KubeObject));
    return bindings.filter((b) => (b.subjects ?? []).some((s) => isSubject(s, user, b.metadata.namespace ?? ''))).map((b) => {
      const namespace = b.metadata.namespace ?? '';
      return { namespace, rules: this.rulesOfRole(b.roleRef.kind, namespace, b.roleRef.name) ?? [] };
    });
  }

  #expand(role: ClusterRole & KubeObject, seen: Set<string>): readonly PolicyRule[] {
    const selectors = role.aggregationRule?.clusterRoleSelectors;
    if (!selectors || role.kind !== 'ClusterRole') return role.rules ?? [];
    if (seen.has(role.metadata.name)) return [];
    seen.add(role.metadata.name);
    const predicates = selectors.map((s) => labelSelectorPredicate(s));
    const parts = this.#cache.list(groupResource(CLUSTER_ROLES)).items.map((i) => i.object as ClusterRole & KubeObject)
      .filter((other) => other.metadata.name !== role.metadata.name && predicates.some((matches) => matches(other.metadata.labels ?? {})));
    return parts.flatMap((part) => this.#expand(part, seen));
  }
}

function isSubject(subject: Subject, user: UserInfo, bindingNamespace: string): boolean {
  switch (subject.kind) {
    case 'User': return subject.name === user.name;
    case 'Group': return user.groups.includes(subject.name);
    case 'ServiceAccount': {
      const account = SERVICE_ACCOUNT.exec(user.name);
      return account !== null && account[2] === subject.name && account[1] === (subject.namespace || bindingNamespace);
    }
    default: return false;
  }
}
