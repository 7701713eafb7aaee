import type { Application, SyncError } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import type { Scheme } from '#api/scheme.ts';
import { labelOf } from '../application/application-names.ts';
import { desiredObject, type DesiredObject } from '../apply/desired-object.ts';
import type { Identity } from '../inventory/identity.ts';
import { renderRevision } from '../offline/render-revision.ts';
import { plainRenderer } from '../render/plain-renderer.ts';
import { MAX_FILE_BYTES } from '../render/text.ts';
import type { UnitRendering } from '../render/unit-rendering.ts';
import { UnitTree } from '../render/unit/unit-tree.ts';
import type { GitRepository } from '../source/git-repository.ts';
import { isInside, unitsOf } from './application-units.ts';

export interface DeclaredContext {
  readonly repository: GitRepository;
  readonly application: Application;
  readonly scheme: Scheme;
  readonly units: UnitRendering;
  readonly signal: AbortSignal;
}

/** An object as a commit declares it, with its namespace, and nothing that sync adds. */
export interface Declared {
  readonly object: KubeObject;
  /** The file that declares it. */
  readonly path: string;
  readonly line: number;
}

export type DeclaredObjects =
  | { readonly ok: true; readonly objects: ReadonlyMap<Identity, Declared> }
  /** What is wrong with the files of the commit. */
  | { readonly ok: false; readonly errors: readonly SyncError[] };

/** All that an application declares at a commit. A commit without the application's folder declares nothing. */
export async function declaredObjects(context: DeclaredContext, revision: string): Promise<DeclaredObjects> {
  const { tree } = await context.repository.commit(revision);
  if ((await unitsOf(context.application, context.repository, tree)).length === 0) return { ok: true, objects: new Map() };
  const plan = await renderRevision({ ...context, revision });
  return plan.ok ? { ok: true, objects: new Map(plan.changed.map((desired) => [desired.identity, declaredOf(desired)])) } : plan;
}

/**
 * One object at a commit; undefined when it is not declared there. `path` is where it may stand: a plain file with the object is all that is then
 * read, and whether another file has it too is not asked.
 */
export async function declaredAt(context: DeclaredContext, { revision, identity, path }: { readonly revision: string; readonly identity: Identity; readonly path?: string | undefined }): Promise<Declared | undefined> {
  const inFile = path === undefined ? undefined : (await declaredIn(context, revision, path))?.get(identity);
  if (inFile) return inFile;
  const all = await declaredObjects(context, revision);
  return all.ok ? all.objects.get(identity) : undefined;
}

/** The objects of one plain manifest; undefined for a file that another kind of unit reads. */
export async function declaredIn({ repository, application, scheme }: DeclaredContext, revision: string, path: string): Promise<ReadonlyMap<Identity, Declared> | undefined> {
  const { tree } = await repository.commit(revision);
  const unit = (await unitsOf(application, repository, tree)).find(({ folder, inputs }) => inputs.has(path) || isInside(folder, path));
  if (unit && unit.type !== 'Plain') return undefined;
  const content = unit && (await new UnitTree(repository, tree).read(path, MAX_FILE_BYTES));
  if (!content) return new Map();
  const context = { scheme, label: labelOf(application), destinationNamespace: application.spec.destinationNamespace || 'default' };
  const { objects } = plainRenderer.render({ path, content }, application.spec.render?.variables);
  return new Map(objects.flatMap((rendered) => {
    const desired = desiredObject(rendered, { commit: revision, author: '' }, context);
    return 'identity' in desired ? [[desired.identity, declaredOf(desired)] as const] : [];
  }));
}

const declaredOf = ({ object: { metadata: { namespace } }, source: { object, path, line } }: DesiredObject): Declared => ({
  object: { ...object, metadata: { ...object.metadata, ...(namespace ? { namespace } : {}) } }, path, line,
});
