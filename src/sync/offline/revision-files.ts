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

/** The character behind `/` in the order of paths. */
const AFTER_SLASH = '0';
const LIST_TIMEOUT_MS = 60_000;
const KINDS: Readonly<Record<string, TreeFile['kind']>> = { 120000: 'link', 160000: 'submodule' };

/** All files of a commit, listed once: what changed between two of them, and what lies where, is then known without reading a file. */
export class RevisionFiles {
  readonly revision: string;
  /** Object id of the root tree. */
  readonly root: string;
  readonly #files: ReadonlyMap<string, TreeFile>;
  /** By path, so that a folder is one piece. */
  readonly #sorted: readonly TreeFile[];

  private constructor(revision: string, root: string, files: readonly TreeFile[]) {
    this.revision = revision;
    this.root = root;
    this.#files = new Map(files.map((file) => [file.path, file]));
    this.#sorted = files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  }

  static async list({ repository, gitBinary, revision, signal }: RevisionOptions): Promise<RevisionFiles> {
    const [{ tree }, listing] = await Promise.all([
      repository.commit(revision),
      runGit(['ls-tree', '-r', '-z', '--full-tree', revision], { gitBinary, gitDir: repository.gitDir, timeoutMs: LIST_TIMEOUT_MS, signal }),
    ]);
    return new RevisionFiles(revision, tree, readListing(listing.toString()));
  }

  get(path: string): TreeFile | undefined {
    return this.#files.get(path);
  }

  /** Files anywhere below a folder; empty is the root. */
  below(folder: string): readonly TreeFile[] {
    return folder === '' ? this.#sorted : this.#sorted.slice(this.#firstFrom(`${folder}/`), this.#firstFrom(`${folder}${AFTER_SLASH}`));
  }

  hasFolder(folder: string): boolean {
    return folder === '' || this.#sorted[this.#firstFrom(`${folder}/`)]?.path.startsWith(`${folder}/`) === true;
  }

  /** Paths whose file differs, is missing here, or is missing there. */
  changesTo(other: RevisionFiles): ReadonlySet<string> {
    const changed = [...this.#files.values()].filter(({ path, oid, kind }) => other.#files.get(path)?.oid !== oid || other.#files.get(path)?.kind !== kind);
    const added = [...other.#files.keys()].filter((path) => !this.#files.has(path));
    return new Set([...changed.map(({ path }) => path), ...added]);
  }

  #firstFrom(path: string): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#sorted[middle]?.path ?? '') < path) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** `<mode> <type> <object>\t<path>`, as git-ls-tree has it. */
const readListing = (text: string): readonly TreeFile[] =>
  text.split('\0').filter((line) => line !== '').map((line) => {
    const tab = line.indexOf('\t');
    const [mode = '', , oid = ''] = line.slice(0, tab).split(' ');
    return { path: line.slice(tab + 1), oid, kind: KINDS[mode] ?? 'file' };
  });
