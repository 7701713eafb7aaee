import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GitRepository } from './git-repository.ts';
import { runGit } from './git-command.ts';
import type { SourceUrl } from './source-url.ts';
import type { Source, SourceOptions } from './source.ts';

/** A fetch that takes longer is stuck; the first one of a large repository may take minutes. */
const FETCH_TIMEOUT_MS = 10 * 60_000;
const INIT_TIMEOUT_MS = 10_000;

/** A repository elsewhere, kept as a bare mirror that is fetched at an interval. Rewritten history is taken over as it is. */
export class RemoteSource implements Source {
  readonly #url: Extract<SourceUrl, { kind: 'remote' }>;
  readonly #options: SourceOptions;
  readonly #gitDir: string;
  #repository: GitRepository | undefined;

  constructor(url: Extract<SourceUrl, { kind: 'remote' }>, options: SourceOptions) {
    this.#url = url;
    this.#options = options;
    this.#gitDir = join(options.cacheDir, `${createHash('sha256').update(url.url).digest('hex').slice(0, 16)}.git`);
  }

  async refresh(signal: AbortSignal): Promise<GitRepository> {
    const { gitBinary } = this.#options;
    if (!this.#repository) {
      await mkdir(this.#options.cacheDir, { recursive: true, mode: 0o700 });
      await runGit(['init', '--quiet', '--bare', this.#gitDir], { gitBinary, timeoutMs: INIT_TIMEOUT_MS, signal });
    }
    // A fetch that finds nothing new costs one exchange, as ls-remote does.
    await runGit(['fetch', '--quiet', '--force', '--prune', '--no-tags', '--no-write-fetch-head', 'origin', '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'], {
      gitBinary, gitDir: this.#gitDir, timeoutMs: FETCH_TIMEOUT_MS, signal, protocols: this.#url.protocols,
      config: { 'remote.origin.url': this.#url.url, 'http.lowSpeedLimit': '1000', 'http.lowSpeedTime': '30', 'gc.autoDetach': 'false', 'transfer.fsckObjects': 'true' },
    });
    return (this.#repository ??= await GitRepository.open({ gitDir: this.#gitDir, gitBinary }));
  }

  watch(onChange: () => void, signal: AbortSignal): void {
    const { clock, pollIntervalMs } = this.#options;
    const poll = (): void => {
      if (signal.aborted) return;
      onChange();
      cancel = clock.after(pollIntervalMs, poll);
    };
    let cancel = clock.after(pollIntervalMs, poll);
    signal.addEventListener('abort', () => cancel(), { once: true });
  }

  close(): void {
    this.#repository?.close();
  }
}
