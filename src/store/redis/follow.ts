import type { Redis } from 'ioredis';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import { RevisionCompactedError, StoreReplacedError, StoreUnavailableError } from '../errors.ts';
import type { StoreBatch } from '../object-store.ts';
import { Chain, historyReplaced, type ChainLink } from './chain.ts';
import { RedisConnection } from './connection.ts';
import type { Layout } from './layout.ts';
import { parseEntry, type RawEntry, type StreamEntry } from './stream-entry.ts';

const COUNT = 512;
/** After so long without an event the server is asked whether it still holds our data (FLUSHALL wakes no reader). */
const BLOCK_MS = 2000;
const RETRY_MS = 5;
/** How long an own transaction waits for the answers to those before it until the stream is read. */
const GAP_MS = 20;

export interface FollowOptions {
  readonly layout: Layout;
  readonly storeId: string;
  readonly afterRevision: number;
  readonly createClient: () => Redis;
  readonly clock: Clock;
  readonly log: Logger;
  /** For how long nobody but this process can write. */
  quietMs(): number;
  /** The newest revision that this process knows of. */
  known(): number;
  onBatch(batch: StoreBatch): void;
}

/**
 * Tells of all transactions after a revision: of this process's own as it gets their answers ({@link Follower.offer}), of all others by the stream, on a
 * connection of its own; as long as nobody else can write there is nothing to read. Whether that connection was lost, the stream trimmed or Redis
 * replaced, the next transaction either continues the chain or is refused.
 */
export class Follower {
  readonly #options: FollowOptions;
  readonly #chain: Chain;
  readonly #connection: RedisConnection;
  readonly #ending = new AbortController();
  #failure: Error | undefined;
  #wake: (() => void) | undefined;
  #isGapTimed = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    const { afterRevision, createClient, clock, log } = options;
    this.#chain = new Chain(afterRevision, (batch) => {
      if (!this.#ending.signal.aborted) options.onBatch(batch);
    });
    this.#connection = new RedisConnection({ create: createClient, prepare: (client) => this.#checkPosition(client), clock, log });
  }

  /** Until {@link end}. @throws its reason; RevisionCompactedError, StoreReplacedError; what `onBatch` throws */
  async run(): Promise<void> {
    try {
      while (!this.#ending.signal.aborted) {
        const restMs = this.#restMs();
        if (restMs > 0) await this.#rest(restMs);
        else for (const entry of await this.#read()) this.#chain.append(entry);
      }
    } finally {
      this.end();
    }
    if (this.#failure) throw this.#failure;
  }

  end(reason?: Error): void {
    if (this.#ending.signal.aborted) return;
    this.#failure = reason;
    this.#ending.abort();
    this.#connection.close();
    this.wake();
  }

  /** A transaction of this process, which Redis has performed. */
  offer(link: ChainLink): void {
    try {
      this.#chain.offer(link);
      if (this.#chain.hasGap) this.#timeGap();
    } catch (thrown) {
      this.end(asError(thrown));
    }
  }

  /** Somebody else may write now. */
  wake(): void {
    this.#wake?.();
  }

  #restMs(): number {
    return this.#chain.hasGap || this.#options.known() > this.#chain.position ? 0 : this.#options.quietMs();
  }

  async #rest(ms: number): Promise<void> {
    const rested = Promise.withResolvers<void>();
    this.#wake = rested.resolve;
    const cancel = this.#options.clock.after(ms, rested.resolve);
    await rested.promise;
    this.#wake = undefined;
    cancel();
  }

  #timeGap(): void {
    if (this.#isGapTimed) return;
    this.#isGapTimed = true;
    this.#options.clock.after(GAP_MS, () => {
      this.#isGapTimed = false;
      if (this.#chain.hasGap) this.wake();
    });
  }

  /** The next entries; none when it is time to look around again. */
  async #read(): Promise<StreamEntry[]> {
    const { layout, clock, log } = this.#options;
    try {
      return await this.#connection.run('follow', async (client) => {
        const reply = (await client.xread('COUNT', COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', layout.events, `${this.#chain.position}-0`)) as [string, RawEntry[]][] | null;
        if (reply === null) await this.#checkPosition(client);
        return reply?.[0]?.[1].map(parseEntry) ?? [];
      });
    } catch (error) {
      const { signal } = this.#ending;
      if (signal.aborted) return [];
      if (!(error instanceof StoreUnavailableError)) throw error;
      log.debug('Following is interrupted', { error });
      // The connection comes back by itself; a server that refuses at once is not asked in a tight loop.
      await clock.sleep(RETRY_MS, signal).catch(() => undefined);
      return [];
    }
  }

  async #checkPosition(client: Redis): Promise<void> {
    const { layout, storeId } = this.#options;
    // Own transactions may move it before the answer comes.
    const { position } = this.#chain;
    const [foundId, revisionText] = await client.hmget(layout.meta, 'storeId', 'revision');
    const revision = Number(revisionText);
    if (foundId !== storeId) throw new StoreReplacedError('The data of the store was replaced', { expected: storeId, found: foundId ?? 'none' });
    if (revision < position) throw historyReplaced(position, revision);
    if (revision === position) return;
    // A trimmed stream must be noticed now: its next entry may be long in coming.
    const next = await client.xrange(layout.events, `(${position}-0`, '+', 'COUNT', 1);
    if (next.length === 0) throw new RevisionCompactedError('Events are no longer kept', { requested: position, oldest: revision });
  }
}
