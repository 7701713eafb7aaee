import type { Clock } from '#base/clock.ts';
import type { ClusterRole, PolicyRule, RoleBinding, Subject } from '#api/generated/rbac/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource } from '#api/resource-type.ts';
import { CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES } from '#api/resources.ts';
import type { UserInfo } from '#api/transport.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { Attributes, Authorizer, Decision } from './authorizer.ts';
import { followResource } from '../storage/follow-resource.ts';
import { ruleAllows } from './rules.ts';

/** Rules that a user has in one namespace, or (empty) everywhere. */
interface Grant {
  readonly namespace: string;
  readonly rules: readonly PolicyRule[];
  /** The answer when one of them fits: made once, for it tells by which binding. */
  readonly allowed: Decision;
}

/** All that is known of one user. */
interface Grants {
  readonly all: readonly Grant[];
  /** Roles that are bound and not there. */
  readonly absent: readonly AbsentRole[];
}

interface AbsentRole {
  /** Where they are bound; empty for everywhere. */
  readonly namespace: string;
  readonly why: string;
}

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;
/** Users whose rules are kept compiled; a cluster has far fewer that act at one time. */
const MAX_USERS = 1_000;

/** Role-based access control from the cached roles and bindings. Rules are compiled for a user once, until any of them changes. */
export class RbacAuthorizer implements Authorizer {
  readonly #cache: WatchCache;
  readonly #grants = new Map<string, Grants>();
  /** A connection and a token give the same user object at every request; by it no name has to be put together. */
  #byUser = new WeakMap<UserInfo, Grants>();
  readonly #stops: (() => void)[] = [];
  #revision = 0;

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  /** Grows with every change of roles and bindings. */
  get revision(): number {
    return this.#revision;
  }

  /** Starts to follow roles and bindings; the cache must be ready. */
  start(clock: Clock): void {
    for (const resource of [ROLES, CLUSTER_ROLES, ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS]) this.#follow(groupResource(resource), clock);
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  authorize(attributes: Attributes): Decision {
    const { all, absent } = this.#grantsOf(attributes.user);
    for (const grant of all) {
      if (grant.namespace !== '' && (!attributes.isResource || grant.namespace !== attributes.namespace)) continue;
      if (grant.rules.some((rule) => ruleAllows(rule, attributes))) return grant.allowed;
    }
    if (absent.length === 0) return REFUSED;
    const why = faultsIn(absent, attributes.isResource ? attributes.namespace : '');
    return why === '' ? REFUSED : { isAllowed: false, reason: `RBAC: ${why}` };
  }

  /** Which of the roles that count for the user in the namespace are not there, as Go tells of several errors; empty for none. */
  absentRolesOf(user: UserInfo, namespace: string): string {
    return faultsIn(this.#grantsOf(user).absent, namespace);
  }

  /** What the user may do in the namespace, cluster-wide rules included. */
  rulesOf(user: UserInfo, namespace: string): readonly PolicyRule[] {
    return this.#grantsOf(user).all.filter((g) => g.namespace === '' || g.namespace === namespace).flatMap((g) => g.rules);
  }

  /** The rules of a role; undefined when it is absent. Those of an aggregated role are what its controller has put together. */
  rulesOfRole(kind: string, namespace: string, name: string): readonly PolicyRule[] | undefined {
    const found = this.#cache.get(groupResource(kind === 'ClusterRole' ? CLUSTER_ROLES : ROLES), kind === 'ClusterRole' ? '' : namespace, name);
    return found && ((found.object as ClusterRole & KubeObject).rules ?? []);
  }

  #follow(resource: string, clock: Clock): void {
    const forget = (): void => {
      this.#grants.clear();
      this.#byUser = new WeakMap();
      this.#revision += 1;
    };
    this.#stops.push(followResource({ cache: this.#cache, clock, resource, onEvents: forget, onGap: forget }));
  }

  #grantsOf(user: UserInfo): Grants {
    const known = this.#byUser.get(user);
    if (known) return known;
    // As JSON: a name may hold any character, so that no separator is safe.
    const key = JSON.stringify([user.name, ...user.groups]);
    let grants = this.#grants.get(key);
    if (grants === undefined) {
      if (this.#grants.size >= MAX_USERS) this.#grants.clear();
      grants = this.#compile(user);
      this.#grants.set(key, grants);
    }
    this.#byUser.set(user, grants);
    return grants;
  }

  #compile(user: UserInfo): Grants {
    const bindings = [CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS].flatMap((r) => this.#cache.list(groupResource(r)).items.map((i) => i.object as RoleBinding & KubeObject));
    const all: Grant[] = [];
    const absent: AbsentRole[] = [];
    for (const binding of bindings) {
      const namespace = binding.metadata.namespace ?? '';
      const subject = (binding.subjects ?? []).find((s) => isSubject(s, user, namespace));
      if (subject === undefined) continue;
      const rules = this.rulesOfRole(binding.roleRef.kind, namespace, binding.roleRef.name);
      if (rules === undefined) absent.push({ namespace, why: `${binding.roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(binding.roleRef.name)} not found` });
      else all.push({ namespace, rules, allowed: { isAllowed: true, reason: `RBAC: allowed by ${describe(binding, subject)}` } });
    }
    return { all, absent };
  }
}

const REFUSED: Decision = { isAllowed: false, reason: '' };

function faultsIn(absent: readonly AbsentRole[], wanted: string): string {
  const faults = [...new Set(absent.filter(({ namespace }) => namespace === '' || namespace === wanted).map(({ why }) => why))];
  return faults.length < 2 ? (faults[0] ?? '') : `[${faults.join(', ')}]`;
}

function describe({ kind, metadata, roleRef }: RoleBinding & KubeObject, subject: Subject): string {
  const binding = `${kind} ${JSON.stringify(metadata.namespace ? `${metadata.name}/${metadata.namespace}` : metadata.name)}`;
  const who = subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || (metadata.namespace ?? '')}` : subject.name;
  return `${binding} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${subject.kind} ${JSON.stringify(who)}`;
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
