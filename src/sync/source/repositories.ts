import type { Repository, RepositoryStatus } from '#api/headway/v1/types.ts';
import { keyOf, type NamespacedName } from '#api/object.ts';
import { REPOSITORIES } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import { formatTime, type Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import { withCondition } from '#controller/conditions.ts';
import type { EventRecorder } from '#controller/event-recorder.ts';
import { SourceError } from '../errors.ts';
import { parseDuration } from './duration.ts';
import { RepositoryTracker, type TrackedRevision } from './repository-tracker.ts';

export interface RepositoriesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly cacheDir: string;
  readonly gitBinary: string;
  /** The repository's newest commit is another one now. Called before its status is written. */
  readonly onRevision: (key: NamespacedName, tracked: TrackedRevision) => void;
  /** Its newest commit cannot be learned, or the repository is gone; what was synced from it stays. */
  readonly onLoss: (key: NamespacedName) => void;
}

interface Entry {
  readonly spec: string;
  readonly tracker?: RepositoryTracker;
  repository: Repository;
  status: RepositoryStatus;
  error?: SourceError;
  /** Status writes of one repository follow one another. */
  last: Promise<void>;
}

const DEFAULT_POLL_INTERVAL_MS = 15_000;
/** A remote asked more often than this would take it for an attack. */
const MIN_POLL_INTERVAL_MS = 1000;

/** The Repository objects: each tracked, its newest commit and condition kept in its status. */
export class Repositories {
  readonly #options: RepositoriesOptions;
  readonly #entries = new Map<NamespacedName, Entry>();

  constructor(options: RepositoriesOptions) {
    this.#options = options;
  }

  source(key: NamespacedName): { readonly tracked?: TrackedRevision; readonly error?: SourceError } {
    const entry = this.#entries.get(key);
    if (!entry) return { error: new SourceError('NotARepository', `Repository ${key} does not exist`) };
    const tracked = entry.tracker?.current;
    return { ...(tracked ? { tracked } : {}), ...(entry.error ? { error: entry.error } : {}) };
  }

  observe(repository: Repository): void {
    const key = keyOf(repository);
    const present = this.#entries.get(key);
    const spec = JSON.stringify(repository.spec);
    if (present?.spec === spec) {
      present.repository = repository;
      return;
    }
    present?.tracker?.stop();
    const pollIntervalMs = parseDuration(repository.spec.pollInterval ?? '') ?? DEFAULT_POLL_INTERVAL_MS;
    const tracker = new RepositoryTracker({
      clock: this.#options.clock, log: this.#options.log, gitBinary: this.#options.gitBinary, url: repository.spec.url, ref: repository.spec.ref || 'main', pollIntervalMs: Math.max(MIN_POLL_INTERVAL_MS, pollIntervalMs),
      cacheDir: this.#options.cacheDir,
      onRevision: (tracked) => this.#onRevision(key, tracked),
      onError: (error) => this.#onError(key, error),
    });
    this.#entries.set(key, { spec, tracker, repository, status: repository.status ?? {}, last: Promise.resolve() });
    tracker.start();
  }

  forget(key: NamespacedName): void {
    this.#entries.get(key)?.tracker?.stop();
    this.#entries.delete(key);
    this.#options.onLoss(key);
  }

  stop(): void {
    for (const { tracker } of this.#entries.values()) tracker?.stop();
    this.#entries.clear();
  }

  #onRevision(key: NamespacedName, tracked: TrackedRevision): void {
    const { revision } = tracked;
    const entry = this.#entries.get(key);
    if (!entry) return;
    delete entry.error;
    this.#options.log.info('new revision', { repository: key, revision });
    this.#options.onRevision(key, tracked);
    this.#write(entry, { revision }, { status: 'True', reason: 'Fetched', message: `${entry.repository.spec.ref || 'main'} is at ${revision.slice(0, 12)}` });
  }

  #onError(key: NamespacedName, error: SourceError): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    const isNews = entry.error?.message !== error.message;
    entry.error = error;
    if (!isNews) return;
    this.#options.log.warn('repository cannot be read', { repository: key, reason: error.data.reason, message: error.message });
    this.#options.events.event(entry.repository, { type: 'Warning', reason: error.data.reason, action: 'Fetch', message: error.message });
    this.#options.onLoss(key);
    this.#write(entry, {}, { status: 'False', reason: error.data.reason, message: error.message });
  }

  #write(entry: Entry, fields: Partial<RepositoryStatus>, ready: { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string }): void {
    const { client, clock, log } = this.#options;
    entry.last = entry.last.then(async () => {
      const { namespace, name, generation } = entry.repository.metadata;
      const conditions = withCondition(entry.status.conditions, { type: 'Ready', ...ready, lastTransitionTime: formatTime(clock.now()) });
      const status: RepositoryStatus = { ...entry.status, ...fields, observedGeneration: generation, conditions };
      try {
        await client.patch(REPOSITORIES, { namespace, name: name ?? '' }, { type: 'merge', body: { status } }, { subresource: 'status' });
        entry.status = status;
      } catch (error) {
        if (!isStatus(error, 'NotFound')) log.warn('the status of a repository could not be written', { repository: keyOf(entry.repository), error });
      }
    });
  }
}
