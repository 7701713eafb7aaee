import type {
  FlowSchema, LimitResponse, NonResourcePolicyRule, PolicyRulesWithSubjects, PriorityLevelConfiguration, QueuingConfiguration, ResourcePolicyRule, Subject,
} from '#api/generated/flowcontrol/v1.ts';
import { dns1123Label, dns1123Subdomain } from '#api/names.ts';
import type { Problems } from './problems.ts';

const MAX_PRECEDENCE = 10_000;
const MAX_QUEUES = 10_000_000;
/** Bits of a hash that a hand of queues may take. */
const MAX_HASH_BITS = 60;
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const SUBJECT_KINDS = ['Group', 'ServiceAccount', 'User'];
const NAMESPACE_RULE = "each member of this list must be '*' or a DNS-1123 label; ";

export function validateFlowSchema(problems: Problems, { metadata, spec }: FlowSchema): void {
  const { matchingPrecedence: precedence = 0, distinguisherMethod, priorityLevelConfiguration: level } = spec;
  if (precedence <= 0) problems.invalid('spec.matchingPrecedence', precedence, 'must be a positive value');
  if (precedence > MAX_PRECEDENCE) problems.invalid('spec.matchingPrecedence', precedence, `must not be greater than ${MAX_PRECEDENCE}`);
  if (precedence === 1 && metadata.name !== 'exempt') problems.invalid('spec.matchingPrecedence', precedence, "only the schema named 'exempt' may have matchingPrecedence 1");
  if (distinguisherMethod && !['ByNamespace', 'ByUser'].includes(distinguisherMethod.type)) problems.notSupported('spec.distinguisherMethod.type', { Type: distinguisherMethod.type }, ['ByNamespace', 'ByUser']);
  if (level?.name) problems.check('spec.priorityLevelConfiguration.name', level.name, dns1123Subdomain);
  else problems.required('spec.priorityLevelConfiguration.name', 'must reference a priority level');
  for (const [i, rules] of (spec.rules ?? []).entries()) validateRules(problems, `spec.rules[${i}]`, rules);
}

/** Of a schema and of a level. */
export function validateFlowStatus(problems: Problems, { status }: FlowSchema | PriorityLevelConfiguration): void {
  const seen = new Set<string>();
  for (const [i, { type = '' }] of (status?.conditions ?? []).entries()) {
    if (seen.has(type)) problems.duplicate(`status.conditions[${i}].type`, type);
    seen.add(type);
    if (type === '') problems.required(`status.conditions[${i}].type`);
  }
}

function validateRules(problems: Problems, field: string, { subjects, resourceRules, nonResourceRules }: PolicyRulesWithSubjects): void {
  if ((subjects ?? []).length === 0) problems.required(`${field}.subjects`, 'subjects must contain at least one value');
  for (const [i, subject] of (subjects ?? []).entries()) validateSubject(problems, `${field}.subjects[${i}]`, subject);
  if ((resourceRules ?? []).length + (nonResourceRules ?? []).length === 0) problems.required(field, 'at least one of resourceRules and nonResourceRules has to be non-empty');
  for (const [i, rule] of (resourceRules ?? []).entries()) validateResourceRule(problems, `${field}.resourceRules[${i}]`, rule);
  for (const [i, rule] of (nonResourceRules ?? []).entries()) validatePathRule(problems, `${field}.nonResourceRules[${i}]`, rule);
}

const MEMBERS = { Group: 'group', ServiceAccount: 'serviceAccount', User: 'user' } as const;

function validateSubject(problems: Problems, field: string, subject: Subject): void {
  if (!SUBJECT_KINDS.includes(subject.kind)) return problems.notSupported(`${field}.kind`, subject.kind, SUBJECT_KINDS);
  for (const [kind, member] of Object.entries(MEMBERS)) {
    const value = subject[member];
    if (kind !== subject.kind) {
      if (value !== undefined) problems.forbidden(`${field}.${member}`, `${member} is forbidden when subject kind is not '${kind}'`);
    } else if (value === undefined) problems.required(`${field}.${member}`, `${member} is required when subject kind is '${kind}'`);
    else if (!value.name) problems.required(`${field}.${member}.name`);
  }
  const { serviceAccount } = subject;
  if (subject.kind !== 'ServiceAccount' || serviceAccount === undefined) return;
  if (serviceAccount.name && serviceAccount.name !== '*') problems.check(`${field}.serviceAccount.name`, serviceAccount.name, dns1123Subdomain);
  if (serviceAccount.namespace) problems.check(`${field}.serviceAccount.namespace`, serviceAccount.namespace, dns1123Label);
  else problems.required(`${field}.serviceAccount.namespace`, 'must specify namespace for service account');
}

function validateVerbs(problems: Problems, field: string, verbs: readonly string[] | undefined): void {
  wildcardAlone(problems, field, verbs, { missing: 'verbs must contain at least one value', others: 'verbs' });
  if (verbs && !verbs.includes('*') && !verbs.every((v) => VERBS.includes(v))) problems.notSupported(field, verbs, VERBS);
}

function wildcardAlone(problems: Problems, field: string, values: readonly string[] | undefined, words: { readonly missing: string; readonly others: string }): void {
  if (!values || values.length === 0) problems.required(field, words.missing);
  else if (values.includes('*') && values.length > 1) problems.invalid(field, values, `if '*' is present, must not specify other ${words.others}`);
}

