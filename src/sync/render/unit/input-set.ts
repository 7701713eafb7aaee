import type { SyncError } from '#api/headway/v1/types.ts';
import type { TreeEntry } from '../../source/git-repository.ts';
import type { UnitInput, UnitInputs } from '../renderer.ts';
import { InputError } from './input-error.ts';
import { normalize, type UnitTree } from './unit-tree.ts';

/** Enough for the largest charts with their dependencies; a repository is not copied by mistake. */
const MAX_FILES = 10_000;
const MAX_FOLDER_DEPTH = 50;

/** Where an input is named: for messages. */
export interface Reference {
  readonly path: string;
  readonly line?: number | undefined;
}

/** The files of a unit while they are found. What is wrong is noted, and the search goes on: all of it is told at once. */
export class InputSet {
  readonly tree: UnitTree;
  readonly #files = new Map<string, UnitInput>();
  readonly #errors: SyncError[] = [];

  constructor(tree: UnitTree) {
    this.tree = tree;
  }

  get inputs(): UnitInputs {
    return { files: this.#files, errors: this.#errors };
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  fail({ path, line }: Reference, reason: string, message: string): void {
    this.#errors.push({ path, ...(line === undefined ? {} : { line }), reason, message });
  }

  /** What stands at `path`, and its normal form; undefined, with an error noted, when it may not be looked at. */
  async find(path: string, from: () => Reference): Promise<{ readonly path: string; readonly entry: TreeEntry | undefined } | undefined> {
    try {
      const clean = normalize(path, '');
      return { path: clean, entry: await this.tree.entry(clean) };
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      // A link is at fault where it stands, a path where it is written.
      if (error.data.path === '') this.fail(from(), error.data.reason, error.data.message);
      else this.#errors.push(error.data);
      return undefined;
    }
  }

  /** Adds a file, under `as` when it is to be seen elsewhere. */
  add(path: string, oid: string, as = path): void {
    if (this.#files.size === MAX_FILES) this.fail({ path }, 'TooManyInputs', `the unit has more than ${MAX_FILES} files`);
    if (this.#files.size <= MAX_FILES) this.#files.set(as, { path, oid });
  }

  /** Adds a file that must be there. */
  async require(path: string, from: () => Reference): Promise<void> {
    const found = await this.find(path, from);
    if (found?.entry?.kind === 'file') this.add(found.path, found.entry.oid);
    else if (found) this.fail(from(), 'InputNotFound', found.entry ? `${found.path} is a folder; a file is needed` : `the commit has no file ${found.path}`);
  }

  /** Adds all files below a folder, links followed. */
  async addFolder(path: string, as = path, depth = 0): Promise<void> {
    if (depth > MAX_FOLDER_DEPTH) return this.fail({ path }, 'UnsupportedLink', `folders are nested more than ${MAX_FOLDER_DEPTH} deep`);
    for (const { name, kind, oid } of await this.tree.list(path)) {
      const [from, to] = [`${path === '' ? '' : `${path}/`}${name}`, `${as === '' ? '' : `${as}/`}${name}`];
      const entry = kind === 'file' ? { kind, oid } : (await this.find(from, () => ({ path: from })))?.entry;
      if (entry?.kind === 'folder') await this.addFolder(from, to, depth + 1);
      else if (entry?.kind === 'file') this.add(from, entry.oid, to);
      else if (entry === undefined && kind === 'link' && !this.#errors.some((error) => error.path === from)) this.fail({ path: from }, 'UnsupportedLink', 'the symbolic link leads nowhere');
      if (this.#files.size > MAX_FILES) return;
    }
  }
}
