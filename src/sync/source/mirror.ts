import { rename, rm } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import { SourceError } from '../errors.ts';
import type { Credentials } from './credentials.ts';
import { GitAccess } from './git-access.ts';
import { runGit, type GitCommandOptions } from './git-command.ts';
import { isDirectory } from './git-dir.ts';
import { GitRepository } from './git-repository.ts';
import type { KeyDirectory } from './key-directory.ts';
import { besides, makeBare } from './make-bare.ts';
import { MirrorUpkeep } from './mirror-upkeep.ts';
import { hostOf, type RemoteUrl } from './source-url.ts';
import { pastStaleLocks } from './stale-locks.ts';
import { type Submodule, walkSubmodules } from './submodules.ts';

export interface MirrorOptions {
  readonly url: RemoteUrl;
  /** Asked before each exchange, so that a changed Secret counts at once. @throws SourceError */
  readonly credentials: () => Promise<Credentials>;
  readonly gitDir: string;
  /** Whether the commits of submodules are kept, too, and read as folders. Default false. */
  readonly submodules?: boolean;
  readonly keys: KeyDirectory;
  readonly gitBinary: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A fetch that takes longer is stuck; the first one of a large repository may take minutes. */
const FETCH_TIMEOUT_MS = 10 * 60_000;
const EXCHANGE_TIMEOUT_MS = 60_000;
/** What is missing at the other side too is not mended by fetching again and again. */
const REPAIR_INTERVAL_MS = 60 * 60_000;
/** Larger files are no manifests: git keeps them neither in memory nor as deltas. */
const BIG_FILE_THRESHOLD = '8m';
const BRANCHES_AND_TAGS = ['+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'];

/**
 * A bare mirror of a repository elsewhere, shared by all who follow it. Rewritten history is taken over as it is. Whoever asks while an
 * exchange is under way waits for the next one, and all who wait share that: a flood costs one in flight and one after.
 */
export class Mirror {
  readonly #options: MirrorOptions;
  readonly #abort = new AbortController();
  readonly #upkeep: MirrorUpkeep;
  readonly #polls = new Map<object, { readonly intervalMs: number; readonly onPoll: () => void }>();
  #repository: GitRepository | undefined;
  #access: { readonly credentials: Credentials; readonly access: GitAccess } | undefined;
  /** The refs of the other side as they were at the last fetch. */
  #refs: string | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<GitRepository> | undefined;
  #isDamaged = false;
  #repairedAt = -Infinity;
  #cancelPoll: (() => void) | undefined;

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#upkeep = new MirrorUpkeep({ ...options, signal: this.#abort.signal });
  }

  /** Brings the mirror to what the other side has now. One exchange when there is nothing new. @throws SourceError */
  refresh(): Promise<GitRepository> {
    return this.#queue(() => this.#exchange());
  }

