import type { ManagerConflict } from '#api/apply/conflicts.ts';
import { contestedFields } from '#api/apply/contested-fields.ts';
import { type ApplyOptions, applyServerSide, mergeApplied, settleApplied } from '#api/apply/managed-fields.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { Environment } from '../environment.ts';
import { pruneAcrossVersions } from './prune-across-versions.ts';

type Schemas = Pick<Environment, 'scheme' | 'schema'>;

/**
 * Server-side apply. Where fields move from version to version, what managers of another one would lose is found in their own: the result is made
 * as if nobody minded, converted, and compared there; and what its manager applied in another version goes in that one. A promise only then.
 * @throws StatusError Conflict, InternalError when the webhook fails
 */
export function applyAcrossVersions(env: Schemas, resource: ResourceType, options: ApplyOptions): KubeObject | Promise<KubeObject> {
  const convert = resource.conversion?.convert;
  if (convert === undefined) return applyServerSide(env.schema, resource, options);
  const own = apiVersionOf(resource);
  const versions = new Set((options.live?.metadata.managedFields ?? []).map(({ apiVersion = own }) => apiVersion).filter((version) => version !== own));
  return versions.size === 0 ? applyServerSide(env.schema, resource, options) : applyConverted(env, resource, { ...options, convert, versions });
}

interface ConvertedApply extends ApplyOptions {
  readonly convert: NonNullable<NonNullable<ResourceType['conversion']>['convert']>;
  readonly versions: ReadonlySet<string>;
}

async function applyConverted(env: Schemas, resource: ResourceType, { convert, versions, ...options }: ConvertedApply): Promise<KubeObject> {
  const { live, manager, subresource } = options;
  const merged = mergeApplied(env.schema, resource, options);
  const step = { ...merged, merged: await pruneAcrossVersions(env, resource, convert, merged) };
  const wanted = settleApplied(env.schema, resource, { ...options, force: true, elsewhere: [] }, step);
  if (live === undefined || wanted === live || options.force) return wanted;
  const elsewhere: ManagerConflict[] = [];
  for (const version of versions) {
    const type = env.scheme.byKind(version, resource.kind);
    const [before, after] = (type && (await convert([live, wanted], version))) ?? [];
    if (type && before && after) elsewhere.push(...contestedFields(env.schema, type, before, after));
  }
  const isOther = ({ manager: of }: ManagerConflict): boolean => of.operation !== 'Apply' || of.name !== manager || of.subresource !== subresource;
  return settleApplied(env.schema, resource, { ...options, elsewhere: elsewhere.filter(isOther) }, step);
}
