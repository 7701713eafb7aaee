import type { Application, SyncError } from '#api/headway/v1/types.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import { labelOf } from '../application/application-names.ts';
import { desiredObject, type DesiredObject } from '../apply/desired-object.ts';
import type { RenderedObject } from '../render/renderer.ts';

/** Nothing is applied, so no commit is named. */
const NO_PROVENANCE = { commit: '', author: '' };
const BUILT_IN_GROUPS: ReadonlySet<string> = new Set(BUILT_IN_RESOURCES.map(({ group }) => group));

export interface DeclaredObject extends DesiredObject {
  /** The definition of its kind is not in the repository: it is compared, but not checked. */
  readonly isUnknownKind: boolean;
}

/** The object as a sync would apply it. A custom kind that no definition of the repository names is taken as it stands. */
export function declareObject(rendered: RenderedObject, application: Application, scheme: Scheme): DeclaredObject | SyncError {
  const { apiVersion, kind, metadata } = rendered.object;
  const guessed = scheme.byKind(apiVersion, kind) ? undefined : guessResource(apiVersion, kind, metadata.namespace !== undefined);
  const context = { label: labelOf(application), destinationNamespace: application.spec.destinationNamespace || 'default', scheme: guessed ? new Scheme([guessed]) : scheme };
  const desired = desiredObject(rendered, NO_PROVENANCE, context);
  return 'identity' in desired ? { ...desired, isUnknownKind: guessed !== undefined } : desired;
}

/** Undefined for groups whose kinds are all known. */
function guessResource(apiVersion: string, kind: string, namespaced: boolean): ResourceType | undefined {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  if (BUILT_IN_GROUPS.has(group)) return undefined;
  const singular = kind.toLowerCase();
  return { group, version, kind, plural: `${singular}s`, singular, shortNames: [], categories: [], namespaced, verbs: ['get', 'patch'], subresources: [] };
}
