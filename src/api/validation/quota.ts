import { goForm, SCOPE_SELECTOR } from './go-form.ts';
import { checkAmount, checkQuotaName, isStandardQuotaName } from './resource-names.ts';
import { IMMUTABLE, type Problems } from './problems.ts';
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '#api/generated/core/v1.ts';

const POD_SCOPES = ['Terminating', 'NotTerminating', 'BestEffort', 'NotBestEffort', 'CrossNamespacePodAffinity'];
const SCOPES: ReadonlySet<string> = new Set([...POD_SCOPES, 'PriorityClass', 'VolumeAttributesClass']);
const CONFLICTS = [['BestEffort', 'NotBestEffort'], ['Terminating', 'NotTerminating']] as const;
const COMPUTE: ReadonlySet<string> = new Set(['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory', 'pods', 'ephemeral-storage', 'requests.ephemeral-storage', 'limits.ephemeral-storage']);
const MUST_EXIST = "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";

export function validateResourceQuota(problems: Problems, quota: ResourceQuota): void {
  checkHard(problems, 'spec.hard', quota.spec?.hard);
  if (quota.spec !== undefined) checkScopes(problems, quota.spec);
  if (quota.spec?.scopeSelector !== undefined) checkSelector(problems, quota.spec, quota.spec.scopeSelector.matchExpressions ?? []);
  validateResourceQuotaStatus(problems, quota);
}

export function validateResourceQuotaStatus(problems: Problems, { status }: ResourceQuota): void {
  checkHard(problems, 'status.hard', status?.hard);
  checkHard(problems, 'status.used', status?.used);
}

export function validateResourceQuotaUpdate(problems: Problems, quota: ResourceQuota, old: ResourceQuota): void {
  const [now, before] = [quota, old].map(({ spec }) => [...new Set(spec?.scopes ?? [])].toSorted().join());
  if (now !== before) problems.invalid('spec.scopes', quota.spec?.scopes ?? [], IMMUTABLE);
}

function checkHard(problems: Problems, path: string, hard: ResourceQuotaSpec['hard']): void {
  for (const [name, text] of Object.entries(hard ?? {})) {
    checkQuotaName(problems, `${path}[${name}]`, name);
    checkAmount(problems, `${path}[${name}]`, name, text);
  }
}

function checkScopes(problems: Problems, { scopes = [], hard = {} }: ResourceQuotaSpec): void {
  for (const scope of scopes) {
    if (!SCOPES.has(scope)) problems.invalid('spec.scopes', scopes, 'unsupported scope');
    for (const _ of unfit(scope, hard)) problems.invalid('spec.scopes', scopes, 'unsupported scope applied to resource');
  }
  for (const pair of CONFLICTS) if (pair.every((scope) => scopes.includes(scope))) problems.invalid('spec.scopes', scopes, 'conflicting scopes');
}

function checkSelector(problems: Problems, spec: ResourceQuotaSpec, expressions: readonly ScopedResourceSelectorRequirement[]): void {
  const path = 'spec.scopeSelector.matchExpressions';
  for (const { scopeName, operator, values = [] } of expressions) {
    if (!SCOPES.has(scopeName)) problems.invalid(`${path}.scopeName`, scopeName, 'unsupported scope');
    for (const _ of unfit(scopeName, spec.hard ?? {})) problems.invalid(path, goForm(spec.scopeSelector, SCOPE_SELECTOR), 'unsupported scope applied to resource');
    if (POD_SCOPES.includes(scopeName) && operator !== 'Exists') problems.invalid(`${path}.operator`, operator, MUST_EXIST);
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) problems.required(`${path}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0) problems.invalid(`${path}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
    } else problems.invalid(`${path}.operator`, operator ?? '', 'not a valid selector operator');
  }
  const names = expressions.map(({ scopeName }) => scopeName);
  for (const pair of CONFLICTS) if (pair.every((scope) => names.includes(scope))) problems.invalid('spec.scopeSelector.matchExpressions', spec.scopes ?? null, 'conflicting scopes');
}

/** The standard names that objects of the scope never use. */
function unfit(scope: string, hard: NonNullable<ResourceQuotaSpec['hard']>): readonly string[] {
  return Object.keys(hard).filter((name) => isStandardQuotaName(name) && !fits(scope, name));
}

function fits(scope: string, name: string): boolean {
  switch (scope) {
    case 'BestEffort': return name === 'pods';
    case 'VolumeAttributesClass': return name === 'persistentvolumeclaims' || name === 'requests.storage';
    default: return COMPUTE.has(name);
  }
}
