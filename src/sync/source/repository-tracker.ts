import { asError } from '#base/errors.ts';
import { SourceError } from '../errors.ts';
import type { GitRepository } from './git-repository.ts';
import { LocalSource } from './local-source.ts';
import { RemoteSource } from './remote-source.ts';
import { parseSourceUrl } from './source-url.ts';
import type { Source, SourceOptions } from './source.ts';

export interface TrackedRevision {
  readonly repository: GitRepository;
  /** Full commit id. */
  readonly revision: string;
}

export interface TrackerOptions extends SourceOptions {
  readonly ref: string;
  /** Told when the ref names another commit than before, the first one included. */
  readonly onRevision: (tracked: TrackedRevision) => void;
  /** Told when the revision cannot be learned; the last one stays in use. */
  readonly onError: (error: SourceError) => void;
}

/** Failed looks are repeated after this; a local change or the next poll may come first. */
const RETRY_MS = 5000;

/** Follows one ref of one source. Looks never overlap; a change seen during a look causes one more. */
export class RepositoryTracker {
  readonly #options: TrackerOptions;
  readonly #abort = new AbortController();
  #source: Source | undefined;
  #current: TrackedRevision | undefined;
  #looking = false;
  #again = false;
  #failed = false;

  constructor(options: TrackerOptions) {
    this.#options = options;
  }

  get current(): TrackedRevision | undefined {
    return this.#current;
  }

  start(): void {
    try {
      this.#source = createSource(this.#options);
    } catch (error) {
      this.#options.onError(asSourceError(error));
      return;
    }
    this.#source.watch(() => this.look(), this.#abort.signal);
    this.look();
  }

  /** Looks at the ref now: at a local change, a poll, a webhook. */
  look(): void {
    if (this.#looking) this.#again = true;
    else void this.#look();
  }

  stop(): void {
    this.#abort.abort();
    this.#source?.close();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      do {
        this.#again = false;
        await this.#resolve();
      } while (this.#again && !this.#abort.signal.aborted);
    } finally {
      this.#looking = false;
    }
  }

  async #resolve(): Promise<void> {
    const { signal } = this.#abort;
    try {
      const repository = await this.#source?.refresh(signal);
      if (!repository || signal.aborted) return;
      const revision = await repository.resolve(this.#options.ref);
      if (signal.aborted || (revision === this.#current?.revision && !this.#failed)) return;
      this.#failed = false;
      this.#current = { repository, revision };
      this.#options.onRevision(this.#current);
    } catch (error) {
      if (signal.aborted) return;
      this.#failed = true;
      this.#options.onError(asSourceError(error));
      this.#options.clock.after(RETRY_MS, () => { if (this.#failed && !signal.aborted) this.look(); });
    }
  }
}

function createSource(options: SourceOptions): Source {
  const url = parseSourceUrl(options.url);
  return url.kind === 'local' ? new LocalSource(url.path, options) : new RemoteSource(url, options);
}

const asSourceError = (error: unknown): SourceError =>
  error instanceof SourceError ? error : new SourceError('GitFailed', asError(error).message, { cause: error });
