import type { InventoryEntry } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { joinKey } from '#api/object.ts';
import type { Scheme } from '#api/scheme.ts';
import { ownText } from '#base/own-memory.ts';
import { apiVersionOf, groupResource, type ResourceType } from '#api/resource-type.ts';

/** `deployments.apps/default/web`: names an object over the versions of its kind. In one piece, as an index keeps one of every object. */
export type Identity = string;

export const identityOf = (resource: ResourceType, { metadata }: Pick<KubeObject, 'metadata'>): Identity =>
  ownText(`${groupResource(resource)}/${joinKey(resource.namespaced ? metadata.namespace : undefined, metadata.name ?? '')}`);

export const identityOfEntry = (resource: ResourceType, entry: InventoryEntry): Identity =>
  ownText(`${groupResource(resource)}/${joinKey(entry.namespace, entry.name)}`);

export const entryApiVersion = (entry: Pick<InventoryEntry, 'group' | 'version'>): string => apiVersionOf(entry);

/** The resource of an entry, in another version when that of the entry is no longer served; undefined when the kind is gone. */
export const resourceOfEntry = (scheme: Pick<Scheme, 'byKind' | 'all'>, entry: Pick<InventoryEntry, 'group' | 'version' | 'kind'>): ResourceType | undefined =>
  scheme.byKind(entryApiVersion(entry), entry.kind) ?? scheme.all().find(({ group, kind }) => group === entry.group && kind === entry.kind);

export const inventoryEntry = (resource: ResourceType, object: KubeObject, path: string): InventoryEntry => ({
  group: resource.group, version: resource.version, kind: resource.kind,
  ...(resource.namespaced && object.metadata.namespace ? { namespace: object.metadata.namespace } : {}),
  name: object.metadata.name ?? '', path,
});

/** `Deployment default/web`: how messages name an object. */
export const describe = (kind: string, metadata: { readonly namespace?: string | undefined; readonly name?: string | undefined }): string =>
  `${kind} ${joinKey(metadata.namespace, metadata.name ?? '')}`;
