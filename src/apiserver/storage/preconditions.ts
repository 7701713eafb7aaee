import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { conflict } from '#api/status-error.ts';

interface Preconditions {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
}

/** What is left out holds of every object, but what is empty of none. @throws StatusError Conflict */
export function requireSameObject(resource: ResourceType, { metadata }: KubeObject, wanted: Preconditions): void {
  for (const [key, title] of [['uid', 'UID'], ['resourceVersion', 'ResourceVersion']] as const) {
    if (wanted[key] !== undefined && wanted[key] !== metadata[key]) throw conflict(resource, metadata.name, `Precondition failed: ${title} in precondition: ${wanted[key]}, ${title} in object meta: ${metadata[key] ?? ''}`);
  }
}
