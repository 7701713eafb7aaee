import type { LabelSelector } from '#api/generated/meta/v1.ts';
import type { MatchResources, NamedRuleWithOperations } from '#api/generated/admissionregistration/v1.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import type { PolicyRequest } from './policy-request.ts';

/**
 * The version in which the constraints of a policy or a binding want to see a request: its own, or for `Equivalent` (the default) another
 * that a rule names. Undefined when they do not apply; absent constraints apply to everything.
 */
export function matchedVersion(match: MatchResources | undefined, request: PolicyRequest): string | undefined {
  if (!match) return request.version;
  const version = ruledVersion(match, request);
  return version !== undefined && matchesNamespace(match.namespaceSelector, request) && matchesObject(match.objectSelector, request) ? version : undefined;
}

function ruledVersion(match: MatchResources, request: PolicyRequest): string | undefined {
  const versions = match.matchPolicy === 'Exact' ? NONE : request.otherVersions;
  if (match.excludeResourceRules && match.excludeResourceRules.length > 0 && namedVersion(match.excludeResourceRules, request, versions) !== undefined) return undefined;
  if (!match.resourceRules || match.resourceRules.length === 0) return request.version;
  return namedVersion(match.resourceRules, request, versions);
}

const NONE = (): readonly string[] => [];

/** The version of the request goes first. */
function namedVersion(all: readonly NamedRuleWithOperations[], request: PolicyRequest, others = NONE): string | undefined {
  const rules = all.filter((rule) => matchesRule(rule, request));
  if (rules.length === 0) return undefined;
  const isNamed = (version: string): boolean => rules.some((rule) => includes(rule.apiVersions, version));
  return isNamed(request.version) ? request.version : others().find(isNamed);
}

export const matchesResources = (match: MatchResources | undefined, request: PolicyRequest): boolean => matchedVersion(match, request) !== undefined;

/** The version apart. */
function matchesRule(rule: NamedRuleWithOperations, request: PolicyRequest): boolean {
  return (
    includes(rule.operations, request.operation) &&
    includes(rule.apiGroups, request.group) &&
    (rule.resources ?? []).some((pattern) => matchesResource(pattern, request.resource)) &&
    matchesScope(rule.scope, request) &&
    (!rule.resourceNames || rule.resourceNames.length === 0 || rule.resourceNames.includes(request.name))
  );
}

const includes = (values: readonly string[] | undefined, value: string): boolean => values?.some((v) => v === '*' || v === value) ?? false;

/** `pods`, `pods/status`, `pods/*`, `*` (no subresources), `* /scale`, `* /*`. */
function matchesResource(pattern: string, resource: string): boolean {
  const [wantedPlural, wantedSub] = pattern.split('/');
  const [plural, sub] = resource.split('/');
  const isPlural = wantedPlural === '*' || wantedPlural === plural;
  return isPlural && (wantedSub === '*' || wantedSub === sub);
}

function matchesScope(scope: string | undefined, request: PolicyRequest): boolean {
  if (scope === undefined || scope === '*') return true;
  // A namespace lies in itself for selectors, and is cluster-scoped for rules.
  return (scope === 'Namespaced') === (request.namespace !== '' && request.kind !== 'Namespace');
}

function matchesNamespace(selector: LabelSelector | undefined, request: PolicyRequest): boolean {
  if (!selector || isEmpty(selector)) return true;
  const namespace = request.kind === 'Namespace' ? (request.object ?? request.oldObject) : request.namespaceObject;
  // Cluster-scoped objects other than namespaces have no namespace that could fail to match.
  return namespace === undefined || labelSelectorPredicate(selector)(namespace.metadata.labels ?? {});
}

function matchesObject(selector: LabelSelector | undefined, request: PolicyRequest): boolean {
  if (!selector || isEmpty(selector)) return true;
  const matches = labelSelectorPredicate(selector);
  return [request.object, request.oldObject].some((object) => object && matches(object.metadata?.labels ?? {}));
}

/** The default, which selects everything. */
const isEmpty = ({ matchLabels = {}, matchExpressions = [] }: LabelSelector): boolean => matchExpressions.length === 0 && Object.keys(matchLabels).length === 0;
