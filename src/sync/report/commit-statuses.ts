import type { Application, Repository } from '#api/headway/v1/types.ts';
import { joinKey, keyOf, type NamespacedName } from '#api/object.ts';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import { createBackoff } from '#client/backoff.ts';
import type { Lister } from '#client/informer.ts';
import type { EventRecorder } from '#controller/event-recorder.ts';
import type { SecretName, SecretWatches } from '../source/secret-watches.ts';
import { commitOutcome, type CommitOutcome } from './commit-outcome.ts';
import { statusApi } from './status-api.ts';
import { StatusClient, type WriteResult } from './status-client.ts';

export interface CommitStatusesOptions {
  readonly repositories: Lister<Repository>;
  readonly applications: Lister<Application>;
  readonly secrets: SecretWatches;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What a burst of changes ends with is written, not each step of it. */
const SETTLE_MS = 500;
/** Commits that are remembered as read; one more look at each costs little. */
const MAX_READ = 1000;
const RETRY = { firstMs: 2000, maxMs: 300_000, random: Math.random };

/** One repository that wants statuses: its writes follow one another, so that limits of rate hold for all of them. */
interface Lane {
  repository: Repository;
  readonly spec: string;
  readonly unwatch: () => void;
  readonly abort: AbortController;
  readonly backoff: ReturnType<typeof createBackoff>;
  /** By context: what is still to be written; something newer takes its place. */
  readonly waiting: Map<string, CommitOutcome>;
  /** By context: what stands at the provider, as far as is known. */
  readonly written: Map<string, string>;
  /** Commits whose statuses were read; so that a restart writes nothing again. */
  readonly read: Set<string>;
  running: boolean;
  cancel: (() => void) | undefined;
}

/** Shows at the Git provider how each Application fares with its commit. Watches statuses only: no sync waits for it. */
export class CommitStatuses {
  readonly #options: CommitStatusesOptions;
  readonly #lanes = new Map<NamespacedName, Lane>();

  constructor(options: CommitStatusesOptions) {
    this.#options = options;
  }

  observeRepository(repository: Repository): void {
    const key = keyOf(repository);
    const { commitStatus, url } = repository.spec;
    const spec = JSON.stringify([url, commitStatus]);
    const present = this.#lanes.get(key);
    if (present?.spec === spec) return void (present.repository = repository);
    this.forgetRepository(key);
    if (!commitStatus) return;
    const lane: Lane = {
      repository, spec, abort: new AbortController(), backoff: createBackoff(RETRY), waiting: new Map(), written: new Map(), read: new Set(), running: false, cancel: undefined,
      unwatch: this.#options.secrets.watch(tokenSecret(repository, commitStatus.secretRef.name), () => this.#offerAll(key)),
    };
    this.#lanes.set(key, lane);
    this.#offerAll(key);
  }

  forgetRepository(key: NamespacedName): void {
    const lane = this.#lanes.get(key);
    lane?.abort.abort(new Error('no longer wanted'));
    lane?.cancel?.();
    lane?.unwatch();
    this.#lanes.delete(key);
  }

  observeApplication(application: Application): void {
    const lane = this.#lanes.get(joinKey(application.metadata.namespace, application.spec.repository));
    if (lane) this.#offer(lane, application);
  }

  stop(): void {
    for (const key of this.#lanes.keys()) this.forgetRepository(key);
  }

  #offerAll(key: NamespacedName): void {
    const lane = this.#lanes.get(key);
    if (!lane) return;
    for (const application of this.#options.applications.list(lane.repository.metadata.namespace)) if (application.spec.repository === lane.repository.metadata.name) this.#offer(lane, application);
  }

  #offer(lane: Lane, application: Application): void {
    const outcome = commitOutcome(application);
    if (!outcome) return;
    if (lane.written.get(outcome.context) === fingerprint(outcome)) lane.waiting.delete(outcome.context);
    else lane.waiting.set(outcome.context, outcome);
    if (!lane.running) this.#runAfter(lane, SETTLE_MS);
  }

  #runAfter(lane: Lane, ms: number): void {
    lane.running = true;
    lane.cancel = this.#options.clock.after(ms, () => {
      this.#run(lane).catch((error: unknown) => {
        if (!lane.abort.signal.aborted) this.#options.log.error('commit statuses could not be written', { repository: keyOf(lane.repository), error });
        lane.running = false;
      });
    });
  }

  async #run(lane: Lane): Promise<void> {
    const { signal } = lane.abort;
    for (;;) {
      const [next] = lane.waiting.values();
      if (signal.aborted || !next) break;
      const result = await this.#write(lane, next, signal);
      signal.throwIfAborted();
      if (result.type === 'later') return this.#runAfter(lane, Math.max(result.waitMs ?? 0, lane.backoff.next()));
      lane.backoff.reset();
      // What came meanwhile waits for its turn.
      if (lane.waiting.get(next.context) === next) lane.waiting.delete(next.context);
      if (result.type === 'done') lane.written.set(next.context, fingerprint(next));
    }
    lane.running = false;
  }

  async #write(lane: Lane, outcome: CommitOutcome, signal: AbortSignal): Promise<WriteResult> {
    const client = await this.#client(lane).catch((error: unknown) => asError(error));
    if (client instanceof Error) return this.#refuse(lane, client.message);
    if (!lane.read.has(outcome.revision)) {
      for (const { context, state, description } of await client.read(outcome.revision, signal)) lane.written.set(context, fingerprint({ revision: outcome.revision, context, state, description }));
      if (lane.read.size === MAX_READ) lane.read.clear();
      lane.read.add(outcome.revision);
    }
    if (lane.written.get(outcome.context) === fingerprint(outcome)) return { type: 'done' };
    const result = await client.write(outcome, signal);
    if (result.type === 'refused') return this.#refuse(lane, result.why);
    if (result.type === 'later') this.#options.log.warn('a commit status is written later', { repository: keyOf(lane.repository), context: outcome.context, reason: result.why });
    return result;
  }

  /** Told once for a while, by the recorder that counts repeats; the next change of an Application or of the Secret tries again. */
  #refuse({ repository }: Lane, why: string): WriteResult {
    this.#options.log.warn('a commit status was refused', { repository: keyOf(repository), reason: why });
    this.#options.events.event(repository, { type: 'Warning', reason: 'CommitStatusRefused', action: 'Report', message: `${repository.spec.commitStatus?.provider} does not take the status of commits: ${why}` });
    return { type: 'refused', why };
  }

  async #client({ repository }: Lane): Promise<StatusClient> {
    const { commitStatus, url } = repository.spec;
    const api = commitStatus && statusApi(url, commitStatus);
    if (!api) throw new Error('spec.url names no project of a Git provider');
    const { name } = commitStatus.secretRef;
    const secret = await this.#options.secrets.read(tokenSecret(repository, name));
    const token = secret['token']?.trim();
    if (!token) throw new Error(`Secret ${repository.metadata.namespace}/${name} has no token`);
    return new StatusClient({ api, token, ca: secret['ca.crt'], now: () => this.#options.clock.now() });
  }
}

const fingerprint = ({ revision, context, state, description }: Omit<CommitOutcome, 'state'> & { readonly state: string }): string => JSON.stringify([revision, context, state, description]);
const tokenSecret = ({ metadata }: Repository, name: string): SecretName => ({ namespace: metadata.namespace ?? '', name });
