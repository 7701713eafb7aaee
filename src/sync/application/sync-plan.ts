import type { SyncError } from '#api/headway/v1/types.ts';
import { desiredObject, type DesiredContext, type DesiredObject } from '../apply/desired-object.ts';
import { findProvenance, type Provenance } from '../diff/provenance.ts';
import { diffTrees, findFolder, type TreeChange, type TreeFile } from '../diff/tree-diff.ts';
import { SourceError } from '../errors.ts';
import { ApplicationIndex, type IndexedFile } from '../inventory/application-index.ts';
import { inventoryEntry, type Identity } from '../inventory/identity.ts';
import type { Renderer } from '../render/renderer.ts';
import { MAX_FILE_BYTES } from '../render/text.ts';
import type { GitRepository } from '../source/git-repository.ts';

export interface PlanRequest extends DesiredContext {
  readonly repository: GitRepository;
  readonly revision: string;
  /** The application's folder. */
  readonly path: string;
  readonly renderer: Renderer;
  /** What is applied now; undefined plans from nothing. */
  readonly previous: ApplicationIndex | undefined;
  /** The other application that declares an object, if any. */
  readonly otherOwner: (identity: Identity) => string | undefined;
  readonly signal: AbortSignal;
}

export type SyncPlan =
  | { readonly ok: true; readonly index: ApplicationIndex; /** Objects of changed files only. */ readonly changed: readonly DesiredObject[] }
  | { readonly ok: false; readonly errors: readonly SyncError[] };

/** What a commit changes for an application. Reads and renders only the files that differ from `previous`; writes nothing. */
export async function planSync(request: PlanRequest): Promise<SyncPlan> {
  const { repository, revision, path, previous } = request;
  const { tree } = await repository.commit(revision);
  const folder = await findFolder(repository, tree, path);
  if (folder === undefined) return refused({ path, reason: 'PathNotFound', message: `the commit has no folder ${JSON.stringify(path)}; nothing is deleted for it: delete the Application if its objects shall go` });
  if (folder === previous?.folder) return { ok: true, index: new ApplicationIndex({ revision, folder, files: previous.files }), changed: [] };
  const { base, changes } = await changesSince(request, previous, folder);
  const misfits = changes.flatMap(({ after }) => (after && after.kind !== 'file' ? [misfitError(after)] : []));
  if (misfits.length > 0) return { ok: false, errors: misfits };
  const touched = changes.flatMap(({ after }) => (after ? [after] : []));
  const provenance = await findProvenance({ repository, revision, path, files: touched, signal: request.signal, ...(base ? { since: base.revision } : {}) });
  const files = await Promise.all(touched.map((file) => planFile(file, provenance.get(file.path) ?? { commit: revision, author: '' }, request)));
  const index = new ApplicationIndex({ revision, folder, files: nextFiles(base, changes, files) });
  const errors = [...files.flatMap((file) => file.errors), ...duplicates(index, files, request)];
  request.signal.throwIfAborted();
  return errors.length > 0 ? { ok: false, errors } : { ok: true, index, changed: files.flatMap((file) => file.objects) };
}

const refused = (error: SyncError): SyncPlan => ({ ok: false, errors: [error] });

/** After a force push the old folder may be gone from the repository: then everything counts as changed. */
async function changesSince({ repository, path, renderer }: PlanRequest, previous: ApplicationIndex | undefined, folder: string): Promise<{ readonly base: ApplicationIndex | undefined; readonly changes: readonly TreeChange[] }> {
  const isInput = ({ path: file, after }: TreeChange): boolean => after?.kind === 'submodule' || renderer.accepts(path === '' ? file : file.slice(path.length + 1));
  const against = async (base: ApplicationIndex | undefined) => ({ base, changes: (await diffTrees(repository, base?.folder, folder, path)).filter(isInput) });
  try {
    return await against(previous);
  } catch (error) {
    if (!previous || !(error instanceof SourceError)) throw error;
    return against(undefined);
  }
}

const misfitError = ({ path, kind }: TreeFile): SyncError =>
  kind === 'link'
    ? { path, reason: 'UnsupportedLink', message: 'the file is a symbolic link; manifests must be files' }
    : { path, reason: 'UnsupportedSubmodule', message: 'submodules are not read; make a Repository and an Application for it' };

interface PlannedFile {
  readonly file: IndexedFile;
  readonly objects: readonly DesiredObject[];
  readonly errors: readonly SyncError[];
}

async function planFile({ path, oid }: TreeFile, provenance: Provenance, request: PlanRequest): Promise<PlannedFile> {
  const { objects, errors } = await renderFile({ path, oid, provenance }, request);
  const indexed = objects.map(({ identity, resource, object, source }) => ({ identity, entry: inventoryEntry(resource, object, path), line: source.line }));
  return { file: { path, oid, provenance, objects: indexed }, objects, errors };
}

/** The objects of one file as they are to be applied. */
export async function renderFile(file: Pick<IndexedFile, 'path' | 'oid' | 'provenance'>, request: DesiredContext & Pick<PlanRequest, 'repository' | 'renderer'>): Promise<Pick<PlannedFile, 'objects' | 'errors'>> {
  const { path, oid, provenance } = file;
  const blob = await request.repository.blob(oid, MAX_FILE_BYTES);
  if (!blob) throw new SourceError('ObjectNotFound', `object ${oid} of ${path} is missing`);
  if (!blob.content) return { objects: [], errors: [{ path, reason: 'FileTooLarge', message: `the file has ${blob.size} bytes; at most ${MAX_FILE_BYTES} are read` }] };
  const rendered = request.renderer.render({ path, content: blob.content });
  const results = rendered.objects.map((object) => desiredObject(object, provenance, request));
  return {
    objects: results.filter((result) => 'identity' in result),
    errors: [...rendered.errors, ...results.filter((result) => 'reason' in result)],
  };
}

function nextFiles(base: ApplicationIndex | undefined, changes: readonly TreeChange[], planned: readonly PlannedFile[]): ReadonlyMap<string, IndexedFile> {
  const files = new Map(base?.files);
  for (const { path, after } of changes) if (!after) files.delete(path);
  for (const { file } of planned) files.set(file.path, file);
  return files;
}

/** An object that two files, or two applications, declare would flip between them at each commit: both are named. */
function duplicates(index: ApplicationIndex, planned: readonly PlannedFile[], { otherOwner }: PlanRequest): readonly SyncError[] {
  const changed = new Set(planned.flatMap(({ file }) => file.objects.map(({ identity }) => identity)));
  if (changed.size === 0) return [];
  const places = new Map<Identity, { readonly path: string; readonly line: number; readonly object: string }[]>();
  for (const { path, objects } of index.files.values()) {
    for (const { identity, line } of objects) if (changed.has(identity)) places.set(identity, [...(places.get(identity) ?? []), { path, line, object: identity }]);
  }
  return [...places].flatMap(([identity, [first, ...rest]]) => {
    const other = otherOwner(identity);
    const inOther = other && first ? [{ ...first, reason: 'DuplicateObject', message: `the object is declared by application ${other} too` }] : [];
    return [...inOther, ...rest.map((place) => ({ ...place, reason: 'DuplicateObject', message: `the object is declared at ${first?.path}:${first?.line} too` }))];
  });
}
