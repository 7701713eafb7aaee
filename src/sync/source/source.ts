import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { GitRepository } from './git-repository.ts';
import type { Mirrors } from './mirrors.ts';
import type { SecretName } from './secret-watches.ts';

/** Where commits come from. One for each Repository object; made anew when its spec changes. */
export interface Source {
  /** What is in force of the repository: spec.ref, or the version of a chart that was chosen by it. */
  readonly ref: string;
  /**
   * Makes the repository readable and current; called again after a failure, and by pollers at each poll.
   * @throws SourceError
   */
  refresh(signal: AbortSignal): Promise<GitRepository>;
  /** Brings what a commit needs besides its own objects; the addresses where that came from. @throws SourceError */
  complete?(revision: string): Promise<readonly string[]>;
  /** The repository as it was last refreshed, also by an earlier process; asks nobody. Undefined when it never was. @throws SourceError */
  present(): Promise<GitRepository | undefined>;
  /** Calls back whenever refs may have moved, until the signal aborts. May call too often, never too rarely. */
  watch(onChange: () => void, signal: AbortSignal): void;
  close(): void;
}

export interface SourceOptions {
  readonly url: string;
  /** As Repository.spec.chart. */
  readonly chart?: string | undefined;
  /** As Repository.spec.submodules. */
  readonly submodules?: boolean | undefined;
  /** As Repository.spec.ref. */
  readonly ref: string;
  /** The Secret with the credentials, which is watched already. */
  readonly secret?: SecretName | undefined;
  readonly pollIntervalMs: number;
  /** Of remote repositories. */
  readonly mirrors: Pick<Mirrors, 'acquire' | 'acquireChart'>;
  readonly gitBinary: string;
  readonly clock: Clock;
  readonly log: Logger;
}
