import type { DesiredObject } from '../apply/desired-object.ts';
import type { PlannedHook } from '../hooks/hook-plan.ts';
import type { HookPhase } from '../hooks/hook.ts';
import { planWaves, wavePosition } from './waves.ts';

/** What becomes visible at once: one transaction, between whose parts nobody sees anything. */
export interface Stage {
  readonly phase: HookPhase;
  readonly wave: number;
  readonly objects: readonly DesiredObject[];
  readonly hooks: readonly PlannedHook[];
  /** Whether what it applied must be well before the next stage begins. Its hooks must have completed in any case. */
  readonly awaitsHealth: boolean;
}

const PHASES: readonly HookPhase[] = ['PreSync', 'Sync', 'PostSync'];

/** In the order in which they are applied: by hook phase, then by wave, then definitions and, where pods come with them, namespaces before the rest. */
export function planStages(objects: readonly DesiredObject[], hooks: readonly PlannedHook[]): readonly Stage[] {
  const early = objects.filter((desired) => isNeededBefore(desired, hooks));
  const rest = objects.filter((desired) => !early.includes(desired));
  const first: readonly Stage[] = early.length > 0 ? [{ phase: 'PreSync', wave: Number.NEGATIVE_INFINITY, objects: early, hooks: [], awaitsHealth: false }] : [];
  const groups = [...first, ...PHASES.flatMap((phase) => stagesOf(phase, phase === 'Sync' ? rest : [], hooks))];
  return groups.map((stage, i) => ({ ...stage, awaitsHealth: isFollowedByAnother(stage, groups[i + 1]) }));
}

/** What runs before all else needs its namespace. */
const isNeededBefore = ({ object }: DesiredObject, hooks: readonly PlannedHook[]): boolean =>
  object.kind === 'Namespace' && hooks.some(({ phase, desired }) => phase === 'PreSync' && desired.object.metadata.namespace === object.metadata.name);

/** After a failure. */
export const failStages = (hooks: readonly PlannedHook[]): readonly Stage[] => stagesOf('SyncFail', [], hooks);

/** When the Application is deleted: before its objects, or when they are gone. */
export const deletionStages = (phase: 'PreDelete' | 'PostDelete', hooks: readonly PlannedHook[]): readonly Stage[] => stagesOf(phase, [], hooks);

const isFollowedByAnother = (stage: Stage, next: Stage | undefined): boolean => next !== undefined && (next.phase !== stage.phase || next.wave !== stage.wave);

function stagesOf(phase: HookPhase, objects: readonly DesiredObject[], all: readonly PlannedHook[]): readonly Stage[] {
  const hooks = Map.groupBy(all.filter((hook) => hook.phase === phase), ({ desired }) => wavePosition(desired.object).wave);
  const groups = planWaves(objects, ({ object }) => object).map((group) => ({ wave: waveOf(group[0]), group }));
  const waves = [...new Set([...groups.map(({ wave }) => wave), ...hooks.keys()])].sort((a, b) => a - b);
  return waves.flatMap((wave) => {
    const parts = groups.filter((candidate) => candidate.wave === wave).map(({ group }) => group);
    const last = parts.pop() ?? [];
    return [...parts.map((part) => ({ part, own: [] as readonly PlannedHook[] })), { part: last, own: hooks.get(wave) ?? [] }]
      .map(({ part, own }) => ({ phase, wave, objects: part, hooks: own, awaitsHealth: false }));
  });
}

const waveOf = (desired: DesiredObject | undefined): number => (desired ? wavePosition(desired.object).wave : 0);
