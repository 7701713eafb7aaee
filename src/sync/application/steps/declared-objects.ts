import type { PlannedHook } from '../../hooks/hook-plan.ts';
import { inventoryEntry } from '../../inventory/identity.ts';
import type { DeclaredObject } from '../../policy/project-rules.ts';
import type { GoodPlan } from '../plan.ts';

/** All that a sync may write: hooks and what comes along are in no index. */
export function* declaredObjects({ index, changed }: GoodPlan, hooks: readonly PlannedHook[]): Iterable<DeclaredObject> {
  yield* index.objects.values();
  const others = [...changed.filter(({ identity }) => !index.objects.has(identity)), ...hooks.map(({ desired }) => desired)];
  for (const { resource, object, source } of others) yield { entry: inventoryEntry(resource, object, source.path), line: source.line };
}
