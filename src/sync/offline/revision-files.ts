import type { TreeFile } from '../diff/tree-diff.ts';
import { runGit } from '../source/git-command.ts';
import type { GitRepository } from '../source/git-repository.ts';

export interface RevisionOptions {
  readonly repository: GitRepository;
  readonly gitBinary: string;
  /** Full commit id. */
  readonly revision: string;
  readonly signal: AbortSignal;
}

const LIST_TIMEOUT_MS = 60_000;
const KINDS: Readonly<Record<string, TreeFile['kind']>> = { 120000: 'link', 160000: 'submodule' };

/** All files of a commit, listed once: what changed between two of them, and what lies where, is then known without reading a file. */
export class RevisionFiles {
  readonly revision: string;
  /** Object id of the root tree. */
  readonly root: string;
  readonly #files: ReadonlyMap<string, TreeFile>;

  private constructor(revision: string, root: string, files: ReadonlyMap<string, TreeFile>) {
    this.revision = revision;
    this.root = root;
    this.#files = files;
  }

  static async list({ repository, gitBinary, revision, signal }: RevisionOptions): Promise<RevisionFiles> {
    const [{ tree }, listing] = await Promise.all([
      repository.commit(revision),
      runGit(['ls-tree', '-r', '-z', '--full-tree', revision], { gitBinary, gitDir: repository.gitDir, timeoutMs: LIST_TIMEOUT_MS, signal }),
    ]);
    return new RevisionFiles(revision, tree, new Map(readListing(listing.toString()).map((file) => [file.path, file])));
  }

  get(path: string): TreeFile | undefined {
    return this.#files.get(path);
  }

  /** Files anywhere below a folder; empty is the root. */
  below(folder: string): readonly TreeFile[] {
    return this.#files.values().filter(({ path }) => folder === '' || path.startsWith(`${folder}/`)).toArray();
  }

  hasFolder(folder: string): boolean {
    return this.#files.values().some(({ path }) => folder === '' || path.startsWith(`${folder}/`));
  }

  /** Paths whose file differs, is missing here, or is missing there. */
  changesTo(other: RevisionFiles): ReadonlySet<string> {
    const changed = [...this.#files.values()].filter(({ path, oid, kind }) => other.#files.get(path)?.oid !== oid || other.#files.get(path)?.kind !== kind);
    const added = [...other.#files.keys()].filter((path) => !this.#files.has(path));
    return new Set([...changed.map(({ path }) => path), ...added]);
  }
}

/** `<mode> <type> <object>\t<path>`, as git-ls-tree has it. */
const readListing = (text: string): readonly TreeFile[] =>
  text.split('\0').filter((line) => line !== '').map((line) => {
    const tab = line.indexOf('\t');
    const [mode = '', , oid = ''] = line.slice(0, tab).split(' ');
    return { path: line.slice(tab + 1), oid, kind: KINDS[mode] ?? 'file' };
  });
