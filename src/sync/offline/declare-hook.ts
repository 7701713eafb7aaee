import type { Application, SyncError } from '#api/headway/v1/types.ts';
import type { Scheme } from '#api/scheme.ts';
import { hookOf, hookProblem } from '../hooks/hook.ts';
import { describe } from '../inventory/identity.ts';
import type { RenderedObject } from '../render/renderer.ts';
import { declareObject, type DeclaredObject } from './declare.ts';

/** A sync makes up the end of a name that is generated. */
const GENERATED = 'generated';

/** A hook as a sync or a deletion would run it, or what is wrong with it. Those that are never run (tests) are neither. */
export function declareHook(rendered: RenderedObject, application: Application, scheme: Scheme): readonly (DeclaredObject | SyncError)[] {
  const { object } = rendered;
  const problem = hookProblem(object);
  if (problem) return [{ path: rendered.path, line: rendered.lineOf(problem.field), object: describe(object.kind, object.metadata), reason: 'InvalidHook', message: problem.message }];
  if (hookOf(object)?.phases.length === 0) return [];
  const { generateName, name, ...metadata } = object.metadata;
  if (name || !generateName) return [declareObject(rendered, application, scheme)];
  const declared = declareObject({ ...rendered, object: { ...object, metadata: { ...metadata, name: `${generateName}${GENERATED}` } } }, application, scheme);
  return ['identity' in declared ? { ...declared, source: rendered } : declared];
}
