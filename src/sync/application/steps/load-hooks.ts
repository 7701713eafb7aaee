import { planHooks, type PlannedHook } from '../../hooks/hook-plan.ts';
import type { ApplicationIndex } from '../../inventory/application-index.ts';
import { withDeclared } from '../../kinds/declared-kinds.ts';
import { read } from '../plain-plan.ts';
import type { GoodPlan, PlanRequest } from '../plan.ts';
import { renderIndexed } from '../unit-plan.ts';

export const hasHooks = (index: ApplicationIndex): boolean =>
  index.folders.some(({ files, unit }) => unit?.hooks !== undefined || [...files.values()].some((file) => file.hasHooks));

/** All hooks of a commit, those of unchanged files too: a sync runs each of its phases, a deletion the others. `record` names the run. */
export async function loadHooks({ index, changed }: GoodPlan, request: PlanRequest, record: string): Promise<readonly PlannedHook[]> {
  if (!hasHooks(index)) return [];
  const rendered = await Promise.all(index.folders.map(async (folder) => {
    const files = [...folder.files.values()].filter((file) => file.hasHooks);
    const plain = await Promise.all(files.map(async (file) => (await read(file, request)).objects));
    return [...plain.flat(), ...(folder.unit?.hooks === undefined ? [] : await renderIndexed(folder, request))];
  }));
  // Not the commits of their files: it is for this one that they run.
  const { oid: commit, author } = await request.repository.commit(request.revision);
  const scheme = withDeclared(request.scheme, changed.map(({ object }) => object));
  return planHooks(rendered.flat(), { record, provenance: { commit, author }, context: { ...request, scheme } });
}
