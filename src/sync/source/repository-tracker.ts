import { asError } from '#base/errors.ts';
import { createBackoff } from '#client/backoff.ts';
import type { FolderChanges } from '../diff/folder-changes.ts';
import { SourceError } from '../errors.ts';
import type { GitRepository } from './git-repository.ts';
import type { IgnoreRules } from './ignore-rules.ts';
import { ChartSource } from './chart/chart-source.ts';
import { LocalSource } from './local-source.ts';
import { RemoteSource } from './remote-source.ts';
import { resolveRef } from './resolve-ref.ts';
import { parseSourceUrl } from './source-url.ts';
import type { Source, SourceOptions } from './source.ts';
import type { Verifier } from './verify/verifier.ts';

export interface TrackedRevision {
  readonly repository: GitRepository;
  /** Full commit id. */
  readonly revision: string;
  /** The tag that a range of versions chose, else the ref as it is. */
  readonly resolvedRef?: string | undefined;
  /** Name of the signer, when signatures are asked for. */
  readonly verifiedBy?: string | undefined;
  /** Files that are no manifests. */
  readonly ignore?: IgnoreRules | undefined;
  /** Where its submodules, and theirs, come from. */
  readonly submoduleUrls?: readonly string[] | undefined;
  /** What it changes since another commit, when that is known. */
  readonly since?: FolderChanges | undefined;
}

export interface TrackerOptions extends SourceOptions {
  /** Absent: no commit needs a signature. */
  readonly verifier?: Pick<Verifier, 'verify' | 'close'> | undefined;
  readonly ignore?: IgnoreRules | undefined;
  /** What was in force before this process; it is again, once verified, when nothing newer can be learned. */
  readonly last?: Pick<TrackedRevision, 'revision' | 'resolvedRef'> | undefined;
  /** Told when the ref names another commit than before, the first one included, and when it can be learned again after an error. */
  readonly onRevision: (tracked: TrackedRevision) => void;
  /** Told when the revision cannot be learned; the last one stays in use. */
  readonly onError: (error: SourceError) => void;
}

/** Failed looks are repeated, a host that refuses us less and less often; a local change or the next poll may come first. */
const RETRY = { firstMs: 5000, maxMs: 120_000, random: Math.random };

/** Follows one ref of one source. Looks never overlap; a change seen during a look causes one more. */
export class RepositoryTracker {
  readonly #options: TrackerOptions;
  readonly #abort = new AbortController();
  readonly #backoff = createBackoff(RETRY);
  #cancelRetry: (() => void) | undefined;
  #source: Source | undefined;
  #current: TrackedRevision | undefined;
  #looking = false;
  #again = false;
  #failed = false;
  /** A commit that was not accepted stays so: it is not verified at each poll. */
  #refused: { readonly revision: string; readonly error: SourceError } | undefined;

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

  /** Looks at the ref now: at a local change, a poll, a webhook, other credentials. */
  look(): void {
    if (this.#looking) this.#again = true;
    else void this.#look();
  }

  stop(): void {
    this.#abort.abort();
    this.#cancelRetry?.();
    this.#source?.close();
    void this.#options.verifier?.close();
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
      const { revision, name } = await resolveRef(repository, this.#source?.ref ?? this.#options.ref);
      const isSame = repository === this.#current?.repository && revision === this.#current.revision && name === this.#current.resolvedRef;
      if (signal.aborted || (isSame && !this.#failed)) return;
      this.#accept(isSame && this.#current ? this.#current : await this.#verified({ repository, revision, resolvedRef: name }));
    } catch (error) {
      if (!signal.aborted) await this.#fail(asSourceError(error));
    }
  }

  #accept(tracked: TrackedRevision): void {
    if (this.#abort.signal.aborted) return;
    this.#failed = false;
    this.#refused = undefined;
    this.#backoff.reset();
    this.#cancelRetry?.();
    this.#current = tracked;
    this.#options.onRevision(tracked);
  }

  async #fail(error: SourceError): Promise<void> {
    this.#failed = true;
    if (!this.#current) await this.#takeUpLast();
    if (this.#abort.signal.aborted) return;
    this.#options.onError(error);
    this.#cancelRetry?.();
    if (error.isRetryable && !this.#refused) this.#cancelRetry = this.#options.clock.after(this.#backoff.next(), () => this.look());
  }

  async #verified(found: TrackedRevision): Promise<TrackedRevision> {
    if (this.#refused?.revision === found.revision) throw this.#refused.error;
    try {
      return await this.#verify(found);
    } catch (error) {
      if (error instanceof SourceError && (error.data.reason === 'Unsigned' || error.data.reason === 'SignatureRefused')) this.#refused = { revision: found.revision, error };
      throw error;
    }
  }

  /** @throws SourceError when the signature is not as it must be */
  async #verify(found: TrackedRevision): Promise<TrackedRevision> {
    const { verifier, ignore, ref } = this.#options;
    const verifiedBy = await verifier?.verify(found.repository, { revision: found.revision, ref: found.resolvedRef ?? ref });
    // Only now: an unsigned commit could have anything fetched.
    const submoduleUrls = await this.#source?.complete?.(found.revision);
    return { ...found, ignore, verifiedBy, submoduleUrls };
  }

  /** After a restart, with the other side away or a bad commit at the ref, what was in force before stays in force. */
  async #takeUpLast(): Promise<void> {
    const { last, log } = this.#options;
    if (!last) return;
    try {
      const repository = await this.#source?.present();
      if (!repository || !(await repository.hasCommit(last.revision))) return;
      const tracked = await this.#verify({ repository, ...last });
      if (this.#abort.signal.aborted) return;
      this.#current = tracked;
      this.#options.onRevision(tracked);
    } catch (error) {
      log.warn('the last revision of a repository cannot be taken up', { revision: last.revision, error: asError(error) });
    }
  }
}

function createSource(options: SourceOptions): Source {
  if (options.chart !== undefined) return createChartSource({ ...options, chart: options.chart });
  const url = parseSourceUrl(options.url);
  if (url.kind === 'local') return new LocalSource(url.path, options);
  const { ref, pollIntervalMs } = options;
  return new RemoteSource({ ...options.mirrors.acquire(url, options.secret, options.submodules), ref, pollIntervalMs });
}

function createChartSource(options: SourceOptions & { readonly chart: string }): Source {
  return new ChartSource({ ...options, ...options.mirrors.acquireChart(options) });
}

const asSourceError = (error: unknown): SourceError =>
  error instanceof SourceError ? error : new SourceError('GitFailed', asError(error).message, { cause: error });
