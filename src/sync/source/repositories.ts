import { join } from 'node:path';
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
import { ignoreRules } from './ignore-rules.ts';
import { KeyDirectory } from './key-directory.ts';
import { Mirrors, mirrorId } from './mirrors.ts';
import { RepositoryTracker, type TrackedRevision } from './repository-tracker.ts';
import type { SecretName, SecretWatches } from './secret-watches.ts';
import { Verifier } from './verify/verifier.ts';
import { isConcerned } from './webhook/concerned.ts';

export interface RepositoriesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  readonly secrets: SecretWatches;
  readonly cacheDir: string;
  readonly gitBinary: string;
  /** The repository's newest commit is another one now. Called before its status is written. */
  readonly onRevision: (key: NamespacedName, tracked: TrackedRevision) => void;
  /** Its newest commit cannot be learned, or the repository is gone; what was synced from it stays. */
  readonly onLoss: (key: NamespacedName) => void;
}

interface Entry {
  readonly spec: string;
  readonly tracker: RepositoryTracker;
  readonly unwatch: () => void;
  repository: Repository;
  status: RepositoryStatus;
  error?: SourceError;
  /** Status writes of one repository follow one another. */
  last: Promise<void>;
}

const DEFAULT_POLL_INTERVAL_MS = 15_000;
/** A remote asked more often than this would take it for an attack. */
const MIN_POLL_INTERVAL_MS = 1000;
/** The index of a chart repository has megabytes, and not every server can say that it is as it was. */
const MIN_CHART_POLL_INTERVAL_MS = 60_000;

/** The Repository objects: each tracked, its newest commit and condition kept in its status. */
export class Repositories {
  readonly #options: RepositoriesOptions;
  readonly #keys: KeyDirectory;
  readonly #mirrors: Mirrors;
  readonly #entries = new Map<NamespacedName, Entry>();

  constructor(options: RepositoriesOptions) {
    this.#options = options;
    this.#keys = new KeyDirectory(join(options.cacheDir, 'keys'));
    this.#mirrors = new Mirrors({ ...options, keys: this.#keys });
  }

  /** Mirrors that no Repository uses go, in time. */
  start(): Promise<void> {
    return this.#mirrors.start();
  }

  source(key: NamespacedName): { readonly tracked?: TrackedRevision; readonly error?: SourceError } {
    const entry = this.#entries.get(key);
    if (!entry) return { error: new SourceError('NotARepository', `Repository ${key} does not exist`) };
    const tracked = entry.tracker.current;
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
    const secret = secretOf(repository);
    const tracker = this.#createTracker(repository, secret);
    const unwatch = secret ? this.#options.secrets.watch(secret, () => tracker.look()) : () => undefined;
    this.#entries.set(key, { spec, tracker, unwatch, repository, status: repository.status ?? {}, last: present?.last ?? Promise.resolve() });
    tracker.start();
    // Last, so that a mirror which both use goes on.
    this.#stop(present);
  }

  /** Refs were pushed to the repository: whoever follows one of them with the same credentials looks. No work when nobody does. */
  push(key: NamespacedName, refs: readonly string[]): void {
    const pushed = this.#entries.get(key);
    if (!pushed) return;
    const id = remoteOf(pushed.repository);
    for (const { repository, tracker } of this.#entries.values()) {
      if (remoteOf(repository) === id && isConcerned(refOf(repository), refs)) tracker.look();
    }
  }

  forget(key: NamespacedName): void {
    this.#stop(this.#entries.get(key));
    this.#entries.delete(key);
    this.#options.onLoss(key);
  }

  stop(): void {
    for (const entry of this.#entries.values()) this.#stop(entry);
    this.#entries.clear();
    this.#mirrors.stop();
  }

  #stop(entry: Entry | undefined): void {
    entry?.tracker.stop();
    entry?.unwatch();
  }

  #createTracker(repository: Repository, secret: SecretName | undefined): RepositoryTracker {
    const { clock, log, gitBinary } = this.#options;
    const { spec, status } = repository;
    const key = keyOf(repository);
    const pollIntervalMs = Math.max(spec.chart ? MIN_CHART_POLL_INTERVAL_MS : MIN_POLL_INTERVAL_MS, parseDuration(spec.pollInterval ?? '') ?? DEFAULT_POLL_INTERVAL_MS);
    const signers = spec.verification?.signers;
    return new RepositoryTracker({
      clock, log, gitBinary, url: spec.url, chart: spec.chart, submodules: spec.submodules, ref: refOf(repository), secret, pollIntervalMs, mirrors: this.#mirrors, ignore: ignoreRules(spec.ignore),
      verifier: signers ? new Verifier({ signers, keys: this.#keys, gitBinary }) : undefined,
      last: status?.revision ? { revision: status.revision, resolvedRef: status.resolvedRef } : undefined,
      onRevision: (tracked) => this.#onRevision(key, tracked),
      onError: (error) => this.#onError(key, error),
    });
  }

  #onRevision(key: NamespacedName, tracked: TrackedRevision): void {
    const { revision, resolvedRef, verifiedBy } = tracked;
    const entry = this.#entries.get(key);
    if (!entry) return;
    delete entry.error;
    this.#options.log.info('new revision', { repository: key, revision });
    this.#options.onRevision(key, tracked);
    const signed = verifiedBy === undefined ? '' : `, signed by ${verifiedBy}`;
    this.#write(entry, { revision, resolvedRef, verifiedBy }, { status: 'True', reason: 'Fetched', message: `${resolvedRef ?? refOf(entry.repository)} is at ${revision.slice(0, 12)}${signed}` });
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
    const inForce = entry.tracker.current?.revision;
    this.#write(entry, {}, { status: 'False', reason: error.data.reason, message: `${error.message}${inForce === undefined ? '' : `; ${inForce.slice(0, 12)} stays in force`}` });
  }

  #write(entry: Entry, fields: Partial<RepositoryStatus>, ready: { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string }): void {
    const { client, clock, log } = this.#options;
    entry.last = entry.last.then(async () => {
      const { namespace, name, generation } = entry.repository.metadata;
      const conditions = withCondition(entry.status.conditions, { type: 'Ready', ...ready, lastTransitionTime: formatTime(clock.now()) });
      const status: RepositoryStatus = { ...entry.status, ...fields, observedGeneration: generation, conditions };
      const body = { status: { ...status, ...Object.fromEntries(Object.keys(fields).filter((key) => status[key as keyof RepositoryStatus] === undefined).map((key) => [key, null])) } };
      try {
        await client.patch(REPOSITORIES, { namespace, name: name ?? '' }, { type: 'merge', body }, { subresource: 'status' });
        entry.status = status;
      } catch (error) {
        if (!isStatus(error, 'NotFound')) log.warn('the status of a repository could not be written', { repository: keyOf(entry.repository), error });
      }
    });
  }
}

const refOf = ({ spec }: Repository): string => spec.ref || 'main';
const secretOf = ({ spec, metadata }: Repository): SecretName | undefined => (spec.secretRef ? { namespace: metadata.namespace ?? '', name: spec.secretRef.name } : undefined);
const remoteOf = (repository: Repository): string => mirrorId(repository.spec.url, secretOf(repository));
