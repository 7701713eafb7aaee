import type { SyncError } from '#api/headway/v1/types.ts';
import { desiredObject, type DesiredContext, type DesiredObject } from '../apply/desired-object.ts';
import { findProvenance, type Provenance } from '../diff/provenance.ts';
import { diffTrees, findFolder, type TreeChange, type TreeFile } from '../diff/tree-diff.ts';
import { SourceError } from '../errors.ts';
import { ApplicationIndex, type IndexedFile } from '../inventory/application-index.ts';
import { inventoryEntry } from '../inventory/identity.ts';
import { detectType } from '../render/detect.ts';
import { MAX_FILE_BYTES } from '../render/text.ts';
import { duplicates } from './duplicates.ts';
import type { PlanRequest, SyncPlan } from './plan.ts';
import { planUnit } from './unit-plan.ts';

/** What a commit changes for an application. Reads and renders only the files that differ from `previous`; writes nothing. */
export async function planSync(request: PlanRequest): Promise<SyncPlan> {
  const { repository, revision, path, previous } = request;
  const { tree } = await repository.commit(revision);
  const folder = await findFolder(repository, tree, path);
  if (folder === undefined) return refused({ path, reason: 'PathNotFound', message: `the commit has no folder ${JSON.stringify(path)}; nothing is deleted for it: delete the Application if its objects shall go` });
  const type = detectType(await repository.tree(folder), request.render);
  if (type !== 'Plain') return planUnit(request, { type, root: tree, folder });
  if (folder === previous?.folder && !previous.unit) return { ok: true, index: new ApplicationIndex({ revision, folder, files: previous.files }), changed: [] };
  const { base, changes } = await changesSince(request, previous?.unit ? undefined : previous, folder);
  const misfits = changes.flatMap(({ after }) => (after && after.kind !== 'file' ? [misfitError(after)] : []));
  if (misfits.length > 0) return { ok: false, errors: misfits };
  const touched = changes.flatMap(({ after }) => (after ? [after] : []));
  const provenance = await findProvenance({ repository, revision, path, files: touched, signal: request.signal, ...(base ? { since: base.revision } : {}) });
  const files = await Promise.all(touched.map((file) => planFile(file, provenance.get(file.path) ?? { commit: revision, author: '' }, request)));
  const index = new ApplicationIndex({ revision, folder, files: nextFiles(base, changes, files) });
  const errors = [...files.flatMap((file) => file.errors), ...duplicates(index, files.flatMap(({ objects }) => objects), request)];
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
export async function renderFile(file: Pick<IndexedFile, 'path' | 'oid' | 'provenance'>, request: DesiredContext & Pick<PlanRequest, 'repository' | 'renderer' | 'render'>): Promise<Pick<PlannedFile, 'objects' | 'errors'>> {
  const { path, oid, provenance } = file;
  const blob = await request.repository.blob(oid, MAX_FILE_BYTES);
  if (!blob) throw new SourceError('ObjectNotFound', `object ${oid} of ${path} is missing`);
  if (!blob.content) return { objects: [], errors: [{ path, reason: 'FileTooLarge', message: `the file has ${blob.size} bytes; at most ${MAX_FILE_BYTES} are read` }] };
  const rendered = request.renderer.render({ path, content: blob.content }, request.render.variables);
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
