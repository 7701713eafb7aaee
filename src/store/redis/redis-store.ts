import { randomUUID } from 'node:crypto';
import { Command, Redis } from 'ioredis';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import { checkWrites } from '../check-writes.ts';
import { StoreReplacedError, StoreUnavailableError } from '../errors.ts';
import type { ObjectKey, ObjectStore, StoreBatch, StoredObject, StoreHistory, StoreSnapshot, TransactionResult, Write } from '../object-store.ts';
import { DEFAULT_EVENT_TTL_MS, DEFAULT_MAX_BYTES, type Retention } from '../retention.ts';
import { ConnectionPool } from './connection-pool.ts';
import { RedisConnection } from './connection.ts';
import { deleteExpired } from './expiry.ts';
import { Follower } from './follow.ts';
import { readHistory } from './history.ts';
import { fieldOf, type Layout, layoutOf, parseStored } from './layout.ts';
import { END_AFTER_MS, type PauseRange, ReadLease } from './read-lease.ts';
import { ReplicaWait } from './replica-wait.ts';
import { readScripts, type Scripts } from './scripts.ts';
import { StoreUnsuitableError } from './server-errors.ts';
import { SizeBound } from './size-bound.ts';
import { assertSuitable } from './suitable-server.ts';
import { takeSnapshot } from './snapshot.ts';
import { TransactionBatches } from './transaction-batches.ts';
import { type Batch, type BatchReply, type Performed, readReply, transactionArguments } from './transaction.ts';

/** Redis reads the next batch of one connection while it syncs that of another, and syncs together what it has read of several. */
const WRITE_CONNECTIONS = 4;
const DEFAULT_PREFIX = '{headway}';

export interface RedisStoreOptions {
  /** Unix socket of a Redis on this machine; or `url`. */
  readonly socketPath?: string;
  /** `redis://` or `rediss://`, with credentials and database if need be. */
  readonly url?: string;
  /** Begins every key; must hold a hash tag. Default `{headway}`: one cluster in a database. */
  readonly prefix?: string;
  /** A write is answered when so many replicas have it too; one that does not reach them in a second fails as StoreUnavailableError. Default 0. */
  readonly waitReplicas?: number;
  /** Takes also a Redis that answers before a write is on disk. Default false. */
  readonly allowLoss?: boolean;
  /** How long this process leaves it at asking, after it met another that writes, before it takes a read lease again; twice as long each time. */
  readonly leasePauseMs?: PauseRange;
  readonly log: Logger;
  readonly clock: Clock;
  readonly retention: Retention;
  /** Called once when the data was found replaced: all that this process remembers may be wrong, so it should end. */
  readonly onReplaced?: (error: StoreReplacedError) => void;
}

