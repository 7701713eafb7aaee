import { randomBytes } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';

export interface UnusedMirrorsOptions {
  /** What lies here under the name of a mirror belongs to one process at a time. */
  readonly cacheDir: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A Repository that is deleted and made again, or that is away for a restart, fetches nothing anew. */
const GRACE_MS = 60 * 60_000;
/** `<id>.git`, and with another ending what was being put in its place, or removed, when a process died. */
const NAME = /^([0-9a-f]{16})\.git(?:\.[0-9a-f]{8})*$/;

/** Mirrors on disk that nobody uses: each is removed when nobody has wanted it for {@link GRACE_MS}. */
export class UnusedMirrors {
  readonly #options: UnusedMirrorsOptions;
  /** By name of the directory: cancels its removal. */
  readonly #leaving = new Map<string, () => void>();

  constructor(options: UnusedMirrorsOptions) {
    this.#options = options;
  }

  /** Takes in what earlier processes left; `isUsed` tells of mirrors that are wanted by now. */
  async takeIn(isUsed: (id: string) => boolean): Promise<void> {
    const names = await readdir(this.#options.cacheDir).catch((): readonly string[] => []);
    for (const name of names) {
      const id = NAME.exec(name)?.[1];
      if (id !== undefined && (name !== directoryOf(id) || !isUsed(id))) this.#leave(name);
    }
  }

  add(id: string): void {
    this.#leave(directoryOf(id));
  }

  /** It is wanted again. */
  delete(id: string): void {
    this.#stay(directoryOf(id));
  }

  /** Nothing is removed any more. */
  stop(): void {
    for (const name of this.#leaving.keys()) this.#stay(name);
  }

  #leave(name: string): void {
    this.#stay(name);
    this.#leaving.set(name, this.#options.clock.after(GRACE_MS, () => {
      this.#leaving.delete(name);
      void this.#remove(name);
    }));
  }

  #stay(name: string): void {
    this.#leaving.get(name)?.();
    this.#leaving.delete(name);
  }

  /** By another name first: whoever wants the mirror meanwhile finds none, not half of one. */
  async #remove(name: string): Promise<void> {
    const { cacheDir, log } = this.#options;
    const gone = join(cacheDir, `${name.slice(0, name.indexOf('.git') + '.git'.length)}.${randomBytes(4).toString('hex')}`);
    try {
      await rename(join(cacheDir, name), gone);
      await rm(gone, { recursive: true, force: true });
      log.info('a mirror that no Repository uses was removed', { mirror: name });
    } catch (error) {
      // It was never made: its repository could not be reached.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') log.warn('a mirror that no Repository uses could not be removed', { mirror: name, error: asError(error) });
    }
  }
}

/** Name of a mirror's directory. */
export const directoryOf = (id: string): string => `${id}.git`;