function validateResourceRule(problems: Problems, field: string, { verbs, apiGroups, resources, namespaces, clusterScope }: ResourcePolicyRule): void {
  validateVerbs(problems, `${field}.verbs`, verbs);
  wildcardAlone(problems, `${field}.apiGroups`, apiGroups, { missing: 'resource rules must supply at least one api group', others: 'api groups' });
  wildcardAlone(problems, `${field}.resources`, resources, { missing: 'resource rules must supply at least one resource', others: 'resources' });
  const given = namespaces ?? [];
  if (given.length === 0) {
    if (!clusterScope) problems.required(`${field}.namespaces`, 'resource rules that are not cluster scoped must supply at least one namespace');
  } else if (given.includes('*')) wildcardAlone(problems, `${field}.namespaces`, given, { missing: '', others: 'namespaces' });
  else for (const [i, namespace] of given.entries()) problems.check(`${field}.namespaces[${i}]`, namespace, (text) => dns1123Label(text).map((why) => NAMESPACE_RULE + why));
}

function validatePathRule(problems: Problems, field: string, { verbs, nonResourceURLs }: NonResourcePolicyRule): void {
  validateVerbs(problems, `${field}.verbs`, verbs);
  wildcardAlone(problems, `${field}.nonResourceURLs`, nonResourceURLs, { missing: 'nonResourceURLs must contain at least one value', others: 'non-resource URLs' });
  if (nonResourceURLs?.includes('*')) return;
  for (const [i, url] of (nonResourceURLs ?? []).entries()) {
    const why = pathProblem(url);
    if (why) problems.invalid(`${field}.nonResourceURLs[${i}]`, url, why);
  }
}

function pathProblem(path: string): string | undefined {
  if (path === '') return 'must not be empty';
  if (path === '/') return undefined;
  if (!path.startsWith('/')) return 'must start with slash';
  if (path.includes(' ')) return 'must not contain white-space';
  if (path.includes('//')) return 'must not contain double slash';
  const stars = path.split('*').length - 1;
  return stars > 1 || (stars === 1 && !path.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined;
}

export function validatePriorityLevel(problems: Problems, { metadata, spec }: PriorityLevelConfiguration): void {
  const { type, limited, exempt } = spec;
  if ((metadata.name === 'exempt') !== (type === 'Exempt')) problems.invalid('spec.type', type ?? '', "must be 'Exempt' if and only if `name` is 'exempt'");
  switch (type) {
    case 'Exempt':
      if (limited) problems.forbidden('spec.limited', 'must be nil if the type is not Limited');
      atLeastZero(problems, 'spec.exempt.nominalConcurrencyShares', exempt?.nominalConcurrencyShares);
      percent(problems, 'spec.exempt.lendablePercent', exempt?.lendablePercent);
      break;
    case 'Limited':
      if (exempt) problems.forbidden('spec.exempt', 'must be nil if the type is Limited');
      if (limited) validateLimited(problems, limited);
      else problems.required('spec.limited', 'must not be empty when type is Limited');
      break;
    default:
      problems.oneOf('spec.type', type, ['Exempt', 'Limited']);
  }
}

function validateLimited(problems: Problems, { nominalConcurrencyShares, lendablePercent, borrowingLimitPercent, limitResponse }: NonNullable<PriorityLevelConfiguration['spec']['limited']>): void {
  atLeastZero(problems, 'spec.limited.nominalConcurrencyShares', nominalConcurrencyShares);
  validateLimitResponse(problems, 'spec.limited.limitResponse', limitResponse);
  percent(problems, 'spec.limited.lendablePercent', lendablePercent);
  if (borrowingLimitPercent !== undefined && borrowingLimitPercent < 0) problems.invalid('spec.limited.borrowingLimitPercent', borrowingLimitPercent, 'if specified, must be a non-negative integer');
}

function validateLimitResponse(problems: Problems, field: string, limitResponse: LimitResponse | undefined): void {
  const queuing = limitResponse?.queuing;
  switch (limitResponse?.type) {
    case 'Reject':
      if (queuing) problems.forbidden(`${field}.queuing`, 'must be nil if limited.limitResponse.type is not Limited');
      break;
    case 'Queue':
      if (queuing) validateQueuing(problems, `${field}.queuing`, queuing);
      else problems.required(`${field}.queuing`, 'must not be empty if limited.limitResponse.type is Limited');
      break;
    default:
      problems.oneOf(`${field}.type`, limitResponse?.type, ['Queue', 'Reject']);
  }
}

function validateQueuing(problems: Problems, field: string, { queues = 0, handSize = 0, queueLengthLimit = 0 }: QueuingConfiguration): void {
  if (queueLengthLimit <= 0) problems.invalid(`${field}.queueLengthLimit`, queueLengthLimit, 'must be positive');
  if (queues <= 0) problems.invalid(`${field}.queues`, queues, 'must be positive');
  else if (queues > MAX_QUEUES) problems.invalid(`${field}.queues`, queues, `must not be greater than ${MAX_QUEUES}`);
  if (handSize <= 0) problems.invalid(`${field}.handSize`, handSize, 'must be positive');
  else if (handSize > queues) problems.invalid(`${field}.handSize`, handSize, `should not be greater than queues (${queues})`);
  else if (requiredBits(queues, handSize) > MAX_HASH_BITS) {
    problems.invalid(`${field}.handSize`, handSize, `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${MAX_HASH_BITS}`);
  }
}

function requiredBits(queues: number, handSize: number): number {
  let bits = 0;
  for (let dealt = 0; dealt < handSize && bits <= MAX_HASH_BITS; dealt++) bits += Math.log2(queues - dealt);
  return Math.ceil(bits);
}

function atLeastZero(problems: Problems, field: string, value: number | undefined): void {
  if (value !== undefined && value < 0) problems.invalid(field, value, 'must be a non-negative integer');
}

function percent(problems: Problems, field: string, value: number | undefined): void {
  if (value !== undefined && (value < 0 || value > 100)) problems.invalid(field, value, 'must be between 0 and 100, inclusive');
}
