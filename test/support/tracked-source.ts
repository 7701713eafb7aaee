import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Signer } from '#api/headway/v1/types.ts';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { SourceError } from '#sync/errors.ts';
import type { SecretData } from '#sync/source/credentials.ts';
import { KeyDirectory } from '#sync/source/key-directory.ts';
import { Mirrors } from '#sync/source/mirrors.ts';
import { RepositoryTracker, type TrackedRevision } from '#sync/source/repository-tracker.ts';
import { Verifier } from '#sync/source/verify/verifier.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { waitFor } from './wait.ts';

export interface TrackOptions {
  readonly url: string;
  readonly ref?: string;
  readonly chart?: string;
  readonly submodules?: boolean;
  /** Name of a secret of {@link SourceBench.secrets}. */
  readonly secret?: string;
  readonly pollIntervalMs?: number;
  readonly signers?: readonly Signer[];
  readonly last?: string;
}

export interface Tracked {
  readonly tracker: RepositoryTracker;
  readonly revisions: readonly string[];
  readonly accepted: readonly TrackedRevision[];
  readonly errors: readonly SourceError[];
  /** Resolves when the newest revision is this one. */
  reaches(revision: string, timeoutMs?: number): Promise<TrackedRevision>;
  /** Resolves to the newest error when it has this reason, and came after `since` others. */
  fails(reason: SourceError['data']['reason'], since?: number): Promise<SourceError>;
}

/** Trackers that share mirrors, as those of one engine do. */
export interface SourceBench {
  readonly cacheDir: string;
  readonly secrets: Map<string, SecretData>;
  track(options: TrackOptions): Tracked;
}

export async function startSourceBench(t: Pick<ExecutionContext, 'teardown'>, cacheDir?: string): Promise<SourceBench> {
  const directory = cacheDir ?? (temporaryDirectory('headway-cache'));
  const secrets = new Map<string, SecretData>();
  const keys = new KeyDirectory(join(directory, 'keys'));
  const mirrors = new Mirrors({
    cacheDir: directory, gitBinary: 'git', clock: systemClock, log: silentLogger, keys,
    secrets: {
      async read({ namespace, name }) {
        const secret = secrets.get(name);
        if (!secret) throw new SourceError('SecretNotFound', `Secret ${namespace}/${name} does not exist`);
        return secret;
      },
    },
  });
  t.teardown(() => mirrors.stop());
  if (cacheDir === undefined) t.teardown(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }));
  return {
    cacheDir: directory, secrets,
    track({ url, chart, submodules, ref = 'main', secret, pollIntervalMs = 60_000, signers, last }) {
      const accepted: TrackedRevision[] = [];
      const errors: SourceError[] = [];
      const tracker = new RepositoryTracker({
        url, chart, submodules, ref, pollIntervalMs, mirrors, gitBinary: 'git', clock: systemClock, log: silentLogger,
        secret: secret === undefined ? undefined : { namespace: 'default', name: secret },
        verifier: signers ? new Verifier({ signers, keys, gitBinary: 'git' }) : undefined,
        last: last === undefined ? undefined : { revision: last },
        onRevision: (tracked) => accepted.push(tracked), onError: (error) => errors.push(error),
      });
      t.teardown(() => tracker.stop());
      tracker.start();
      return {
        tracker, accepted, errors,
        get revisions() {
          return accepted.map(({ revision }) => revision);
        },
        reaches: (revision, timeoutMs = 40_000) => explained(errors, waitFor(() => (accepted.at(-1)?.revision === revision ? accepted.at(-1) : undefined), { what: `revision ${revision}`, timeoutMs })),
        fails: (reason, since = 0) => explained(errors, waitFor(() => (errors.length > since && errors.at(-1)?.data.reason === reason ? errors.at(-1) : undefined), { what: `error ${reason}`, timeoutMs: 40_000 })),
      };
    },
  };
}

/** A wait that is in vain says what went wrong instead. */
async function explained<T>(errors: readonly SourceError[], wait: Promise<T>): Promise<T> {
  try {
    return await wait;
  } catch (error) {
    throw new Error(`${(error as Error).message}; errors: ${errors.map(({ data, message }) => `${data.reason} ${message}`).join('; ') || 'none'}`, { cause: error });
  }
}
