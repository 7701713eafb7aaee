import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SourceError } from '../errors.ts';
import { parseCommit, type Commit } from './commit-object.ts';
import { runGit, tryGit } from './git-command.ts';
import { History } from './history.ts';
import { ObjectReader, type GitObject } from './object-reader.ts';
import { ObjectCache } from './object-cache.ts';
import { isCommitId, isSafeRef, refNames } from './ref-names.ts';
import { parseTree, type TreeEntry } from './tree-object.ts';

export type { Commit } from './commit-object.ts';
export type { TreeEntry } from './tree-object.ts';

export interface GitRepositoryOptions {
  readonly gitDir: string;
  readonly gitBinary: string;
  /** A submodule whose commit is here is read as the folder that it stands for. Default false: it is listed as what it is. */
  readonly submodules?: boolean;
  /** Told when an object that a tree or a caller names cannot be read. */
  readonly onDamage?: () => void;
}

/** All applications of a repository look at the same upper folders at each commit. */
const MAX_CACHED_TREE_ENTRIES = 20_000;
const MAX_CACHED_COMMITS = 64;
const LOG_TIMEOUT_MS = 60_000;

/**
 * Read access to one repository on disk, through its git directory. Names and objects are read by {@link ObjectReader}, which sees every form
 * of ref storage and is fast in bulk. What was read last is kept: an object id never changes its meaning.
 */
export class GitRepository {
  readonly gitDir: string;
  readonly history = new History(this);
  readonly #gitBinary: string;
  readonly #objects: ObjectReader;
  readonly #trees = new ObjectCache<readonly TreeEntry[]>({ limit: MAX_CACHED_TREE_ENTRIES, sizeOf: (entries) => entries.length + 1 });
  readonly #commits = new ObjectCache<Commit>({ limit: MAX_CACHED_COMMITS, sizeOf: () => 1 });
  readonly #onDamage: (() => void) | undefined;
  readonly readsSubmodules: boolean;

  private constructor({ gitDir, gitBinary, onDamage, submodules = false }: GitRepositoryOptions) {
    this.gitDir = gitDir;
    this.#gitBinary = gitBinary;
    this.#onDamage = onDamage;
    this.readsSubmodules = submodules;
    this.#objects = new ObjectReader({ gitBinary, gitDir });
  }

  /** @throws SourceError NotARepository, UnsupportedRepository */
  static async open(options: GitRepositoryOptions): Promise<GitRepository> {
    const config = await readFile(join(options.gitDir, 'config'), 'utf8').catch(() => '');
    if (/^\s*objectformat\s*=\s*sha256/im.test(config)) throw new SourceError('UnsupportedRepository', 'repositories with SHA-256 object ids are not supported');
    if (existsSync(join(options.gitDir, 'objects/info/alternates'))) {
      throw new SourceError('UnsupportedRepository', 'the repository borrows objects from another one (objects/info/alternates); clone it without --shared or --reference');
    }
    return new GitRepository(options);
  }

