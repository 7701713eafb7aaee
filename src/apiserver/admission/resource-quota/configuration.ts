import type { ScopeRequirement } from '#api/quota/evaluator.ts';
import type { GroupResource } from '#api/resource-type.ts';
import { members, wrongAdmission } from '../config-error.ts';

/** What nobody may take of a resource in a namespace that has no quota for it. */
export interface LimitedResource {
  readonly resource: GroupResource;
  /** Parts of the names by which quotas limit it: `requests.cpu`, `.storageclass.storage.k8s.io/`. */
  readonly matchContains: readonly string[];
  /** Objects that lie in one of them need a quota with a scope of that name. */
  readonly matchScopes: readonly ScopeRequirement[];
}

const KINDS: Readonly<Record<string, string>> = {
  'apiserver.config.k8s.io/v1': 'ResourceQuotaConfiguration',
  'resourcequota.admission.k8s.io/v1beta1': 'Configuration',
  'resourcequota.admission.k8s.io/v1alpha1': 'Configuration',
};
const OPERATORS: readonly string[] = ['In', 'NotIn', 'Exists', 'DoesNotExist'];

/** `ResourceQuotaConfiguration` of apiserver.config.k8s.io/v1. @throws AdmissionConfigError */
export function parseLimitedResources(value: unknown, path: string): readonly LimitedResource[] {
  const { apiVersion, kind, limitedResources } = members(value, path, ['apiVersion', 'kind', 'limitedResources']);
  if (kind === undefined || KINDS[String(apiVersion)] !== kind) throw wrongAdmission(`${path}.apiVersion`, 'must be a ResourceQuotaConfiguration of apiserver.config.k8s.io/v1');
  return listOf(limitedResources, `${path}.limitedResources`).map((limited, i) => limitedOf(limited, `${path}.limitedResources[${i}]`));
}

function limitedOf(value: unknown, path: string): LimitedResource {
  const { apiGroup = '', resource = '', matchContains, matchScopes } = members(value, path, ['apiGroup', 'resource', 'matchContains', 'matchScopes']);
  if (typeof apiGroup !== 'string') throw wrongAdmission(`${path}.apiGroup`, 'must be a text');
  if (typeof resource !== 'string') throw wrongAdmission(`${path}.resource`, 'must be a text');
  if (resource === '') throw wrongAdmission(`${path}.resource`, 'Required value');
  return {
    resource: apiGroup === '' ? resource : `${resource}.${apiGroup}`,
    matchContains: textsOf(matchContains, `${path}.matchContains`),
    matchScopes: listOf(matchScopes, `${path}.matchScopes`).map((scope, i) => scopeOf(scope, `${path}.matchScopes[${i}]`)),
  };
}

function scopeOf(value: unknown, path: string): ScopeRequirement {
  const { scopeName, operator, values } = members(value, path, ['scopeName', 'operator', 'values']);
  if (typeof scopeName !== 'string') throw wrongAdmission(`${path}.scopeName`, 'must be a text');
  if (typeof operator !== 'string' || !OPERATORS.includes(operator)) throw wrongAdmission(`${path}.operator`, `must be one of ${OPERATORS.join(', ')}`);
  return { scopeName, operator, values: textsOf(values, `${path}.values`) } as ScopeRequirement;
}

function listOf(value: unknown, path: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrongAdmission(path, 'must be a list');
  return value;
}

function textsOf(value: unknown, path: string): readonly string[] {
  const list = listOf(value, path);
  const wrong = list.findIndex((text) => typeof text !== 'string');
  if (wrong >= 0) throw wrongAdmission(`${path}[${wrong}]`, 'must be a text');
  return list as readonly string[];
}
