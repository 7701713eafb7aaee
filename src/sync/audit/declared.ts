import type { Application, SyncError } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import type { Scheme } from '#api/scheme.ts';
import { labelOf } from '../application/application-names.ts';
import { desiredObject, type DesiredObject } from '../apply/desired-object.ts';
import { hookOf } from '../hooks/hook.ts';
import type { Identity } from '../inventory/identity.ts';
import { renderRevision } from '../offline/render-revision.ts';
import { plainRenderer } from '../render/plain-renderer.ts';
import { MAX_FILE_BYTES } from '../render/text.ts';
import type { UnitRendering } from '../render/unit-rendering.ts';
import { UnitTree } from '../render/unit/unit-tree.ts';
import type { GitRepository } from '../source/git-repository.ts';
import type { IgnoreRules } from '../source/ignore-rules.ts';
import { fingerprintOf, isInside, unitsOf, type ApplicationUnit } from './application-units.ts';

export interface DeclaredContext {
  readonly repository: GitRepository;
  /** As it is today. */
  readonly application: Application;
  /** As it was at a commit, as far as that is known. */
  readonly applicationAt: (revision: string) => Promise<Application>;
  /** Of the Repository: files that are no manifests. */
  readonly ignore?: IgnoreRules | undefined;
  readonly scheme: Scheme;
  readonly units: UnitRendering;
  readonly signal: AbortSignal;
  /** Keeps what was rendered, by fingerprint: for an application that is asked for one object after another. Default: nothing is kept. */
  readonly rendered?: Map<string, Promise<DeclaredObjects>>;
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

/** How its folders are rendered at a commit, and from what. */
export async function unitsAt({ repository, ignore, applicationAt }: DeclaredContext, revision: string): Promise<readonly ApplicationUnit[]> {
  const [{ tree }, application] = await Promise.all([repository.commit(revision), applicationAt(revision)]);
  return unitsOf({ application, repository, ignore }, tree);
}

/** Equal for two commits at which it declares the same. */
export async function fingerprintAt(context: DeclaredContext, revision: string): Promise<string> {
  const { spec: { render, destinationNamespace } } = await context.applicationAt(revision);
  return JSON.stringify([fingerprintOf(await unitsAt(context, revision)), render ?? {}, destinationNamespace ?? '']);
}

/** All that an application declares at a commit. Folders that the commit does not have declare nothing. */
export async function declaredObjects(context: DeclaredContext, revision: string): Promise<DeclaredObjects> {
  if (!context.rendered) return renderedObjects(context, revision);
  const key = await fingerprintAt(context, revision);
  const objects = context.rendered.get(key) ?? renderedObjects(context, revision);
  context.rendered.set(key, objects);
  return objects;
}

async function renderedObjects(context: DeclaredContext, revision: string): Promise<DeclaredObjects> {
  const paths = (await unitsAt(context, revision)).map(({ folder }) => folder);
  const plan = await renderRevision({ ...context, application: await context.applicationAt(revision), revision, paths });
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
export async function declaredIn(declaring: DeclaredContext, revision: string, path: string): Promise<ReadonlyMap<Identity, Declared> | undefined> {
  const { repository, scheme, ignore } = declaring;
  const [{ tree }, application] = await Promise.all([repository.commit(revision), declaring.applicationAt(revision)]);
  const unit = (await unitsOf({ application, repository, ignore }, tree)).find(({ folder, inputs }) => inputs.has(path) || isInside(folder, path));
  if (unit && unit.type !== 'Plain') return undefined;
  const content = unit && !ignore?.ignores(path) && (await new UnitTree(repository, tree).read(path, MAX_FILE_BYTES));
  if (!content) return new Map();
  const context = { scheme, label: labelOf(application), destinationNamespace: application.spec.destinationNamespace || 'default' };
  const { objects } = plainRenderer.render({ path, content }, application.spec.render?.variables);
  return new Map(objects.filter(({ object }) => !hookOf(object)).flatMap((rendered) => {
    const desired = desiredObject(rendered, { commit: revision, author: '' }, context);
    return 'identity' in desired ? [[desired.identity, declaredOf(desired)] as const] : [];
  }));
}

const declaredOf = ({ object: { metadata: { namespace } }, source: { object, path, line } }: DesiredObject): Declared => ({
  object: { ...object, metadata: { ...object.metadata, ...(namespace ? { namespace } : {}) } }, path, line,
});
