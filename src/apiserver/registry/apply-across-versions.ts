import type { ManagerConflict } from '#api/apply/conflicts.ts';
import { contestedFields } from '#api/apply/contested-fields.ts';
import { type ApplyOptions, applyServerSide } from '#api/apply/managed-fields.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { Environment } from '../environment.ts';

type Schemas = Pick<Environment, 'scheme' | 'schema'>;

/**
 * Server-side apply. Where a webhook moves fields from version to version, what managers of another one would lose is found in their own:
 * the result is made as if nobody minded, converted, and compared there. A promise only then.
 * @throws StatusError Conflict, InternalError when the webhook fails
 */
export function applyAcrossVersions(env: Schemas, resource: ResourceType, options: ApplyOptions): KubeObject | Promise<KubeObject> {
  if (resource.conversion?.convert === undefined) return applyServerSide(env.schema, resource, options);
  const own = apiVersionOf(resource);
  const versions = new Set((options.live?.metadata.managedFields ?? []).map(({ apiVersion = own }) => apiVersion).filter((version) => version !== own));
  return versions.size === 0 ? applyServerSide(env.schema, resource, options) : applyConverted(env, resource, options, versions);
}

async function applyConverted(env: Schemas, resource: ResourceType, options: ApplyOptions, versions: ReadonlySet<string>): Promise<KubeObject> {
  const { live, manager, subresource } = options;
  const wanted = applyServerSide(env.schema, resource, { ...options, force: true, elsewhere: [] });
  if (live === undefined || wanted === live || options.force) return wanted;
  const elsewhere: ManagerConflict[] = [];
  for (const version of versions) {
    const type = env.scheme.byKind(version, resource.kind);
    const [before, after] = (type && (await resource.conversion?.convert?.([live, wanted], version))) ?? [];
    if (type && before && after) elsewhere.push(...contestedFields(env.schema, type, before, after));
  }
  const isOther = ({ manager: of }: ManagerConflict): boolean => of.operation !== 'Apply' || of.name !== manager || of.subresource !== subresource;
  return applyServerSide(env.schema, resource, { ...options, elsewhere: elsewhere.filter(isOther) });
}
