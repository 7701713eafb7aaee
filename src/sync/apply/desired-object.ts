import { APPLICATION_LABEL, AUTHOR_ANNOTATION, COMMIT_ANNOTATION, PATH_ANNOTATION, type IgnoreRule, type SyncError } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Provenance } from '../diff/provenance.ts';
import { describe, identityOf, type Identity } from '../inventory/identity.ts';
import type { KnownKinds } from '../kinds/declared-kinds.ts';
import { rulesFor } from '../policy/ignored-fields.ts';
import type { RenderedObject } from '../render/renderer.ts';
import { withData } from './secret-data.ts';
import { syncOptions, type SyncOptions } from './sync-options.ts';

/** An object as it is applied, with the place in Git that it comes from. */
export interface DesiredObject {
  readonly identity: Identity;
  readonly resource: ResourceType;
  readonly object: KubeObject;
  readonly source: RenderedObject;
  /** What its annotations ask for. */
  readonly options: SyncOptions;
  /** By which some of its fields are left to others once it is made. */
  readonly ignored: readonly IgnoreRule[];
}

export interface DesiredContext {
  readonly scheme: KnownKinds;
  /** `<namespace>.<name>` of the Application. */
  readonly label: string;
  readonly destinationNamespace: string;
  /** Of the Application. Default: none. */
  readonly ignoreDifferences?: readonly IgnoreRule[];
}

/** Adds the namespace and where the object comes from. The commit is that of its file, so that other commits change nothing. */
export function desiredObject(rendered: RenderedObject, provenance: Provenance, context: DesiredContext): DesiredObject | SyncError {
  const { object } = rendered;
  const resource = context.scheme.byKind(object.apiVersion, object.kind);
  const fail = (field: string, reason: string, message: string): SyncError => ({ path: rendered.path, line: rendered.lineOf(field), object: describe(object.kind, object.metadata), reason, message });
  if (!resource) return fail('kind', 'UnknownKind', `no matches for kind ${JSON.stringify(object.kind)} in version ${JSON.stringify(object.apiVersion)}`);
  if (!resource.verbs.includes('patch')) return fail('kind', 'UnsupportedKind', `objects of kind ${object.kind} cannot be stored`);
  const namespace = resource.namespaced ? object.metadata.namespace || context.destinationNamespace : undefined;
  if (!isTextMap(object.metadata.labels)) return fail('metadata.labels', 'InvalidObject', 'metadata.labels: Invalid value: must be a map of strings');
  if (!isTextMap(object.metadata.annotations)) return fail('metadata.annotations', 'InvalidObject', 'metadata.annotations: Invalid value: must be a map of strings');
  // Charts give all of their objects the namespace of the release; of those without one the API takes it off, too.
  const { namespace: _given, ...metadata } = object.metadata;
  const desired: KubeObject = {
    ...withData(object),
    metadata: {
      ...metadata,
      ...(namespace ? { namespace } : {}),
      labels: { ...object.metadata.labels, [APPLICATION_LABEL]: context.label },
      annotations: { ...object.metadata.annotations, [COMMIT_ANNOTATION]: provenance.commit, [PATH_ANNOTATION]: rendered.path, [AUTHOR_ANNOTATION]: provenance.author },
    },
  };
  return { identity: identityOf(resource, desired), resource, object: desired, source: rendered, options: syncOptions(object), ignored: rulesFor(context.ignoreDifferences ?? [], desired) };
}

const isTextMap = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === 'object' && !Array.isArray(value) && Object.values(value).every((v) => typeof v === 'string'));
