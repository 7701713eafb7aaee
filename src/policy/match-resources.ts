import type { LabelSelector } from '#api/generated/meta/v1.ts';
import type { MatchResources, NamedRuleWithOperations } from '#api/generated/admissionregistration/v1.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import type { PolicyRequest } from './policy-request.ts';

/** Whether the constraints of a policy or a binding apply to a request; absent constraints apply to everything. */
export function matchesResources(match: MatchResources | undefined, request: PolicyRequest): boolean {
  if (!match) return true;
  if (match.excludeResourceRules?.some((rule) => matchesRule(rule, request))) return false;
  if (match.resourceRules && !match.resourceRules.some((rule) => matchesRule(rule, request))) return false;
  return matchesNamespace(match.namespaceSelector, request) && matchesObject(match.objectSelector, request);
}

function matchesRule(rule: NamedRuleWithOperations, request: PolicyRequest): boolean {
  return (
    includes(rule.operations, request.operation) &&
    includes(rule.apiGroups, request.group) &&
    includes(rule.apiVersions, request.version) &&
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
  return (scope === 'Namespaced') === (request.namespace !== '');
}

function matchesNamespace(selector: LabelSelector | undefined, request: PolicyRequest): boolean {
  if (!selector) return true;
  const namespace = request.kind === 'Namespace' ? (request.object ?? request.oldObject) : request.namespaceObject;
  // Cluster-scoped objects other than namespaces have no namespace that could fail to match.
  return namespace === undefined || labelSelectorPredicate(selector)(namespace.metadata.labels ?? {});
}

function matchesObject(selector: LabelSelector | undefined, request: PolicyRequest): boolean {
  if (!selector) return true;
  const matches = labelSelectorPredicate(selector);
  return [request.object, request.oldObject].some((object) => object && matches(object.metadata.labels ?? {}));
}
