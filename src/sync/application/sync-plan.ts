import type { SyncError } from '#api/headway/v1/types.ts';
import { findFolder } from '../diff/tree-diff.ts';
import { ApplicationIndex } from '../inventory/application-index.ts';
import { withDeclared } from '../kinds/declared-kinds.ts';
import { detectType } from '../render/detect.ts';
import { duplicates } from './duplicates.ts';
import { renderPlain } from './plain-plan.ts';
import type { PlanRequest, RenderedFolder, SyncPlan } from './plan.ts';
import { renderWhole } from './unit-plan.ts';

/** What a commit changes for an application. Reads and renders only what differs from `previous`; writes nothing. */
export async function planSync(request: PlanRequest): Promise<SyncPlan> {
  const { repository, revision, paths, signal } = request;
  const { tree } = await repository.commit(revision);
  const rendered = await Promise.all(paths.map((path) => renderFolder(request, path, tree)));
  const scheme = withDeclared(request.scheme, rendered.flatMap(({ objects }) => objects.map(({ object }) => object)));
  const failed = rendered.flatMap(({ errors }) => errors);
  const folders = await Promise.all(rendered.map((folder) => folder.plan({ ...request, scheme })));
  const index = new ApplicationIndex({ revision, folders: folders.map(({ folder }) => folder) });
  const changed = folders.flatMap((folder) => folder.changed);
  const errors = [...failed, ...folders.flatMap((folder) => folder.errors), ...duplicates(index, changed, request)];
  signal.throwIfAborted();
  return errors.length > 0 ? { ok: false, errors, index } : { ok: true, index, changed, hasNewHooks: folders.some(({ hasNewHooks }) => hasNewHooks) };
}

async function renderFolder(request: PlanRequest, path: string, root: string): Promise<RenderedFolder> {
  const { repository, previous, render, ignore } = request;
  const oid = await findFolder(repository, root, path);
  if (oid === undefined) return refused(path, { path, reason: 'PathNotFound', message: `the commit has no folder ${JSON.stringify(path)}; nothing is deleted for it: delete the Application if its objects shall go` });
  const folder = { ...request, path, root, oid, before: previous?.folder(path) };
  const present = (await repository.tree(oid)).filter(({ name }) => !ignore?.ignores(path === '' ? name : `${path}/${name}`));
  const type = detectType(present, render);
  return type === 'Plain' ? renderPlain(folder) : renderWhole(folder, type);
}

const refused = (path: string, error: SyncError): RenderedFolder => ({
  objects: [], errors: [error], plan: () => Promise.resolve({ folder: { path, oid: '', files: new Map() }, changed: [], errors: [], hasNewHooks: false }),
});