  /** What was fetched before, by this process or an earlier one; asks nobody. Undefined when there is nothing. */
  async present(): Promise<GitRepository | undefined> {
    if (this.#repository) return this.#repository;
    return (await isDirectory(this.#options.gitDir)) ? this.#open() : undefined;
  }

  /** Fetches one commit that no branch or tag needs to lead to, and keeps it. Nothing happens when the other side does not give it. @throws SourceError */
  async fetchCommit(oid: string): Promise<void> {
    try {
      await this.#fetch(this.#options.gitDir, [`+${oid}:refs/headway/commits/${oid}`]);
    } catch (error) {
      if (!(error instanceof SourceError && /not our ref|unadvertised object/.test(error.message))) throw error;
    }
  }

  /**
   * Fetches what is missing of a commit's submodules, and of theirs. Commits are asked for by their ids, which hosts give by protocol version 2.
   * Resolves to the addresses of all of them. @throws SourceError
   */
  async fetchSubmodules(revision: string): Promise<readonly string[]> {
    const { url, submodules, gitBinary, gitDir } = this.#options;
    return submodules ? walkSubmodules({ git: { gitBinary, gitDir, signal: this.#abort.signal }, commit: revision, base: url.url }, (submodule) => this.#fetchSubmodule(submodule)) : [];
  }

  async #fetchSubmodule({ path, commit, url }: Submodule): Promise<void> {
    if (await (await this.#open()).hasCommit(commit)) return;
    try {
      await this.#fetch(this.#options.gitDir, [`+${commit}:refs/headway/submodules/${commit}`], url);
    } catch (error) {
      if (error instanceof SourceError) throw new SourceError(error.data.reason, `submodule ${path}: ${error.message}`, { cause: error });
      throw error;
    }
  }

  /** Calls back at least that often, until the returned function is called. All callers are told together, by the shortest interval. */
  poll(intervalMs: number, onPoll: () => void): () => void {
    const token = {};
    this.#polls.set(token, { intervalMs, onPoll });
    this.#schedulePoll();
    return () => {
      this.#polls.delete(token);
      this.#schedulePoll();
    };
  }

  close(): void {
    this.#abort.abort(new Error('the mirror was closed'));
    this.#cancelPoll?.();
    this.#repository?.close();
    void this.#access?.access.close();
  }

  #queue(task: () => Promise<GitRepository>): Promise<GitRepository> {
    return (this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      const run = task();
      this.#running = run.catch(() => undefined);
      return run;
    }));
  }

  async #exchange(): Promise<GitRepository> {
    const refs = await this.#listRefs();
    if (this.#isDamaged && this.#mayRepair()) await this.#fetchAnew();
    else if (refs !== this.#refs || !this.#repository) await this.#update();
    this.#refs = refs;
    return this.#open();
  }

  async #update(): Promise<void> {
    const { gitDir } = this.#options;
    if (!(await isDirectory(gitDir))) await this.#init(gitDir);
    try {
      await this.#fetch(gitDir, BRANCHES_AND_TAGS);
      this.#upkeep.note();
    } catch (error) {
      if (!(error instanceof SourceError && error.data.reason === 'MirrorDamaged') || !this.#mayRepair()) throw error;
      await this.#fetchAnew();
    }
  }

  /** The old mirror serves until the new one is whole. */
  async #fetchAnew(): Promise<void> {
    const { gitDir, log, clock } = this.#options;
    this.#repairedAt = clock.monotonic();
    log.warn('a mirror is damaged; fetching it anew', { gitDir });
    const fresh = besides(gitDir);
    try {
      await this.#init(fresh);
      await this.#fetch(fresh, BRANCHES_AND_TAGS);
      await this.#upkeep.idle();
      await rm(gitDir, { recursive: true, force: true });
      await rename(fresh, gitDir);
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
    this.#repository?.reset();
    this.#isDamaged = false;
  }

  #mayRepair(): boolean {
    return this.#options.clock.monotonic() - this.#repairedAt > REPAIR_INTERVAL_MS;
  }

  #init(gitDir: string): Promise<void> {
    return makeBare(gitDir, { gitBinary: this.#options.gitBinary, signal: this.#abort.signal });
  }

  async #listRefs(): Promise<string> {
    return (await runGit(['ls-remote', '--quiet', '--heads', '--tags', 'origin'], await this.#call({ timeoutMs: EXCHANGE_TIMEOUT_MS }))).toString();
  }

  async #fetch(gitDir: string, refspecs: readonly string[], from = this.#options.url): Promise<void> {
    const prune = refspecs === BRANCHES_AND_TAGS ? ['--prune'] : [];
    const call = await this.#call({ timeoutMs: FETCH_TIMEOUT_MS, gitDir }, from);
    await pastStaleLocks(() => runGit(['fetch', '--quiet', '--force', ...prune, '--no-tags', '--no-write-fetch-head', 'origin', ...refspecs], call), this.#options.clock);
  }

  async #call(options: Pick<GitCommandOptions, 'timeoutMs' | 'gitDir'>, url = this.#options.url): Promise<GitCommandOptions> {
    const { gitBinary } = this.#options;
    const { config, environment = {} } = isSameHost(url, this.#options.url) ? await this.#credentials() : {};
    return {
      ...options, gitBinary, signal: this.#abort.signal, protocols: url.protocols, environment,
      config: { 'remote.origin.url': url.url, 'http.lowSpeedLimit': '1000', 'http.lowSpeedTime': '30', 'gc.auto': '0', 'transfer.fsckObjects': 'true', 'core.bigFileThreshold': BIG_FILE_THRESHOLD, ...config },
    };
  }

  async #credentials(): Promise<GitAccess['options']> {
    const credentials = await this.#options.credentials();
    if (!isDeepStrictEqual(credentials, this.#access?.credentials)) {
      await this.#access?.access.close();
      this.#access = { credentials, access: await GitAccess.open(credentials, this.#options.keys) };
    }
    return this.#access?.access.options ?? {};
  }

  async #open(): Promise<GitRepository> {
    const { gitDir, gitBinary, submodules = false } = this.#options;
    this.#abort.signal.throwIfAborted();
    return (this.#repository ??= await GitRepository.open({ gitDir, gitBinary, submodules, onDamage: () => this.#noteDamage() }));
  }

  #noteDamage(): void {
    if (this.#isDamaged || !this.#mayRepair()) return;
    this.#isDamaged = true;
    for (const { onPoll } of this.#polls.values()) onPoll();
  }

  #schedulePoll(): void {
    this.#cancelPoll?.();
    this.#cancelPoll = undefined;
    const intervals = [...this.#polls.values()].map(({ intervalMs }) => intervalMs);
    if (intervals.length === 0) return;
    this.#cancelPoll = this.#options.clock.after(Math.min(...intervals), () => {
      for (const { onPoll } of this.#polls.values()) onPoll();
      this.#schedulePoll();
    });
  }
}

/** Credentials are for the host that they were given for, and for its transport. */
const isSameHost = (a: RemoteUrl, b: RemoteUrl): boolean => a.protocols === b.protocols && isDeepStrictEqual(hostOf(a.url), hostOf(b.url));
