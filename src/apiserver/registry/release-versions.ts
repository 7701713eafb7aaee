import { releaseChanged } from '#api/apply/release-changed.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { Environment } from '../environment.ts';

/**
 * A webhook may move fields from version to version: managers that wrote in another one lose what the update changes there. Managers of
 * versions that are served no more are forgotten.
 */
export async function releaseVersions(env: Pick<Environment, 'scheme' | 'schema'>, resource: ResourceType, live: KubeObject, updated: KubeObject): Promise<KubeObject> {
  const { conversion } = resource;
  const own = apiVersionOf(resource);
  const versions = new Set((updated.metadata.managedFields ?? []).map((entry) => entry.apiVersion ?? own).filter((version) => version !== own));
  let released = updated;
  for (const version of versions) {
    const type = env.scheme.byKind(version, resource.kind);
    const converted = type && (await conversion?.convert?.([live, released], version));
    const [before, after] = converted ?? [];
    const managedFields = type && before && after ? releaseChanged(env.schema, type, before, after) : released.metadata.managedFields?.filter((entry) => entry.apiVersion !== version);
    released = { ...released, metadata: { ...released.metadata, managedFields } };
  }
  return released;
}
