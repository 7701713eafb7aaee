import { goQuote } from '#api/go-text.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import { dns1123Subdomain } from '#api/names.ts';
import { badRequest } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import { parseYaml } from '#api/yaml.ts';
import { nameOf, namespaceOf, type RequestInfo, type ResourceInfo } from '../request-info.ts';

export const LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type Level = (typeof LEVELS)[number];
export const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type Stage = (typeof STAGES)[number];

/** What is recorded of one request. */
export interface AuditDecision {
  readonly level: Level;
  readonly omitStages: ReadonlySet<Stage>;
  readonly omitManagedFields: boolean;
}

interface GroupResources {
  /** `''` is core. */
  readonly group: string;
  /** `pods`, `pods/log`, `pods/*` (pods and all below), `x/scale` with a star for x, `*`; none is all of the group. */
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
}

interface Rule extends AuditDecision {
  readonly users: readonly string[];
  readonly userGroups: readonly string[];
  readonly verbs: readonly string[];
  readonly resources: readonly GroupResources[];
  readonly namespaces: readonly string[];
  readonly nonResourceURLs: readonly string[];
}

const NOTHING: AuditDecision = { level: 'None', omitStages: new Set(), omitManagedFields: false };

/** `audit.k8s.io/v1` Policy: the first rule that a request matches says what is recorded; none, nothing. */
export class AuditPolicy {
  readonly #rules: readonly Rule[];

  /** @param value a decoded Policy. @throws StatusError BadRequest that names the field */
  constructor(value: unknown) {
    if (!isJsonObject(value) || value['apiVersion'] !== 'audit.k8s.io/v1' || value['kind'] !== 'Policy') throw badRequest('the audit policy is no Policy of audit.k8s.io/v1');
    const omitStages = stagesOf(value['omitStages'], 'omitStages');
    const omitManagedFields = value['omitManagedFields'] === true;
    // Nothing would ever be recorded, which nobody means who asks for a log.
    if (!Array.isArray(value['rules']) || value['rules'].length === 0) throw badRequest('rules: Required value');
    this.#rules = value['rules'].map((rule, i) => ruleOf(rule, `rules[${i}]`, { omitStages, omitManagedFields }));
  }

  /** @throws StatusError BadRequest */
  static parse(text: string): AuditPolicy {
    return new AuditPolicy(parseYaml(text).value);
  }

  decide(user: UserInfo | undefined, info: RequestInfo | undefined): AuditDecision {
    return this.#rules.find((rule) => matches(rule, user, info)) ?? NOTHING;
  }
}

function ruleOf(value: unknown, path: string, policy: Omit<AuditDecision, 'level'>): Rule {
  if (!isJsonObject(value)) throw badRequest(`${path}: Required value`);
  const level = value['level'];
  if (!LEVELS.includes(level as Level)) throw badRequest(`${path}.level: Unsupported value: ${JSON.stringify(level)}: supported values: ${LEVELS.map((l) => JSON.stringify(l)).join(', ')}`);
  const rule: Rule = {
    level: level as Level, omitStages: new Set([...policy.omitStages, ...stagesOf(value['omitStages'], `${path}.omitStages`)]),
    omitManagedFields: typeof value['omitManagedFields'] === 'boolean' ? value['omitManagedFields'] : policy.omitManagedFields,
    users: texts(value, 'users', path), userGroups: texts(value, 'userGroups', path), verbs: texts(value, 'verbs', path), namespaces: texts(value, 'namespaces', path),
    nonResourceURLs: texts(value, 'nonResourceURLs', path), resources: resourcesOf(value['resources'], `${path}.resources`),
  };
  for (const [i, url] of rule.nonResourceURLs.entries()) checkPath(url, `${path}.nonResourceURLs[${i}]`);
  const isForResources = rule.resources.length > 0 || rule.namespaces.length > 0;
  if (isForResources && rule.nonResourceURLs.length > 0) throw badRequest(`${path}.nonResourceURLs: rules cannot apply to both regular resources and non-resource URLs`);
  return rule;
}

