import type { MutatingWebhook, RuleWithOperations } from '#api/generated/admissionregistration/v1.ts';
import { storedResource, type ResourceType } from '#api/resource-type.ts';
import type { Scheme } from '#api/scheme.ts';
import type { Operation } from '../plugin.ts';

/** What rules speak of. */
export interface RuleTarget {
  readonly operation: Operation;
  readonly resource: ResourceType;
  readonly subresource: string;
}

type Ruled = Pick<MutatingWebhook, 'rules' | 'matchPolicy'>;

/** The resource in the version in which the webhook wants it; undefined when no rule applies. The version of the request goes first. */
export function wantedVersion(webhook: Ruled, target: RuleTarget, scheme: Scheme): ResourceType | undefined {
  const { resource } = target;
  if (matchesAny(webhook, target)) return resource;
  if (webhook.matchPolicy === 'Exact') return undefined;
  return scheme.all().find((r) => r !== resource && storedResource(r) === storedResource(resource) && matchesAny(webhook, { ...target, resource: r }));
}

const has = (values: readonly string[] | undefined, value: string): boolean => values !== undefined && (values.includes('*') || values.includes(value));
const matchesAny = ({ rules = [] }: Ruled, target: RuleTarget): boolean => rules.some((rule) => matches(rule, target));
const matches = (rule: RuleWithOperations, { operation, resource, subresource }: RuleTarget): boolean =>
  has(rule.operations, operation) && has(rule.apiGroups, resource.group) && has(rule.apiVersions, resource.version) && matchesScope(rule, resource) &&
  (rule.resources ?? []).some((pattern) => matchesResource(pattern, resource.plural, subresource));

/** `pods`, `pods/status`, `pods/*`, `*`, and a star on either or both sides of a slash. Without a slash no subresource is meant. */
function matchesResource(pattern: string, plural: string, subresource: string): boolean {
  const slash = pattern.indexOf('/');
  const wanted = slash < 0 ? pattern : pattern.slice(0, slash);
  const sub = slash < 0 ? '' : pattern.slice(slash + 1);
  return (wanted === '*' || wanted === plural) && (sub === '*' || sub === subresource);
}

const matchesScope = ({ scope = '*' }: RuleWithOperations, resource: ResourceType): boolean => scope === '*' || (scope === 'Namespaced') === resource.namespaced;