  /**
   * The commit that a branch, a tag, a full ref name or a full commit id stands for.
   * @throws SourceError InvalidRef, EmptyRepository, RefNotFound (names the branches that there are)
   */
  async resolve(ref: string): Promise<string> {
    if (!isSafeRef(ref)) throw new SourceError('InvalidRef', `spec.ref ${JSON.stringify(ref)} is no branch, tag or commit id`);
    for (const name of refNames(ref)) {
      const found = await this.#objects.info(`${name}^{commit}`);
      if (found) return found.oid;
    }
    await this.#requireObjects(ref);
    const branches = (await this.#git(['for-each-ref', '--count=20', '--format=%(refname:short)', 'refs/heads'])).toString().trim().split('\n').filter(Boolean);
    if (branches.length === 0) throw new SourceError('EmptyRepository', 'the repository has no commit yet');
    throw new SourceError('RefNotFound', `the repository has no branch, tag or commit ${JSON.stringify(ref)}; its branches are ${branches.join(', ')}`);
  }

  /** @throws SourceError ObjectNotFound */
  commit(oid: string): Promise<Commit> {
    return this.#commits.get(oid, async () => {
      const object = await this.#objects.readWhole(oid).catch(this.#damaged);
      const commit = object?.type === 'commit' && object.content ? parseCommit(oid, object.content) : undefined;
      return commit ?? this.#damaged(new SourceError('ObjectNotFound', `object ${oid} cannot be read as a commit`));
    });
  }

  /** @throws SourceError ObjectNotFound */
  tree(oid: string): Promise<readonly TreeEntry[]> {
    return this.#trees.get(oid, async () => {
      const object = await this.#objects.readWhole(oid).catch(this.#damaged);
      if (object?.type !== 'tree' || !object.content) return this.#damaged(new SourceError('ObjectNotFound', `object ${oid} cannot be read as a tree`));
      const entries = parseTree(object.content);
      return this.readsSubmodules ? Promise.all(entries.map((entry) => this.#asFolder(entry))) : entries;
    });
  }

  async #asFolder(entry: TreeEntry): Promise<TreeEntry> {
    const tree = entry.kind === 'submodule' ? await this.#objects.info(`${entry.oid}^{tree}`) : undefined;
    return tree ? { name: entry.name, kind: 'folder', oid: tree.oid } : entry;
  }

  /** Undefined when the object is missing; without content when it is larger than `maxBytes`. */
  async blob(oid: string, maxBytes: number): Promise<GitObject | undefined> {
    const blob = await this.#objects.read(oid, maxBytes).catch(this.#damaged);
    if (!blob) this.#onDamage?.();
    return blob;
  }

  /** Id of the tag object that the name stands for; undefined when it names a branch, or a tag that is only a name. */
  async tagObject(ref: string): Promise<string | undefined> {
    for (const name of refNames(ref)) {
      const found = await this.#objects.info(name);
      if (found) return found.type === 'tag' ? found.oid : undefined;
    }
    return undefined;
  }

  /** Names of all tags. */
  async tags(): Promise<readonly string[]> {
    return (await this.#git(['for-each-ref', '--format=%(refname:strip=2)', 'refs/tags'])).toString().split('\n').filter(Boolean);
  }

  async hasCommit(oid: string): Promise<boolean> {
    return (await this.#objects.info(`${oid}^{commit}`)) !== undefined;
  }

  /** `git log --raw`, newest first, from `revision` back to `since` (not included) or the beginning: id, parents, author, time, then the files. */
  rawLog(revision: string, { since, signal }: { readonly since?: string | undefined; readonly signal?: AbortSignal | undefined } = {}): Promise<Buffer> {
    return this.#git(
      ['log', '--format=%x01%H%x00%P%x00%an <%ae>%x00%ct', '--raw', '-z', '--no-abbrev', '--no-renames', '--diff-merges=combined', revision, ...(since === undefined ? [] : [`^${since}`]), '--'],
      signal,
    );
  }

  /** What is on disk has been replaced: nothing that was learned before counts. */
  reset(): void {
    this.#trees.clear();
    this.#commits.clear();
    this.#objects.reset();
  }

  close(): void {
    this.#objects.close();
  }

  /** A ref that is there, whose commit is not, is no wrong name. */
  async #requireObjects(ref: string): Promise<void> {
    for (const name of refNames(ref)) {
      const { code, stdout } = await tryGit(['rev-parse', '--verify', '--quiet', name], { gitBinary: this.#gitBinary, gitDir: this.gitDir, timeoutMs: LOG_TIMEOUT_MS });
      if (code !== 0 || isCommitId(ref)) continue;
      this.#onDamage?.();
      throw new SourceError('ObjectNotFound', `object ${stdout.toString().trim()}, which ${name} names, is missing or no commit`);
    }
  }

  readonly #damaged = (error: unknown): never => {
    this.#onDamage?.();
    throw error;
  };

  #git(args: readonly string[], signal?: AbortSignal): Promise<Buffer> {
    return runGit(args, { gitBinary: this.#gitBinary, gitDir: this.gitDir, timeoutMs: LOG_TIMEOUT_MS, config: { 'core.quotePath': 'false', 'core.bare': 'true' }, ...(signal ? { signal } : {}) });
  }
}
