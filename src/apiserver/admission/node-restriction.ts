import type { Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { forbidden } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import { nodeNameOf } from '../authz/node-identity.ts';

interface Update {
  readonly resource: ResourceType;
  readonly subresource: string;
  readonly object: KubeObject;
  readonly live: KubeObject;
}

/** A node writes only itself, its lease, and pods that run on it. */
export function restrictNodeCreate(resource: ResourceType, object: KubeObject, user: UserInfo): void {
  const node = nodeNameOf(user);
  if (node === undefined) return;
  if (!isOwn(resource, object, node)) throw forbidden(resource, object.metadata.name, `node ${JSON.stringify(node)} is not allowed to create it`);
}

export function restrictNodeUpdate({ resource, object, live }: Update, user: UserInfo): void {
  const node = nodeNameOf(user);
  if (node === undefined) return;
  if (!isOwn(resource, live, node) || !isOwn(resource, object, node)) throw forbidden(resource, live.metadata.name, `node ${JSON.stringify(node)} is not allowed to modify it`);
}

export function restrictNodeDelete(resource: ResourceType, live: KubeObject, user: UserInfo): void {
  const node = nodeNameOf(user);
  if (node === undefined) return;
  if (!isOwn(resource, live, node)) throw forbidden(resource, live.metadata.name, `node ${JSON.stringify(node)} is not allowed to delete it`);
}

function isOwn(resource: ResourceType, object: KubeObject, node: string): boolean {
  switch (groupResource(resource)) {
    case 'nodes': case 'leases.coordination.k8s.io': case 'csinodes.storage.k8s.io': return object.metadata.name === node;
    case 'pods': return (object as Pod).spec?.nodeName === node;
    default: return true;
  }
}
