import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { UserGit } from '../user-git.ts';

/** What takes on its contents of an earlier commit. */
export interface RestoredPaths {
  /** As a whole: what came later is gone; empty is the root. */
  readonly folders: readonly string[];
  /** Single files, which others may use too. */
  readonly files: readonly string[];
}

const NO_OBJECT = '0'.repeat(40);

/** Writes the tree of `onto` with the paths as they are at `from`; resolves to its object id. No index or work tree of the repository is touched. */
export async function restoredTree(git: UserGit, { onto, from, paths }: { readonly onto: string; readonly from: string; readonly paths: RestoredPaths }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'headway-rollback-'));
  const call = { env: { GIT_INDEX_FILE: join(directory, 'index') }, config: { 'core.fsmonitor': 'false', 'core.splitIndex': 'false' } };
  try {
    await git.run(['read-tree', onto], call);
    const gone = await entries(git, onto, paths.folders);
    const back = [...(await entries(git, from, paths.folders)), ...(paths.files.length > 0 ? await entries(git, from, paths.files) : [])];
    // See git-update-index(1): mode 0 removes; the other lines are those of ls-tree.
    const input = [...gone.map((entry) => `0 ${NO_OBJECT}\t${entry.slice(entry.indexOf('\t') + 1)}`), ...back].map((line) => `${line}\0`).join('');
    await git.run(['update-index', '-z', '--index-info'], { ...call, input });
    return await git.run(['write-tree'], call);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** `<mode> <type> <object>\t<path>` of all files at or below the paths. */
async function entries(git: UserGit, commit: string, paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const output = await git.run(['ls-tree', '-r', '-z', '--full-tree', commit, ...(paths.includes('') ? [] : ['--', ...paths])]);
  return output.split('\0').filter((entry) => entry !== '');
}

/** `M apps/web.yaml` for each file that differs. */
export async function changedFiles(git: UserGit, before: string, after: string): Promise<readonly string[]> {
  const fields = (await git.run(['diff-tree', '-r', '-z', '--name-status', '--no-renames', before, after])).split('\0').filter((field) => field !== '');
  return fields.flatMap((status, i) => (i % 2 === 0 ? [`${status} ${fields[i + 1] ?? ''}`] : []));
}
