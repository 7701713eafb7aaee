import type { GitRepository } from './git-repository.ts';
import type { Mirror } from './mirror.ts';
import { isCommitId } from './ref-names.ts';
import type { Source } from './source.ts';

export interface RemoteSourceOptions {
  readonly mirror: Mirror;
  readonly release: () => void;
  readonly ref: string;
  readonly pollIntervalMs: number;
}

/** A repository elsewhere, as its mirror has it. */
export class RemoteSource implements Source {
  readonly #options: RemoteSourceOptions;

  constructor(options: RemoteSourceOptions) {
    this.#options = options;
  }

  get ref(): string {
    return this.#options.ref;
  }

  async refresh(): Promise<GitRepository> {
    const { mirror, ref } = this.#options;
    const repository = await mirror.refresh();
    if (isCommitId(ref) && !(await repository.hasCommit(ref))) await mirror.fetchCommit(ref);
    return repository;
  }

  complete(revision: string): Promise<readonly string[]> {
    return this.#options.mirror.fetchSubmodules(revision);
  }

  present(): Promise<GitRepository | undefined> {
    return this.#options.mirror.present();
  }

  watch(onChange: () => void, signal: AbortSignal): void {
    const { mirror, ref, pollIntervalMs } = this.#options;
    // A commit id always names the same commit.
    const stop = mirror.poll(isCommitId(ref) ? Infinity : pollIntervalMs, onChange);
    signal.addEventListener('abort', stop, { once: true });
  }

  close(): void {
    this.#options.release();
  }
}
