import { createHash } from 'node:crypto';
import type { SyncError } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { desiredObject, type DesiredContext, type DesiredObject } from '../apply/desired-object.ts';
import type { Provenance } from '../diff/provenance.ts';
import { describe } from '../inventory/identity.ts';
import type { RenderedObject } from '../render/renderer.ts';
import { hookOf, hookProblem, type HookDeclaration, type HookPhase } from './hook.ts';

/** On the object of a hook: the record of the sync that runs it. */
export const HOOK_RUN_ANNOTATION = 'headway.dev/hook-run';

/** A hook as one sync runs it in one phase. */
export interface PlannedHook {
  readonly phase: HookPhase;
  readonly declaration: HookDeclaration;
  readonly desired: DesiredObject;
}

export interface HookRun {
  /** Name of the sync's record. */
  readonly record: string;
  readonly provenance: Provenance;
  readonly context: DesiredContext;
}

/** What is wrong with a hook, before anything of the commit is applied. */
export function hookErrors(hook: RenderedObject, context: DesiredContext): readonly SyncError[] {
  const problem = hookProblem(hook.object);
  if (problem) return [{ path: hook.path, line: hook.lineOf(problem.field), object: describe(hook.object.kind, hook.object.metadata), reason: 'InvalidHook', message: problem.message }];
  const result = desiredObject(hook, { commit: '', author: '' }, context);
  return 'reason' in result ? [result] : [];
}

/** The hooks of a commit as a sync runs them, one for each phase that they have. */
export function planHooks(rendered: readonly RenderedObject[], run: HookRun): readonly PlannedHook[] {
  return rendered.flatMap((hook) => {
    const declaration = hookOf(hook.object);
    return (declaration?.phases ?? []).flatMap((phase) => {
      const desired = desiredObject({ ...hook, object: forRun(hook.object, phase, run.record) }, run.provenance, run.context);
      return declaration && 'identity' in desired ? [{ phase, declaration, desired }] : [];
    });
  });
}

/** A name that the server would make up is made up here, the same whenever the same sync goes on: after a restart too, a hook runs once. */
function forRun(object: KubeObject, phase: HookPhase, record: string): KubeObject {
  const { generateName, name, ...metadata } = object.metadata;
  const suffix = createHash('sha256').update(`${record} ${phase}`).digest('hex').slice(0, 8);
  return { ...object, metadata: { ...metadata, name: name || `${generateName ?? ''}${suffix}`, annotations: { ...metadata.annotations, [HOOK_RUN_ANNOTATION]: `${record}/${phase}` } } };
}
