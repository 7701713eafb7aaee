import type { SyncError } from '#api/headway/v1/types.ts';
import { desiredObject, type DesiredContext, type DesiredObject } from '../apply/desired-object.ts';
import { findProvenance, type Provenance } from '../diff/provenance.ts';
import { diffTrees, type TreeChange, type TreeFile } from '../diff/tree-diff.ts';
import { SourceError } from '../errors.ts';
import { hookErrors } from '../hooks/hook-plan.ts';
import { hookOf } from '../hooks/hook.ts';
import type { IndexedFile, IndexedFolder } from '../inventory/application-index.ts';
import { inventoryEntry } from '../inventory/identity.ts';
import { awaitedObject, isAwaited } from '../kinds/awaited-kinds.ts';
import type { RenderResult } from '../render/renderer.ts';
import { MAX_FILE_BYTES } from '../render/text.ts';
import { renderClear } from '../secrets/render-clear.ts';
import type { FolderPlan, FolderRequest, PlanRequest, RenderedFolder } from './plan.ts';

interface RenderedFile extends RenderResult {
  readonly path: string;
  readonly oid: string;
  readonly provenance: Provenance;
}

interface PlannedFile {
  readonly file: IndexedFile;
  readonly objects: readonly DesiredObject[];
  readonly errors: readonly SyncError[];
}

/** A folder of manifests: each file is read and rendered by itself, and only when it differs. */
export async function renderPlain(request: FolderRequest): Promise<RenderedFolder> {
  const { path, before, oid, revision, previous, repository, signal } = request;
  if (before && !before.unit && before.oid === oid) return { objects: [], errors: [], plan: () => Promise.resolve({ folder: before, changed: [], errors: [], hasNewHooks: false }) };
  const { base, changes } = await changesSince(request, before?.unit ? undefined : before);
  const touched = changes.flatMap(({ after }) => (after ? [after] : []));
  const misfits = touched.filter(({ kind }) => kind !== 'file').map(misfitError);
  if (misfits.length > 0) return { objects: [], errors: misfits, plan: () => Promise.resolve({ folder: { path, oid, files: new Map() }, changed: [], errors: [], hasNewHooks: false }) };
  const provenance = await findProvenance({ repository, revision, files: touched, signal, ...(base && previous ? { since: previous.revision } : {}) });
  const files = await Promise.all(touched.map(async (file): Promise<RenderedFile> => ({ ...file, provenance: provenance.get(file.path) ?? { commit: revision, author: '' }, ...(await read(file, request)) })));
  return {
    objects: files.flatMap(({ objects }) => objects), errors: files.flatMap(({ errors }) => errors),
    plan: (context) => Promise.resolve(planFiles(files, context, { folder: { path, oid, files: base?.files ?? new Map() }, changes, isNext: base !== undefined })),
  };
}

/** After a force push the old folder may be gone from the repository: then everything counts as changed. */
async function changesSince({ repository, path, oid, renderer, ignore }: FolderRequest, before: IndexedFolder | undefined): Promise<{ readonly base: IndexedFolder | undefined; readonly changes: readonly TreeChange[] }> {
  const isInput = ({ path: file, after }: TreeChange): boolean =>
    !ignore?.ignores(file) && (after?.kind === 'submodule' || renderer.accepts(path === '' ? file : file.slice(path.length + 1)));
  const against = async (base: IndexedFolder | undefined) => ({ base, changes: (await diffTrees(repository, base?.oid, oid, path)).filter(isInput) });
  try {
    return await against(before);
  } catch (error) {
    if (!before || !(error instanceof SourceError)) throw error;
    return against(undefined);
  }
}

/** Of what stands among manifests and is no file. */
export const misfitError = ({ path, kind }: TreeFile): SyncError =>
  kind === 'link'
    ? { path, reason: 'UnsupportedLink', message: 'the file is a symbolic link; manifests must be files' }
    : { path, reason: 'UnsupportedSubmodule', message: 'submodules are read only when spec.submodules of the Repository says so' };

function planFiles(rendered: readonly RenderedFile[], context: DesiredContext, { folder, changes, isNext }: { readonly folder: IndexedFolder; readonly changes: readonly TreeChange[]; readonly isNext: boolean }): FolderPlan {
  const planned = rendered.map((file) => planFile(file, context));
  const files = new Map(folder.files);
  for (const { path, after } of changes) if (!after) files.delete(path);
  for (const { file } of planned) files.set(file.path, file);
  const hadHooks = changes.some(({ path }) => folder.files.get(path)?.hasHooks === true);
  return {
    folder: { ...folder, files }, changed: planned.flatMap(({ objects }) => objects), errors: planned.flatMap(({ errors }) => errors),
    hasNewHooks: isNext && (hadHooks || planned.some(({ file }) => file.hasHooks)),
  };
}

function planFile({ path, oid, provenance, objects: rendered }: RenderedFile, context: DesiredContext): PlannedFile {
  const hooks = rendered.filter(({ object }) => hookOf(object));
  const awaited = rendered.filter(({ object }) => isAwaited(object, context.scheme));
  const results = rendered.flatMap((object) => (hookOf(object.object) || awaited.includes(object) ? [] : [desiredObject(object, provenance, context)]));
  const objects = results.filter((result) => 'identity' in result);
  const indexed = objects.map(({ identity, resource, object, source }) => ({ identity, entry: inventoryEntry(resource, object, path), line: source.line }));
  return {
    file: { path, oid, provenance, objects: indexed, hasHooks: hooks.length > 0, ...(awaited.length > 0 ? { awaited: awaited.map(awaitedObject) } : {}) }, objects,
    errors: [...results.filter((result) => 'reason' in result), ...hooks.flatMap((hook) => hookErrors(hook, context))],
  };
}

/** The objects of one file as they are to be applied, hooks left out. */
export async function renderFile(file: Pick<IndexedFile, 'path' | 'oid' | 'provenance'>, request: DesiredContext & Pick<PlanRequest, 'repository' | 'renderer' | 'render' | 'keys'>): Promise<Pick<PlannedFile, 'objects' | 'errors'>> {
  const { objects: rendered, errors } = await read(file, request);
  const planned = planFile({ ...file, objects: rendered, errors }, request);
  return { objects: planned.objects, errors: [...errors, ...planned.errors] };
}

/** What a file of the commit holds. */
export async function read({ path, oid }: Pick<IndexedFile, 'path' | 'oid'>, request: Pick<PlanRequest, 'repository' | 'renderer' | 'render' | 'keys' | 'destinationNamespace'>): Promise<RenderResult> {
  const blob = await request.repository.blob(oid, MAX_FILE_BYTES);
  if (!blob) throw new SourceError('ObjectNotFound', `object ${oid} of ${path} is missing`);
  if (!blob.content) return { objects: [], errors: [{ path, reason: 'FileTooLarge', message: `the file has ${blob.size} bytes; at most ${MAX_FILE_BYTES} are read` }] };
  return renderClear({ path, content: blob.content }, request);
}
