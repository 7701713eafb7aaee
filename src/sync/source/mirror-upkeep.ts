import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import { runGit } from './git-command.ts';

export interface MirrorUpkeepOptions {
  readonly gitDir: string;
  readonly gitBinary: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** What `git count-objects -v` tells of. */
export interface StoredObjects {
  readonly loose: number;
  readonly packs: number;
}

/** Counting starts a process, which is dear beside a fetch of one commit. */
const LOOK_EACH_FETCHES = 50;
/** A loose object has a file of its own, 4 KiB on most disks. */
const MAX_LOOSE = 500;
/** A look for an object goes through all packs. */
const MAX_PACKS = 20;
const TIMEOUT_MS = 30 * 60_000;
/** Longer than any fetch may take. */
const STALE_MS = 60 * 60_000;

/**
 * Keeps what many fetches leave in few packs, beside the fetches: whoever waits for a commit does not wait for it. Each pack has at least twice
 * the objects of all smaller ones (`--geometric`), so that small ones are joined often and large ones seldom written anew.
 * No object is ever dropped: a revision may be in force, or an Application be pinned to it, when no ref leads to it any more.
 */
export class MirrorUpkeep {
  readonly #options: MirrorUpkeepOptions;
  #fetches = 0;
  #running: Promise<void> | undefined;

  constructor(options: MirrorUpkeepOptions) {
    this.#options = options;
  }

  /** A fetch has ended. */
  note(): void {
    // The first fetch of a process counts: those of earlier ones may have left much.
    if (this.#fetches++ % LOOK_EACH_FETCHES !== 0 || this.#running) return;
    this.#running = this.#tidy().catch((error: unknown) => {
      if (!this.#options.signal.aborted) this.#options.log.warn('a mirror could not be repacked', { gitDir: this.#options.gitDir, error: asError(error) });
    }).finally(() => { this.#running = undefined; });
  }

  /** Resolves when nothing is done to the mirror. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #tidy(): Promise<void> {
    await this.#removeStale();
    if (!needsRepack(readCounts((await this.#git(['count-objects', '-v'])).toString()))) return;
    await this.#git(['repack', '-d', '-l', '-q', '--geometric=2']);
  }

  /** What fetches and repacks that were killed have left of packs. */
  async #removeStale(): Promise<void> {
    const { gitDir, clock } = this.#options;
    const directory = join(gitDir, 'objects/pack');
    for (const name of await readdir(directory)) {
      if (!/^\.?tmp[_-]/.test(name)) continue;
      const path = join(directory, name);
      const age = clock.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? Infinity);
      if (age > STALE_MS) await rm(path, { force: true });
    }
  }

  #git(args: readonly string[]): Promise<Buffer> {
    const { gitDir, gitBinary, signal } = this.#options;
    return runGit(args, { gitDir, gitBinary, signal, timeoutMs: TIMEOUT_MS, config: { 'core.bare': 'true', 'pack.threads': '1', 'pack.windowMemory': '64m', 'core.bigFileThreshold': '8m', 'repack.writeBitmaps': 'false' } });
  }
}

export const needsRepack = ({ loose, packs }: StoredObjects): boolean => loose > MAX_LOOSE || packs > MAX_PACKS;

/** The lines `count: 12` and `packs: 3`. */
export function readCounts(text: string): StoredObjects {
  const numberOf = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  return { loose: numberOf('count'), packs: numberOf('packs') };
}
