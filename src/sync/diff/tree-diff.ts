import type { GitRepository, TreeEntry } from '../source/git-repository.ts';

/** A file of a tree; links and submodules are listed too, so that they can be refused by name. */
export interface TreeFile {
  /** From the repository's root. */
  readonly path: string;
  readonly oid: string;
  readonly kind: Exclude<TreeEntry['kind'], 'folder'>;
}

export interface TreeChange {
  readonly path: string;
  readonly before?: TreeFile;
  readonly after?: TreeFile;
}

type TreeReader = Pick<GitRepository, 'tree'>;

/** Object id of the folder `path` (empty: the root) below a root tree; undefined when there is no such folder. */
export async function findFolder(repository: TreeReader, rootTree: string, path: string): Promise<string | undefined> {
  let oid = rootTree;
  for (const name of path.split('/').filter((part) => part !== '')) {
    const entry = (await repository.tree(oid)).find((candidate) => candidate.name === name);
    if (entry?.kind !== 'folder') return undefined;
    oid = entry.oid;
  }
  return oid;
}

/**
 * The files that differ between two folders, in path order. Folders with equal ids are not read: the work follows the change.
 * `before` undefined lists all of `after`, and the other way round.
 */
export async function diffTrees(repository: TreeReader, before: string | undefined, after: string | undefined, path = ''): Promise<readonly TreeChange[]> {
  if (before === after) return [];
  const [old, now] = await Promise.all([entriesOf(repository, before), entriesOf(repository, after)]);
  const names = [...new Set([...old.keys(), ...now.keys()])].sort();
  const changes = await Promise.all(names.map((name) => diffEntry(repository, join(path, name), old.get(name), now.get(name))));
  return changes.flat();
}

async function diffEntry(repository: TreeReader, path: string, before?: TreeEntry, after?: TreeEntry): Promise<readonly TreeChange[]> {
  if (before?.oid === after?.oid && before?.kind === after?.kind) return [];
  const folders = await diffTrees(repository, folderOf(before), folderOf(after), path);
  const [oldFile, newFile] = [fileOf(path, before), fileOf(path, after)];
  if (!oldFile && !newFile) return folders;
  return [{ path, ...(oldFile ? { before: oldFile } : {}), ...(newFile ? { after: newFile } : {}) }, ...folders];
}

async function entriesOf(repository: TreeReader, oid: string | undefined): Promise<ReadonlyMap<string, TreeEntry>> {
  return new Map(oid === undefined ? [] : (await repository.tree(oid)).map((entry) => [entry.name, entry]));
}

const join = (path: string, name: string): string => (path === '' ? name : `${path}/${name}`);
const folderOf = (entry?: TreeEntry): string | undefined => (entry?.kind === 'folder' ? entry.oid : undefined);
const fileOf = (path: string, entry?: TreeEntry): TreeFile | undefined =>
  entry && entry.kind !== 'folder' ? { path, oid: entry.oid, kind: entry.kind } : undefined;
