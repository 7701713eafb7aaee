import type { OwnerReference } from '#api/generated/meta/v1.ts';
import { jsonEqual } from '#api/json.ts';
import type { KubeObject } from '#api/object.ts';
import type { WriteContext } from '../call.ts';

const FIX = 'API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed';

/** An owner that stands twice counts once, and whoever writes so is told. The same UID with another name or kind is another owner. */
export function withUniqueOwners(object: KubeObject, context: WriteContext, isMutated: boolean): KubeObject {
  const { ownerReferences: all = [] } = object.metadata;
  if (all.length < 2) return object;
  const unique: OwnerReference[] = [];
  const repeated: string[] = [];
  for (const owner of all) {
    if (unique.some((other) => other.uid === owner.uid && jsonEqual(other, owner))) repeated.push(owner.uid);
    else unique.push(owner);
  }
  if (repeated.length === 0) return object;
  context.warn(`.metadata.ownerReferences contains duplicate entries${isMutated ? ' after mutating admission happens' : ''}; ${FIX}: ${repeated.join(', ')}`);
  return { ...object, metadata: { ...object.metadata, ownerReferences: unique } };
}
