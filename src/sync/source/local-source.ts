import { join } from 'node:path';
import { watch as watchPaths } from 'chokidar';
import { asError } from '#base/errors.ts';
import { findGitDir, isDirectory } from './git-dir.ts';
import { GitRepository } from './git-repository.ts';
import { poll } from './poll.ts';
import type { Source, SourceOptions } from './source.ts';

/**
 * A commit touches several files (log, lock, ref): one look after the last of them, well below what a person notices. What happens to a file within 5 ms of
 * another change of it chokidar does not tell: the look comes after that, and sees it.
 */
const DEBOUNCE_MS = 6;
/** A repository that is missing is looked for again; once there, its refs are watched. */
const MISSING_RETRY_MS = 2000;

/** A repository on this machine, read in place: only its commits count, never its work tree. */
export class LocalSource implements Source {
  readonly #path: string;
  readonly #options: SourceOptions;
  #repository: GitRepository | undefined;

  constructor(path: string, options: SourceOptions) {
    this.#path = path;
    this.#options = options;
  }

  get ref(): string {
    return this.#options.ref;
  }

  async refresh(): Promise<GitRepository> {
    if (this.#repository && (await isDirectory(join(this.#repository.gitDir, 'objects')))) return this.#repository;
    this.#repository?.close();
    this.#repository = undefined;
    this.#repository = await GitRepository.open({ gitDir: await findGitDir(this.#path), gitBinary: this.#options.gitBinary });
    return this.#repository;
  }

  present(): Promise<GitRepository> {
    return this.refresh();
  }

  watch(onChange: () => void, signal: AbortSignal): void {
    const attempt = async (): Promise<void> => {
      const gitDir = await findGitDir(this.#path);
      if (!signal.aborted) this.#watchRefs(gitDir, onChange, signal);
    };
    const retry = (): void => {
      if (signal.aborted) return;
      attempt().catch(() => this.#options.clock.after(MISSING_RETRY_MS, () => { onChange(); retry(); }));
    };
    retry();
    // The last resort, should a change not be told of.
    poll(this.#options, onChange, signal);
  }

  close(): void {
    this.#repository?.close();
  }

  #watchRefs(gitDir: string, onChange: () => void, signal: AbortSignal): void {
    let cancel: (() => void) | undefined;
    // `atomic` would hold back the rename by which git moves a ref for 100 ms.
    const watcher = watchPaths(['HEAD', 'refs', 'packed-refs', 'reftable'].map((name) => join(gitDir, name)), {
      ignoreInitial: true, atomic: false, ignorePermissionErrors: true, ignored: (path) => path.endsWith('.lock'),
    });
    const noticed = (): void => {
      cancel?.();
      cancel = this.#options.clock.after(DEBOUNCE_MS, onChange);
    };
    watcher.on('all', noticed);
    // A commit made while the watches were being set up must not wait for the next one.
    watcher.on('ready', noticed);
    watcher.on('error', (error) => this.#options.log.warn('watching a repository failed', { path: this.#path, error: asError(error) }));
    signal.addEventListener('abort', () => {
      cancel?.();
      void watcher.close();
    }, { once: true });
  }
}