function resourcesOf(value: unknown, path: string): readonly GroupResources[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw badRequest(`${path}: must be a list`);
  return value.map((entry: unknown, i) => {
    if (!isJsonObject(entry)) throw badRequest(`${path}[${i}]: must be an object`);
    const group = entry['group'] ?? '';
    if (typeof group !== 'string') throw badRequest(`${path}[${i}].group: must be a string`);
    const [fault] = group === '' || group === '*' ? [] : dns1123Subdomain(group);
    if (fault !== undefined) throw badRequest(`${path}[${i}].group: Invalid value: ${goQuote(group)}: ${fault}`);
    const resources = texts(entry, 'resources', `${path}[${i}]`);
    const resourceNames = texts(entry, 'resourceNames', `${path}[${i}]`);
    if (resourceNames.length > 0 && resources.length === 0) throw badRequest(`${path}[${i}].resourceNames: Invalid value: ${JSON.stringify(resourceNames)}: using resourceNames requires at least one resource`);
    return { group, resources, resourceNames };
  });
}

function checkPath(url: string, path: string): void {
  if (url === '*') return;
  if (!url.startsWith('/')) throw badRequest(`${path}: Invalid value: ${goQuote(url)}: non-resource URL rules must begin with a '/' character`);
  if (url.slice(0, -1).includes('*')) throw badRequest(`${path}: Invalid value: ${goQuote(url)}: non-resource URL wildcards '*' must be the final character of the rule`);
}

function texts(value: JsonObject, member: string, path: string): readonly string[] {
  const list = value[member] ?? [];
  if (!Array.isArray(list) || !list.every((item) => typeof item === 'string')) throw badRequest(`${path}.${member}: must be a list of strings`);
  return list as string[];
}

function stagesOf(value: unknown, path: string): ReadonlySet<Stage> {
  const list = value ?? [];
  if (!Array.isArray(list) || !list.every((stage) => STAGES.includes(stage as Stage))) throw badRequest(`${path}: supported values: ${STAGES.map((s) => JSON.stringify(s)).join(', ')}`);
  return new Set(list as Stage[]);
}

function matches(rule: Rule, user: UserInfo | undefined, info: RequestInfo | undefined): boolean {
  if (rule.users.length > 0 && (user === undefined || !rule.users.includes(user.name))) return false;
  if (rule.userGroups.length > 0 && !rule.userGroups.some((group) => user?.groups.includes(group))) return false;
  if (rule.verbs.length > 0 && !rule.verbs.includes(info?.verb ?? '')) return false;
  if (rule.resources.length > 0 || rule.namespaces.length > 0) return info?.type === 'resource' && matchesResource(rule, info);
  return rule.nonResourceURLs.length === 0 || (info?.type === 'path' && rule.nonResourceURLs.some((url) => matchesPath(url, info.path)));
}

function matchesResource(rule: Rule, info: ResourceInfo): boolean {
  if (rule.namespaces.length > 0 && !rule.namespaces.includes(namespaceOf(info))) return false;
  return rule.resources.length === 0 || rule.resources.some(({ group, resources, resourceNames }) =>
    (group === '*' || group === info.resource.group) && (resourceNames.length === 0 || resourceNames.includes(nameOf(info))) && (resources.length === 0 || resources.some((pattern) => matchesPlural(pattern, info))));
}

function matchesPlural(pattern: string, { resource, subresource }: ResourceInfo): boolean {
  const full = subresource === '' ? resource.plural : `${resource.plural}/${subresource}`;
  if (pattern === '*' || pattern === full) return true;
  return pattern === `${resource.plural}/*` || (subresource !== '' && pattern === `*/${subresource}`);
}

const matchesPath = (pattern: string, path: string): boolean =>
  pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)));
