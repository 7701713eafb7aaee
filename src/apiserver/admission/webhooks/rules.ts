import type { MutatingWebhook, RuleWithOperations } from '#api/generated/admissionregistration/v1.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Scheme } from '#api/scheme.ts';
import type { Operation } from '../plugin.ts';

/** What rules speak of. */
export interface RuleTarget {
  readonly operation: Operation;
  readonly resource: ResourceType;
  readonly subresource: string;
}

type Ruled = Pick<MutatingWebhook, 'rules' | 'matchPolicy'>;

/** Whether a rule names the resource, at whatever version when the webhook also wants equivalent ones. Scope apart. */
export const mayMatch = (webhook: Ruled, target: RuleTarget): boolean =>
  (webhook.rules ?? []).some((rule) => matches(rule, target) && (webhook.matchPolicy !== 'Exact' || matchesVersion(rule, target.resource.version)));

/** The resource in the version in which the webhook wants it; undefined when no rule applies. The version of the request goes first. */
export function wantedVersion(webhook: Ruled, target: RuleTarget, scheme: Scheme): ResourceType | undefined {
  const { resource } = target;
  const rules = (webhook.rules ?? []).filter((rule) => matches(rule, target) && matchesScope(rule, resource));
  if (rules.length === 0 || rules.some((rule) => matchesVersion(rule, resource.version))) return rules.length === 0 ? undefined : resource;
  if (webhook.matchPolicy === 'Exact') return undefined;
  const equivalents = scheme.all().filter((r) => r.group === resource.group && r.plural === resource.plural && r.version !== resource.version);
  return equivalents.find((r) => rules.some((rule) => matchesVersion(rule, r.version)));
}

const has = (values: readonly string[] | undefined, value: string): boolean => values !== undefined && (values.includes('*') || values.includes(value));
const matchesVersion = (rule: RuleWithOperations, version: string): boolean => has(rule.apiVersions, version);
const matches = (rule: RuleWithOperations, { operation, resource, subresource }: RuleTarget): boolean =>
  has(rule.operations, operation) && has(rule.apiGroups, resource.group) && (rule.resources ?? []).some((pattern) => matchesResource(pattern, resource.plural, subresource));

/** `pods`, `pods/status`, `pods/*`, `*`, and a star on either or both sides of a slash. Without a slash no subresource is meant. */
function matchesResource(pattern: string, plural: string, subresource: string): boolean {
  const slash = pattern.indexOf('/');
  const wanted = slash < 0 ? pattern : pattern.slice(0, slash);
  const sub = slash < 0 ? '' : pattern.slice(slash + 1);
  return (wanted === '*' || wanted === plural) && (sub === '*' || sub === subresource);
}

const matchesScope = ({ scope = '*' }: RuleWithOperations, resource: ResourceType): boolean => scope === '*' || (scope === 'Namespaced') === resource.namespaced;
