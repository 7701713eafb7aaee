import { ownText } from '#base/own-memory.ts';
import { changesInLine } from './commit-line.ts';
import type { GitRepository } from './git-repository.ts';
import { type Change, type Changes, type FileVersion, noteChange, pickChanges } from './last-changes.ts';

type LogReader = Pick<GitRepository, 'rawLog' | 'commit' | 'tree' | 'hasCommit' | 'readsSubmodules'>;

/** What changed since the process began is kept for all; beyond this it is forgotten, and history is walked again. */
const MAX_RECENT = 100_000;

/** All of history takes a hundred bytes a file, and once all applications have asked it is of no use. */
const FORGET_AFTER_MS = 30_000;

/**
 * Who changed which file last, for all applications of a repository together: one walk over all of history for those that start, then
 * only over what came since. Not safe against a revision that is older than the last one asked for: it is walked in full, too.
 */
export class History {
  readonly #log: LogReader;
  #head: string | undefined;
  #recent: Changes = new Map();
  #full: { readonly revision: string; readonly changes: Promise<Changes> } | undefined;
  #forgetting: NodeJS.Timeout | undefined;
  #extending: Promise<void> = Promise.resolve();

  constructor(log: LogReader) {
    this.#log = log;
  }

  /** The last change of each file, by path; files whose change is not found (history that was cut off) are left out. */
  async lastChanges(revision: string, files: readonly FileVersion[], signal?: AbortSignal): Promise<ReadonlyMap<string, Change>> {
    this.#extending = this.#extending.then(() => this.#extend(revision));
    await this.#extending;
    signal?.throwIfAborted();
    const found = pickChanges(this.#recent, files);
    if (found.size === files.length) return found;
    const all = await this.#walkAll(revision);
    signal?.throwIfAborted();
    return new Map([...pickChanges(all, files), ...found]);
  }

  async #extend(revision: string): Promise<void> {
    if (this.#head === revision) return;
    const since = this.#head;
    this.#head = revision;
    if (since === undefined) return;
    this.#full = undefined;
    const { changes, follows } = await this.#walk(revision, since);
    // Newer ones win; of a rewritten history nothing that was known counts any more.
    if (follows && this.#recent.size < MAX_RECENT) for (const [key, change] of changes) this.#recent.set(key, change);
    else this.#recent = changes;
  }

  #walkAll(revision: string): Promise<Changes> {
    this.#forgetting ??= setTimeout(() => (this.#full = undefined), FORGET_AFTER_MS).unref();
    this.#forgetting.refresh();
    if (this.#full?.revision !== revision) this.#full = { revision, changes: this.#walk(revision).then(({ changes }) => changes) };
    return this.#full.changes;
  }

  /** A history that cannot be read in time or in memory is as one that was cut off. */
  async #walk(revision: string, since?: string): Promise<{ readonly changes: Changes; readonly follows: boolean }> {
    try {
      const line = since === undefined || this.#log.readsSubmodules ? undefined : await changesInLine(this.#log, revision, since);
      return line ? { changes: line, follows: true } : readRawLog(await this.#log.rawLog(revision, { since }), since);
    } catch {
      return { changes: new Map(), follows: false };
    }
  }
}

/**
 * Reads `git log --raw -z` (see gitformat "raw output format"), newest first. With the contents that a commit
 * left a file with, so that the other side of a merge is not named. `follows`: the walk came upon `since`.
 */
export function readRawLog(log: Buffer, since?: string): { readonly changes: Changes; readonly follows: boolean } {
  const changes: Changes = new Map();
  let current: Change | undefined;
  let follows = false;
  const fields = log.toString('utf8').split('\0');
  for (let i = 0; i < fields.length; i++) {
    const field = (fields[i] ?? '').replace(/^\n+/, '');
    if (field.startsWith('\x01')) {
      follows ||= since !== undefined && (fields[i + 1] ?? '').includes(since);
      current = { commit: ownText(field.slice(1)), author: ownText(fields[i + 2] ?? ''), time: Number(fields[i + 3]) };
      i += 3;
    } else if (field.startsWith(':') && current) {
      noteChange(changes, current, { path: fields[++i] ?? '', oid: field.split(' ').at(-2) ?? '', kind: / 160000 /.test(field) ? 'submodule' : 'file' });
    }
  }
  return { changes, follows };
}
