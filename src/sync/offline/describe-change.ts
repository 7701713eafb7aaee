import { yamlOf } from '#api/yaml-text.ts';
import { hookOf, isOfDeletion } from '../hooks/hook.ts';
import { describe } from '../inventory/identity.ts';
import type { ApplicationChange, ObjectChange, Restart, StaleReader } from './change-plan.ts';
import type { ComparedApplication, ComparedObject } from './compare-application.ts';
import { readAtStart } from './config-reads.ts';
import { isEncrypted, isOpaque } from './object-rules.ts';
import type { DeclaredObject } from './declare.ts';
import type { HiddenValues } from './hidden-values.ts';
import { lineDiff } from './line-diff.ts';
import { diffObjects, withoutOrigin } from './object-diff.ts';
import { restartOf } from './restarts.ts';

export interface DescribeOptions {
  readonly hidden: HiddenValues;
  /** Workloads anywhere in the repository that name one of the changed ConfigMaps and Secrets. */
  readonly readers: readonly DeclaredObject[];
  readonly held: string | undefined;
}

/** What is known of an application's change, as it may be shown: no value of a Secret is in it. */
export function describeChange({ name, change, objects, errors }: ComparedApplication, { hidden, readers, held }: DescribeOptions): ApplicationChange {
  const restarts = objects.flatMap((object) => restartOfObject(object));
  const told = objects.flatMap((object) => {
    const hide = <T extends { readonly message: string }>(entry: T): T => ({ ...entry, message: hidden.hideIn(entry.message, object.declared.object) });
    return [{ errors: object.errors.map(hide), policies: object.policies.map(hide) }];
  });
  return {
    name, change, restarts, stale: staleReaders(objects, readers, restarts),
    objects: objects.flatMap((object) => (object.action === 'same' ? [] : [objectChange(object, { hidden, isDeleted: change === 'Deleted' })])),
    policies: told.flatMap(({ policies }) => policies), errors: [...errors, ...told.flatMap((entry) => entry.errors)], ...(held === undefined ? {} : { held }),
  };
}

function objectChange({ action, declared, before, after, hasDrifted }: ComparedObject, { hidden, isDeleted }: { readonly hidden: HiddenValues; readonly isDeleted: boolean }): ObjectChange {
  const { resource, object, source } = declared;
  const show = (state: typeof object): typeof object => hidden.hide(withoutOrigin(state));
  const updated = action === 'update' && before && after ? diffObjects(show(before), show(after)) : undefined;
  return {
    action: action === 'same' ? 'update' : action, apiVersion: object.apiVersion, kind: resource.kind, ...(object.metadata.namespace ? { namespace: object.metadata.namespace } : {}), name: source.object.metadata.name || action !== 'run' ? object.metadata.name : `${source.object.metadata.generateName}*`,
    path: source.path, line: source.line, ...(action === 'run' ? { phases: (hookOf(object)?.phases ?? []).filter((phase) => isOfDeletion(phase) === isDeleted) } : {}), patch: updated?.patch ?? [],
    diff: updated?.diff ?? (action === 'create' ? lineDiff('', yamlOf(show(object))) : ''), ...(hasDrifted === undefined ? {} : { hasDrifted }),
  };
}

const restartOfObject = ({ action, before, after, declared, errors }: ComparedObject): readonly Restart[] => {
  const restart = action === 'keep' || action === 'same' || action === 'run' || errors.length > 0 || isOpaque(declared) ? undefined : restartOf(before, after);
  return restart ? [restart] : [];
};

/** Pods that read a changed ConfigMap or Secret once, and are not restarted by the same commit. */
function staleReaders(objects: readonly ComparedObject[], readers: readonly DeclaredObject[], restarts: readonly Restart[]): readonly StaleReader[] {
  const restarted = new Set(restarts.filter(({ how }) => how !== 'scaled').map(({ object }) => object));
  return objects.filter(isChangedConfig).flatMap(({ declared: { object: config } }) => readers
    .filter(({ object }) => object.metadata.namespace === config.metadata.namespace && readAtStart(object).has(`${config.kind}/${config.metadata.name}`))
    .map(({ object }) => ({ object: describe(object.kind, object.metadata), reads: describe(config.kind, config.metadata) }))
    .filter(({ object }) => !restarted.has(object)));
}

export const isChangedConfig = ({ action, declared: { object } }: ComparedObject): boolean =>
  action === 'update' && object.apiVersion === 'v1' && (object.kind === 'ConfigMap' || object.kind === 'Secret') && (object.kind === 'Secret' || !isEncrypted(object));
