import fs from 'node:fs';
import git, { type TreeEntry } from 'isomorphic-git';
import { asError } from '#base/errors.ts';
import { SourceError } from '../../errors.ts';
import type { UserGit } from '../user-git.ts';

/** What takes on its contents of an earlier commit. */
export interface RestoredPaths {
  /** As a whole: what came later is gone; empty is the root. */
  readonly folders: readonly string[];
  /** Single files, which others may use too. */
  readonly files: readonly string[];
}

export interface RestoredTree {
  /** Commit whose tree it is otherwise. */
  readonly onto: string;
  /** Commit that has the paths as they shall be. */
  readonly from: string;
  readonly paths: RestoredPaths;
}

/**
 * Writes the tree of `onto` with the paths as they are at `from`; resolves to its object id. No index or work tree of the repository is touched.
 * @throws SourceError GitFailed
 */
export async function restoredTree(gitdir: string, { onto, from, paths: { folders, files } }: RestoredTree): Promise<string> {
  const trees = new Trees(gitdir);
  try {
    let tree: string | undefined = await trees.root(onto);
    const before = await trees.root(from);
    for (const path of [...folders, ...files]) tree = path === '' ? before : await trees.replace(tree, path.split('/'), await trees.entry(before, path.split('/')));
    return tree ?? (await trees.write([]));
  } catch (cause) {
    throw new SourceError('GitFailed', `the tree of the rollback cannot be written: ${asError(cause).message}`, { cause });
  }
}

class Trees {
  readonly #repository: { readonly fs: typeof fs; readonly gitdir: string; readonly cache: object };

  constructor(gitdir: string) {
    this.#repository = { fs, gitdir, cache: {} };
  }

  async root(commit: string): Promise<string> {
    return (await git.readCommit({ ...this.#repository, oid: commit })).commit.tree;
  }

  /** Undefined when there is nothing at the path. */
  async entry(tree: string, [name, ...rest]: readonly string[]): Promise<TreeEntry | undefined> {
    const found = (await this.#entries(tree)).find(({ path }) => path === name);
    if (rest.length === 0 || !found) return found;
    return found.type === 'tree' ? this.entry(found.oid, rest) : undefined;
  }

  /** The tree with another entry at the path, or with none; undefined when nothing is left: git has no empty folders. */
  async replace(tree: string | undefined, [name = '', ...rest]: readonly string[], entry: TreeEntry | undefined): Promise<string | undefined> {
    const entries = tree === undefined ? [] : await this.#entries(tree);
    const others = entries.filter(({ path }) => path !== name);
    const placed = rest.length === 0 ? entry : await this.#folder(entries.find(({ path, type }) => path === name && type === 'tree'), name, rest, entry);
    const all = [...others, ...(placed ? [{ ...placed, path: name }] : [])];
    return all.length === 0 ? undefined : this.write(all);
  }

  write(entries: readonly TreeEntry[]): Promise<string> {
    return git.writeTree({ ...this.#repository, tree: [...entries] });
  }

  async #folder(found: TreeEntry | undefined, path: string, rest: readonly string[], entry: TreeEntry | undefined): Promise<TreeEntry | undefined> {
    const oid = await this.replace(found?.oid, rest, entry);
    return oid === undefined ? undefined : { mode: '040000', type: 'tree', path, oid };
  }

  async #entries(tree: string): Promise<readonly TreeEntry[]> {
    return (await git.readTree({ ...this.#repository, oid: tree })).tree;
  }
}

/** `M apps/web.yaml` for each file that differs. */
export async function changedFiles(git: UserGit, before: string, after: string): Promise<readonly string[]> {
  const fields = (await git.run(['diff-tree', '-r', '-z', '--name-status', '--no-renames', before, after])).split('\0').filter((field) => field !== '');
  return fields.flatMap((status, i) => (i % 2 === 0 ? [`${status} ${fields[i + 1] ?? ''}`] : []));
}
