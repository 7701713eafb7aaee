import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { GitRepository } from './git-repository.ts';

/** Where commits come from. One for each Repository object; made anew when its spec changes. */
export interface Source {
  /**
   * Makes the repository readable and current; called again after a failure, and by pollers at each poll.
   * @throws SourceError
   */
  refresh(signal: AbortSignal): Promise<GitRepository>;
  /** Calls back whenever refs may have moved, until the signal aborts. May call too often, never too rarely. */
  watch(onChange: () => void, signal: AbortSignal): void;
  close(): void;
}

export interface SourceOptions {
  readonly url: string;
  readonly pollIntervalMs: number;
  /** Mirrors of remote repositories live below it. */
  readonly cacheDir: string;
  readonly gitBinary: string;
  readonly clock: Clock;
  readonly log: Logger;
}
