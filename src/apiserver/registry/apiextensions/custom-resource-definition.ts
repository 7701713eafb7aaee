import type { KubeObject } from '#api/object.ts';
import { definitionWarnings } from '#api/structural/definition/warnings.ts';
import { CLEANUP_FINALIZER, type Definition, withCondition } from '../../crd/conditions.ts';
import type { Strategy } from '../strategy.ts';

/** What the server does with a definition when it is written; names, registration and cleaning up: `crd/`. */
export const DEFINITION: Strategy = {
  hasGeneration: true,
  requiresResourceVersion: true,
  marksTimeOnly: true,
  prepareCreate: (object) => withStoredVersion(object as Definition),
  prepareUpdate: (object) => withStoredVersion(object as Definition),
  warnings: (object, live) => definitionWarnings(object as Definition, live as Definition | undefined),
  validate: (object, live, env) => env.schemas.validate(object as Definition, live as Definition | undefined),
  markTerminating: (object, nowMs) => terminating(object as Definition, nowMs),
};

/** Every version in which objects may lie in the store is on record until somebody takes it off. */
function withStoredVersion(definition: Definition): KubeObject {
  const storage = definition.spec?.versions?.find((v) => v.storage)?.name;
  const { storedVersions = [] } = definition.status ?? {};
  if (storage === undefined || storedVersions.includes(storage)) return definition;
  const changed: Definition = { ...definition, status: { ...definition.status, storedVersions: [...storedVersions, storage] } };
  return changed;
}

/** The finalizer holds the definition until its objects are gone. */
function terminating(definition: Definition, nowMs: number): KubeObject {
  const { finalizers = [] } = definition.metadata;
  const conditions = withCondition(definition.status?.conditions ?? [], {
    type: 'Terminating', status: 'True', reason: 'InstanceDeletionPending', message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  }, nowMs);
  const marked: Definition = {
    ...definition, metadata: { ...definition.metadata, finalizers: finalizers.includes(CLEANUP_FINALIZER) ? finalizers : [...finalizers, CLEANUP_FINALIZER] },
    status: { ...definition.status, conditions },
  };
  return marked;
}
