import { Histogram } from '#base/histogram.ts';
import type { FlowSchema, NonResourcePolicyRule, PolicyRulesWithSubjects, ResourcePolicyRule, Subject } from '#api/generated/flowcontrol/v1.ts';
import type { UserInfo } from '#api/transport.ts';
import { namespaceOf, type RequestInfo, type ResourceInfo } from '../request-info.ts';
import type { PriorityLevel } from './priority-level.ts';

/** Seconds, as in Kubernetes. */
const WAIT_BOUNDS = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30];

export type RefusalReason = 'queue-full' | 'concurrency-limit' | 'time-out' | 'cancelled';

/** A flow schema in use, its level, and what it counted. */
export interface ActiveSchema {
  readonly name: string;
  readonly uid: string;
  readonly level: PriorityLevel;
  readonly distinguisher: string;
  readonly counts: SchemaCounts;
  readonly rules: readonly PolicyRulesWithSubjects[];
}

export interface SchemaCounts {
  dispatched: number;
  executing: number;
  /** Of those that run, and of those that wait. */
  seats: number;
  waiting: number;
  waitingSeats: number;
  readonly refused: Record<RefusalReason, number>;
  /** Seconds that requests waited in a queue, by whether they ran then. */
  readonly waits: Readonly<Record<'true' | 'false', Histogram>>;
}

export const newCounts = (): SchemaCounts => ({
  dispatched: 0, executing: 0, seats: 0, waiting: 0, waitingSeats: 0, refused: { 'queue-full': 0, 'concurrency-limit': 0, 'time-out': 0, cancelled: 0 },
  waits: { true: new Histogram(WAIT_BOUNDS), false: new Histogram(WAIT_BOUNDS) },
});

/** Finds the first schema, by precedence and name, that a request belongs to. */
export class FlowSchemas {
  readonly all: readonly ActiveSchema[];
  /** Users are the same object for the life of a connection or a token: their subjects are compared once. */
  readonly #byUser = new WeakMap<UserInfo, readonly ActiveSchema[]>();

  constructor(schemas: readonly FlowSchema[], levels: ReadonlyMap<string, PriorityLevel>, countsOf: (name: string) => SchemaCounts) {
    const ordered = schemas.toSorted((a, b) => precedenceOf(a) - precedenceOf(b) || (a.metadata.name < b.metadata.name ? -1 : 1));
    this.all = ordered.flatMap(({ metadata: { name, uid = '' }, spec }): readonly ActiveSchema[] => {
      const level = levels.get(spec.priorityLevelConfiguration.name);
      return level ? [{ name, uid, level, distinguisher: spec.distinguisherMethod?.type ?? '', counts: countsOf(name), rules: spec.rules ?? [] }] : [];
    });
  }

  classify(user: UserInfo, info: RequestInfo): ActiveSchema {
    for (const schema of this.#candidates(user)) {
      // The mandatory first and last ones match everything.
      if (schema.rules.some((rule) => ruleMatches(rule, user, info))) return schema;
    }
    return this.all.find((s) => s.name === 'catch-all') as ActiveSchema;
  }

  #candidates(user: UserInfo): readonly ActiveSchema[] {
    const known = this.#byUser.get(user);
    if (known) return known;
    const found = this.all.filter(({ rules }) => rules.some(({ subjects }) => subjects.some((s) => isSubject(s, user))));
    this.#byUser.set(user, found);
    return found;
  }
}

const precedenceOf = ({ spec }: FlowSchema): number => spec.matchingPrecedence ?? 1000;

function ruleMatches({ subjects, resourceRules, nonResourceRules }: PolicyRulesWithSubjects, user: UserInfo, info: RequestInfo): boolean {
  if (!subjects.some((s) => isSubject(s, user))) return false;
  if (info.type === 'resource') return (resourceRules ?? []).some((rule) => resourceMatches(rule, info));
  return (nonResourceRules ?? []).some((rule) => pathMatches(rule, info.verb, info.path));
}

function isSubject({ kind, user, group, serviceAccount }: Subject, who: UserInfo): boolean {
  switch (kind) {
    case 'User': return user !== undefined && (user.name === '*' || user.name === who.name);
    case 'Group': return group !== undefined && (group.name === '*' || who.groups.includes(group.name));
    case 'ServiceAccount': {
      if (serviceAccount === undefined) return false;
      const prefix = `system:serviceaccount:${serviceAccount.namespace}:`;
      return serviceAccount.name === '*' ? who.name.startsWith(prefix) : who.name === prefix + serviceAccount.name;
    }
    default: return false;
  }
}

const has = (list: readonly string[], value: string): boolean => list[0] === '*' || list.includes(value);

function resourceMatches({ verbs, apiGroups, resources, namespaces, clusterScope }: ResourcePolicyRule, info: ResourceInfo): boolean {
  const { resource, subresource } = info;
  if (!has(verbs, info.verb) || !has(apiGroups, resource.group)) return false;
  if (!has(resources, subresource === '' ? resource.plural : `${resource.plural}/${subresource}`)) return false;
  const namespace = namespaceOf(info);
  return namespace === '' ? clusterScope === true : has(namespaces ?? [], namespace);
}

/** A path stands for all below it, too: whoever asks for one health check is as urgent as who asks for all. */
const pathMatches = ({ verbs, nonResourceURLs }: NonResourcePolicyRule, verb: string, path: string): boolean =>
  has(verbs, verb) && nonResourceURLs.some((url) => url === '*' || url === path || path.startsWith(url.replace(/\*$/, '').replace(/\/?$/, '/')));
