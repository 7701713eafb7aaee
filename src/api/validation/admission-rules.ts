import type { Problems } from './problems.ts';
import type { RuleWithOperations } from '#api/generated/admissionregistration/v1.ts';

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];

/** One rule of a webhook: operations, groups, versions, resources with their subresources, scope. */
export function validateRule(problems: Problems, field: string, rule: RuleWithOperations): void {
  alone(problems, `${field}.operations`, rule.operations, 'operations');
  for (const [i, operation] of (rule.operations ?? []).entries()) if (!OPERATIONS.includes(operation)) problems.notSupported(`${field}.operations[${i}]`, operation, OPERATIONS);
  alone(problems, `${field}.apiGroups`, rule.apiGroups, 'API groups');
  alone(problems, `${field}.apiVersions`, rule.apiVersions, 'API versions');
  for (const [i, version] of (rule.apiVersions ?? []).entries()) if (version === '') problems.required(`${field}.apiVersions[${i}]`);
  validateResources(problems, `${field}.resources`, rule.resources ?? []);
  if (rule.scope !== undefined && !SCOPES.includes(rule.scope)) problems.notSupported(`${field}.scope`, rule.scope, SCOPES);
}

/** A list that is needed, and in which `*` stands alone. */
function alone(problems: Problems, field: string, values: readonly string[] | undefined, what: string): void {
  if (!values || values.length === 0) problems.required(field);
  else if (values.length > 1 && values.includes('*')) problems.invalid(field, values, `if '*' is present, must not specify other ${what}`);
}

function validateResources(problems: Problems, field: string, resources: readonly string[]): void {
  if (resources.length === 0) problems.required(field);
  const anySub = new Set<string>();
  const anyResource = new Set<string>();
  for (const [i, text] of resources.entries()) {
    if (text === '') problems.required(`${field}[${i}]`);
    const slash = text.indexOf('/');
    if (slash < 0) continue;
    const [resource, sub] = [text.slice(0, slash), text.slice(slash + 1)];
    if (anySub.has(resource)) problems.invalid(`${field}[${i}]`, text, `if '${resource}/*' is present, must not specify ${text}`);
    if (anyResource.has(sub)) problems.invalid(`${field}[${i}]`, text, `if '*/${sub}' is present, must not specify ${text}`);
    if (sub === '*') anySub.add(resource);
    if (resource === '*') anyResource.add(sub);
  }
  if (resources.length > 1 && resources.includes('*/*')) problems.invalid(field, resources, "if '*/*' is present, must not specify other resources");
  const hasPlain = resources.some((r) => r !== '' && r !== '*' && !r.includes('/'));
  if (resources.includes('*') && hasPlain) problems.invalid(field, resources, "if '*' is present, must not specify other resources without subresources");
}
