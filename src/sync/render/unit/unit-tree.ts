import { posix } from 'node:path';
import type { GitRepository, TreeEntry } from '../../source/git-repository.ts';
import { InputError } from './input-error.ts';

export type TreeReader = Pick<GitRepository, 'tree' | 'blob'>;
/** Path to `<kind> <object id>`, `folder` where only that it is one counted; empty where nothing stood. */
export type Lookups = ReadonlyMap<string, string>;

/** A chain of links longer than this is a circle; the kernel gives up at 40 as well. */
const MAX_LINKS = 40;

/**
 * The tree of one commit, from the repository's root, as a renderer sees it: links that stay inside are followed, others refused.
 * Every path that is looked up is recorded with what stood there, so that it can be said whether another commit looks the same.
 */
export class UnitTree {
  readonly root: string;
  readonly #reader: TreeReader;
  readonly #lookups = new Map<string, string>();

  constructor(reader: TreeReader, root: string) {
    this.#reader = reader;
    this.root = root;
  }

  get lookups(): Lookups {
    return this.#lookups;
  }

  /** What stands at the path, links followed. @throws InputError UnsupportedLink, OutsideRepository, UnsupportedSubmodule */
  async entry(path: string): Promise<TreeEntry | undefined> {
    return (await this.#resolve(path))?.entry;
  }

  /** The entries of a folder, as they stand there: links are not followed. Empty when there is no such folder. */
  async list(path: string): Promise<readonly TreeEntry[]> {
    const found = await this.#resolve(path);
    if (found?.entry.kind !== 'folder') return [];
    this.#lookups.set(found.path, fingerprint(found.entry));
    return this.#reader.tree(found.entry.oid);
  }

  /** Contents of a file. @throws InputError FileTooLarge */
  async read(path: string, maxBytes: number): Promise<Buffer | undefined> {
    const entry = await this.entry(path);
    return entry?.kind === 'file' ? this.blob(entry.oid, path, maxBytes) : undefined;
  }

  async blob(oid: string, path: string, maxBytes: number): Promise<Buffer> {
    const blob = await this.#reader.blob(oid, maxBytes);
    if (!blob) throw new InputError({ path, reason: 'ObjectNotFound', message: `object ${oid} is missing from the repository` });
    if (!blob.content) throw new InputError({ path, reason: 'FileTooLarge', message: `the file has ${blob.size} bytes; at most ${maxBytes} are read` });
    return blob.content;
  }

  async #resolve(path: string): Promise<{ readonly path: string; readonly entry: TreeEntry } | undefined> {
    const steps = normalize(path, path).split('/').filter((name) => name !== '');
    let at = '';
    let entry: TreeEntry = { name: '', oid: this.root, kind: 'folder' };
    for (let links = 0; steps.length > 0;) {
      const name = steps.shift() ?? '';
      const next = entry.kind === 'folder' ? (await this.#reader.tree(entry.oid)).find((candidate) => candidate.name === name) : undefined;
      const here = at === '' ? name : `${at}/${name}`;
      // Folders on the way are covered by what is found below them; ends, links and gaps are what the answer rests on.
      if (next?.kind !== 'folder') this.#lookups.set(here, next ? fingerprint(next) : '');
      else if (steps.length === 0 && !this.#lookups.has(here)) this.#lookups.set(here, 'folder');
      if (!next) return undefined;
      if (next.kind === 'submodule') throw new InputError({ path: here, reason: 'UnsupportedSubmodule', message: 'submodules are read only when spec.submodules of the Repository says so' });
      if (next.kind !== 'link') {
        [at, entry] = [here, next];
        continue;
      }
      if (++links > MAX_LINKS) throw new InputError({ path: here, reason: 'UnsupportedLink', message: 'symbolic links lead in a circle' });
      const target = (await this.blob(next.oid, here, 4096)).toString();
      if (target.startsWith('/')) throw new InputError({ path: here, reason: 'UnsupportedLink', message: `the file is a symbolic link out of the repository, to ${JSON.stringify(target)}` });
      const rest = [normalize(posix.join(at, target), here), ...steps].filter((part) => part !== '').join('/');
      steps.splice(0, steps.length, ...rest.split('/').filter((part) => part !== ''));
      [at, entry] = ['', { name: '', oid: this.root, kind: 'folder' }];
    }
    return { path: at, entry };
  }
}

/** Whether all that was looked up stands in another tree as it did; then discovery there would find the same. */
export async function isUnchanged(lookups: Lookups, reader: TreeReader, root: string): Promise<boolean> {
  for (const [path, was] of lookups) {
    const is = await fingerprintAt(reader, root, path);
    if (was === 'folder' ? !is.startsWith('folder ') : is !== was) return false;
  }
  return true;
}

async function fingerprintAt(reader: TreeReader, root: string, path: string): Promise<string> {
  let entry: TreeEntry = { name: '', oid: root, kind: 'folder' };
  for (const name of path.split('/').filter((part) => part !== '')) {
    const next: TreeEntry | undefined = entry.kind === 'folder' ? (await reader.tree(entry.oid)).find((candidate) => candidate.name === name) : undefined;
    if (!next) return '';
    entry = next;
  }
  return fingerprint(entry);
}

const fingerprint = ({ kind, oid }: TreeEntry): string => `${kind} ${oid}`;

/** Without `.` and `..`. @throws InputError OutsideRepository */
export function normalize(path: string, blamed: string): string {
  const clean = posix.normalize(path === '' ? '.' : path).replace(/\/$/, '');
  if (clean.startsWith('/') || clean === '..' || clean.startsWith('../')) {
    throw new InputError({ path: blamed, reason: 'OutsideRepository', message: `${JSON.stringify(path)} is outside of the repository` });
  }
  return clean === '.' ? '' : clean;
}
