import type { OwnerReference } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';

/** The one owner that manages the object, if any. */
export const controllerOf = (object: Pick<KubeObject, 'metadata'>): OwnerReference | undefined =>
  object.metadata.ownerReferences?.find((owner) => owner.controller === true);

/** What an object carries that `owner` manages: deletion in the foreground waits for it. */
export const controllerReference = (owner: Pick<KubeObject, 'metadata'>, resource: ResourceType): OwnerReference => ({
  apiVersion: apiVersionOf(resource), kind: resource.kind, name: owner.metadata.name, uid: owner.metadata.uid ?? '',
  controller: true, blockOwnerDeletion: true,
});
