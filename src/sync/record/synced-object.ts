import type { SyncedObject } from '#api/headway/v1/types.ts';
import type { AppliedObject, PrunedObject } from '../apply/applier.ts';
import type { DesiredObject } from '../apply/desired-object.ts';
import type { HookPhase } from '../hooks/hook.ts';
import { wavePosition } from '../waves/waves.ts';

/** What did not change is not told. */
export function appliedRecord({ desired, outcome, patch }: AppliedObject): readonly SyncedObject[] {
  if (outcome === 'unchanged') return [];
  return [{ ...placeOf(desired), outcome: outcome === 'created' ? 'Created' : 'Updated', ...(patch && patch.length > 0 ? { patch: JSON.stringify(patch) } : {}) }];
}

export const hookRecord = (desired: DesiredObject, hook: HookPhase, { outcome, message }: { readonly outcome: 'Completed' | 'Failed'; readonly message: string }): SyncedObject => ({
  ...placeOf(desired), hook, outcome, ...(message === '' ? {} : { message }),
});

const OUTCOMES = { deleted: 'Deleted', kept: 'Kept', failed: 'Failed' } as const;

export const prunedRecord = ({ entry, outcome, message }: PrunedObject): SyncedObject => ({
  group: entry.group, kind: entry.kind, ...(entry.namespace ? { namespace: entry.namespace } : {}), name: entry.name, path: entry.path, wave: 0,
  outcome: OUTCOMES[outcome], ...(message === undefined ? {} : { message }),
});

function placeOf({ resource, object, source }: DesiredObject): Pick<SyncedObject, 'group' | 'kind' | 'namespace' | 'name' | 'path' | 'line' | 'wave'> {
  const { namespace, name } = object.metadata;
  return { group: resource.group, kind: resource.kind, ...(resource.namespaced && namespace ? { namespace } : {}), name, path: source.path, line: source.line, wave: wavePosition(object).wave };
}
