import { EMPTY_SET, difference, type FieldSet, isEmptySet, union } from '#api/apply/field-set.ts';
import type { MergedApply } from '#api/apply/managed-fields.ts';
import { restoreDangling, restoreOwned, withoutLast } from '#api/apply/prune.ts';
import { ruleOf } from '#api/apply/rules.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { Environment } from '../environment.ts';

type Schemas = Pick<Environment, 'scheme' | 'schema'>;
type Convert = NonNullable<NonNullable<ResourceType['conversion']>['convert']>;

/**
 * What is left of a merged object when what its manager applied before, applies no more and shares with nobody is gone: in the version in which
 * it was applied, as only that may know the fields, and asking everybody else in theirs. What was applied in a version that is served no more stays.
 */
export async function pruneAcrossVersions(env: Schemas, resource: ResourceType, convert: Convert, { merged, before, claims, key }: MergedApply): Promise<unknown> {
  const own = apiVersionOf(resource);
  const { apiVersion = own, fields: last = EMPTY_SET } = before.get(key) ?? {};
  const said = claims.get(key)?.fields ?? EMPTY_SET;
  const type = env.scheme.byKind(apiVersion, resource.kind);
  // Nothing can go: the webhook need not be asked.
  if (type === undefined || (apiVersion === own && isEmptySet(difference(last, said)))) return merged;
  const object = merged as KubeObject;
  const inVersion = async (pruned: unknown, version: string): Promise<KubeObject> => (await convert([identified(pruned, object)], version))[0] ?? object;
  const rule = ruleOf(env.schema, type);
  const full = await inVersion(object, apiVersion);
  let pruned = restoreOwned(rule, full, withoutLast(rule, full, last), fieldsIn(apiVersion, claims));
  for (const version of new Set([...claims.values()].map((manager) => manager.apiVersion))) {
    const other = env.scheme.byKind(version, resource.kind);
    if (version === apiVersion || other === undefined) continue;
    const rules = ruleOf(env.schema, other);
    pruned = restoreOwned(rules, await inVersion(object, version), await inVersion(pruned, version), fieldsIn(version, claims));
  }
  return inVersion(restoreDangling(rule, full, await inVersion(pruned, apiVersion), last), own);
}

const fieldsIn = (version: string, claims: MergedApply['claims']): FieldSet =>
  [...claims.values()].filter(({ apiVersion }) => apiVersion === version).reduce((all, { fields }) => union(all, fields), EMPTY_SET);

/** A webhook converts no object that does not say which it is. */
function identified(pruned: unknown, { apiVersion, kind, metadata: { name, namespace, uid } }: KubeObject): KubeObject {
  const { metadata, ...rest } = (pruned ?? {}) as Partial<KubeObject>;
  return { apiVersion, kind, ...rest, metadata: { ...metadata, name, ...(namespace === undefined ? {} : { namespace }), ...(uid === undefined ? {} : { uid }) } } as KubeObject;
}