/**
 * Opens the store, and makes it when Redis holds none. Uses a connection for reads, a few for writes (one script call for all
 * of an event-loop turn), and one for each `follow`. While Redis restarts, calls wait up to 2 s, then fail with StoreUnavailableError.
 * @throws StoreUnavailableError when Redis does not answer within 2 s; StoreUnsuitableError when it cannot hold the store; TypeError for options that cannot be
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<ObjectStore> {
  if ((options.socketPath === undefined) === (options.url === undefined)) throw new TypeError('give either socketPath or url');
  if (!/\{[^}]+\}/.test(options.prefix ?? DEFAULT_PREFIX)) throw new TypeError('the prefix holds no hash tag: {name}');
  const store = new RedisStore(options);
  try {
    await store.revision();
    return store;
  } catch (error) {
    await store.close();
    throw error instanceof StoreUnavailableError && error.cause instanceof StoreUnsuitableError ? error.cause : error;
  }
}

class RedisStore implements ObjectStore {
  readonly #options: RedisStoreOptions;
  readonly #layout: Layout;
  readonly #scripts: Scripts = readScripts();
  readonly #reader: RedisConnection;
  readonly #writers: ConnectionPool;
  readonly #batches = new TransactionBatches((batch) => this.#sendBatch(batch));
  readonly #size: SizeBound;
  readonly #replicas: ReplicaWait | undefined;
  readonly #lease: ReadLease;
  readonly #followers = new Set<Follower>();
  #storeId = '';
  #seen = 0;
  #replaced = false;

  constructor(options: RedisStoreOptions) {
    this.#options = options;
    this.#layout = layoutOf(options.prefix ?? DEFAULT_PREFIX);
    const { clock, log } = options;
    this.#lease = new ReadLease({ clock, pauseMs: options.leasePauseMs, onDrop: () => this.#followers.forEach((follower) => follower.wake()) });
    const connect = (): RedisConnection =>
      new RedisConnection({ create: () => this.#createClient(true).once('end', () => this.#lease.drop()), prepare: (client) => this.#prepare(client), clock, log });
    this.#reader = connect();
    this.#writers = new ConnectionPool(Array.from({ length: WRITE_CONNECTIONS }, connect));
    this.#size = new SizeBound(options.retention.maxBytes ?? DEFAULT_MAX_BYTES, () => this.#trim());
    this.#replicas = options.waitReplicas ? new ReplicaWait(options.waitReplicas) : undefined;
  }

  get storeId(): string {
    return this.#storeId;
  }

  async get(key: ObjectKey): Promise<StoredObject | undefined> {
    const text = await this.#run('get', (client) => client.hget(this.#layout.objects(key.resource), fieldOf(key)));
    return text === null ? undefined : parseStored(key, text);
  }

  async transaction(writes: readonly Write[]): Promise<TransactionResult> {
    if (writes.length === 0) return { ok: true, revisions: [] };
    checkWrites(writes);
    let isKnown = false;
    this.#lease.begin();
    try {
      const result = await this.#batches.add(writes);
      isKnown = true;
      if (result.ok) this.#size.note(writes);
      return result;
    } finally {
      // Not before its revision is seen.
      this.#lease.end(isKnown);
    }
  }

  async #sendBatch(batch: Batch): Promise<Performed['results']> {
    const { keys, args } = transactionArguments(this.#layout, batch);
    for (;;) {
      const answered = this.#lease.asked();
      const taken = this.#mayTakeLease ? this.#lease.nameToTake() : undefined;
      const call = [this.#scripts.transaction.sha, keys.length, ...keys, this.#storeId, this.#options.retention.maxEvents, this.#lease.id, taken ?? '', ...args];
      const answer = await this.#run('transaction', async (client) => {
        const reply = (await sendNow(client, 'evalsha', call).catch(leaseInTheWay)) as BatchReply | string;
        const performed = typeof reply === 'string' ? reply : readReply(batch, reply);
        if (typeof performed !== 'string' && performed.links.length > 0) await this.#replicas?.confirm(client);
        return performed;
      }, this.#writers);
      if (typeof answer !== 'string') {
        this.#see(answer.revision);
        this.#noteLease(answered(answer.lease));
        for (const follower of this.#followers) answer.links.forEach((link) => follower.offer(link));
        return answer.results;
      }
      await this.#takeBack(answer);
    }
  }

  async revision(): Promise<number> {
    const seenBefore = this.#seen;
    const answered = this.#lease.asked();
    const taken = this.#lease.nameToTake();
    const [storeId, revision, holder, askedBack] = await this.#run('revision', (client) => {
      if (taken !== undefined) void sendNow(client, 'hsetnx', [this.#layout.meta, 'lease', taken]).catch(() => undefined);
      return sendNow(client, 'hmget', [this.#layout.meta, 'storeId', 'revision', 'lease', 'askedBack']);
    }) as (string | null)[];
    const known = this.#verify(storeId ?? 'none', Number(revision), seenBefore);
    this.#noteLease(answered({ holder: holder ?? null, isAskedBack: holder === askedBack }));
    return known;
  }

  knownRevision(): number | undefined {
    if (!this.#mayTakeLease) return undefined;
    const held = this.#lease.held();
    if (held === 'no') return undefined;
    if (held === 'renew') void this.revision().catch(() => this.#lease.drop());
    return this.#seen;
  }

  /** Not over a network, where clocks may stop, as those of a virtual machine do while it is moved; and what Redis may lose it may have promised. */
  get #mayTakeLease(): boolean {
    return this.#options.socketPath !== undefined && this.#options.allowLoss !== true;
  }

  #noteLease(askedBack: string | undefined): void {
    if (askedBack !== undefined) void this.#endLease(askedBack, 'end').catch(() => undefined);
  }

  /** So that this process may write; whoever holds the lease has stopped to trust it by then. */
  async #takeBack(lease: string): Promise<void> {
    this.#lease.pause();
    await this.#endLease(lease, 'ask');
    await this.#options.clock.sleep(END_AFTER_MS);
    await this.#endLease(lease, 'end');
  }

  #endLease(lease: string, step: 'ask' | 'end'): Promise<unknown> {
    return this.#run('lease', (client) => client.evalsha(this.#scripts.endLease.sha, 1, this.#layout.meta, lease, step));
  }

  snapshot(): Promise<StoreSnapshot> {
    return takeSnapshot({ layout: this.#layout, revision: () => this.revision(), run: (command) => this.#run('snapshot', command) });
  }

  history(revision: number, maxBatches: number): Promise<StoreHistory> {
    return readHistory({ layout: this.#layout, revision, maxBatches, run: (command) => this.#run('history', command) });
  }

  async follow(afterRevision: number, signal: AbortSignal, onBatch: (batch: StoreBatch) => void): Promise<void> {
    const { clock, log } = this.#options;
    const follower = new Follower({
      afterRevision, clock, log, onBatch,
      layout: this.#layout,
      storeId: this.#storeId,
      createClient: () => this.#createClient(false),
      quietMs: () => this.#lease.leftMs(),
      known: () => this.#seen,
    });
    const onAbort = (): void => follower.end();
    this.#followers.add(follower);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) follower.end();
    try {
      await follower.run();
    } catch (error) {
      if (error instanceof StoreReplacedError) this.#distrust(error);
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#followers.delete(follower);
    }
  }

  async compact(): Promise<void> {
    const { clock, retention } = this.#options;
    const { meta, events, marks } = this.#layout;
    const ttlMs = retention.eventTtlMs ?? DEFAULT_EVENT_TTL_MS;
    // A mark must outlive the longest age asked of it, and the gap between two compactions.
    const marksAgeMs = 2 * Math.max(retention.maxAgeMs, ttlMs) + 3_600_000;
    const now = clock.now();
    await this.#run('compact', (client) => client.evalsha(this.#scripts.compact.sha, 3, meta, events, marks, now, retention.maxAgeMs, marksAgeMs));
    await this.#trim();
    await deleteExpired({ layout: this.#layout, before: now - ttlMs, run: (command) => this.#run('expire', command), transaction: (w) => this.transaction(w) });
  }

  #trim(): Promise<unknown> {
    const maxBytes = this.#options.retention.maxBytes ?? DEFAULT_MAX_BYTES;
    return this.#run('trim', (client) => client.evalsha(this.#scripts.trim.sha, 1, this.#layout.events, maxBytes));
  }

  async close(): Promise<void> {
    const lease = this.#lease.release();
    if (lease !== undefined) await Promise.all([this.#endLease(lease, 'ask'), this.#endLease(lease, 'end')]).catch(() => undefined);
    this.#reader.close();
    this.#writers.close();
    const reason = new StoreUnavailableError('The store is closed', { operation: 'follow' });
    for (const follower of this.#followers) follower.end(reason);
  }

  async #run<T>(operation: string, command: (client: Redis) => Promise<T>, on: Pick<RedisConnection, 'run'> = this.#reader): Promise<T> {
    return on.run(operation, async (client) => {
      try {
        return await command(client);
      } catch (thrown) {
        const found = /^STOREREPLACED (\S+)/.exec(asError(thrown).message)?.[1];
        throw found === undefined ? thrown : this.#distrust(replaced(this.#storeId, found));
      }
    });
  }

  /** No write may go out on a connection before the floor of its server is raised: see scripts/open.lua. */
  async #prepare(client: Redis): Promise<void> {
    const { open, ...scripts } = this.#scripts;
    await assertSuitable(client, this.#options.allowLoss !== true);
    await Promise.all(Object.values(scripts).map((script) => client.script('LOAD', script.text)));
    const floor = Math.floor(this.#options.clock.now());
    const seenBefore = this.#seen;
    // A new one also when this process knows one already: data that is made anew must not pass for what was lost.
    const [storeId, revision] = (await client.eval(open.text, 1, this.#layout.meta, randomUUID(), floor)) as [string, string];
    if (this.#storeId === '') this.#storeId = storeId;
    this.#verify(storeId, Number(revision), seenBefore);
  }

  /** `seenBefore`: the highest revision known when the question was sent; replies to later ones may have come first. */
  #verify(storeId: string, revision: number, seenBefore: number): number {
    if (storeId !== this.#storeId) throw this.#distrust(replaced(this.#storeId, storeId));
    if (revision < seenBefore) throw this.#distrust(replaced(`revision ${seenBefore}`, `revision ${revision}`));
    this.#see(revision);
    return revision;
  }

  #see(revision: number): void {
    if (revision > this.#seen) this.#seen = revision;
  }

  #distrust(error: StoreReplacedError): StoreReplacedError {
    if (this.#replaced) return error;
    this.#replaced = true;
    this.#lease.drop();
    this.#options.log.error('The data of the store was replaced', { error });
    this.#reader.fail(error);
    this.#writers.fail(error);
    for (const follower of this.#followers) follower.end(error);
    this.#options.onReplaced?.(error);
    return error;
  }

  #createClient(enableAutoPipelining: boolean): Redis {
    const { socketPath, url } = this.#options;
    const options = {
      enableAutoPipelining,
      lazyConnect: true,
      retryStrategy: () => null,
      enableOfflineQueue: false,
      enableReadyCheck: false,
      disableClientInfo: true,
      connectTimeout: 2000,
      protocol: 2 as const,
      // Above the longest blocking read: only a dead peer stays silent for so long.
      socketTimeout: 15_000,
    };
    return url === undefined ? new Redis({ ...options, path: socketPath ?? '' }) : new Redis(url, options);
  }
}

type ScriptCall = (string | number)[];
/** Without waiting for other commands of this turn of the event loop. */
const sendNow = (client: Redis, name: string, args: ScriptCall): Promise<unknown> =>
  client.sendCommand(new Command(name, args, { replyEncoding: 'utf8' })) as Promise<unknown>;

/** The name of another process's lease, for whose end a write must wait. */
function leaseInTheWay(error: unknown): string {
  const lease = /^LEASED (\S+)/.exec(asError(error).message)?.[1];
  if (lease === undefined) throw error;
  return lease;
}

const replaced = (expected: string, found: string): StoreReplacedError => new StoreReplacedError('The data of the store was replaced', { expected, found });
