import type { Redis } from 'ioredis';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import { RevisionCompactedError, StoreReplacedError, StoreUnavailableError } from '../errors.ts';
import { StoreUnsuitableError } from './server-errors.ts';

/**
 * How long a command waits for Redis to come back; a restart of Redis takes about a tenth of it. In parts, so that the time in which this
 * process itself stood still, and could not have seen Redis answer, counts as one part at most.
 */
const CONNECT_WAIT = { parts: 20, partMs: 100 };
const BACKOFF_MS = { first: 5, max: 200 };

export interface ConnectionOptions {
  /** Makes an unconnected client that neither retries nor queues: both would send a write to data that was not verified. */
  readonly create: () => Redis;
  /** Run on each new connection before it serves; a StoreReplacedError or RevisionCompactedError ends this object. */
  readonly prepare: (client: Redis) => Promise<void>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A connection that comes back by itself, and that serves only after `prepare` has accepted the server. */
export class RedisConnection {
  readonly #options: ConnectionOptions;
  readonly #closing = new AbortController();
  #client: Redis | undefined;
  #failure: Error | undefined;
  /** Why the last attempt to connect failed. */
  #refusal: Error | undefined;
  #ready = Promise.withResolvers<Redis>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#watchReady();
    void this.#dial();
  }

  /** Sends commands on a verified connection. @throws StoreUnavailableError, StoreReplacedError, RevisionCompactedError */
  async run<T>(operation: string, command: (client: Redis) => Promise<T>): Promise<T> {
    const client = this.#client ?? (await this.#waitReady(operation));
    try {
      return await command(client);
    } catch (thrown) {
      throw this.#translate(operation, client, asError(thrown));
    }
  }

  /** Ends the connection for good; every later call fails with `reason`. */
  fail(reason: Error): void {
    if (this.#failure) return;
    this.#failure = reason;
    this.#closing.abort(reason);
    this.#ready.reject(reason);
    this.#client?.disconnect();
    this.#client = undefined;
  }

  close(): void {
    this.fail(new StoreUnavailableError('The store is closed', { operation: 'close' }));
  }

  async #dial(): Promise<void> {
    for (let waitMs = BACKOFF_MS.first; !this.#failure; waitMs = Math.min(waitMs * 2, BACKOFF_MS.max)) {
      const client = this.#options.create();
      client.on('error', (error) => this.#options.log.debug('Redis connection error', { error }));
      try {
        await client.connect();
        await this.#options.prepare(client);
        if (client.status === 'ready') return this.#serve(client);
      } catch (thrown) {
        this.#refusal = asError(thrown);
        if (thrown instanceof StoreUnsuitableError) this.#options.log.error('Redis cannot hold the store', { error: thrown });
        else this.#options.log.debug('Redis is not ready', { error: thrown });
        if (isFinal(thrown)) this.fail(this.#refusal);
      }
      client.disconnect();
      await this.#options.clock.sleep(waitMs, this.#closing.signal).catch(() => undefined);
    }
  }

  #serve(client: Redis): void {
    if (this.#failure) return client.disconnect();
    client.once('end', () => this.#lose(client));
    this.#client = client;
    this.#ready.resolve(client);
  }

  #lose(client: Redis): void {
    if (this.#failure || this.#client !== client) return;
    this.#options.log.warn('Connection to Redis lost');
    this.#client = undefined;
    this.#ready = Promise.withResolvers();
    this.#watchReady();
    void this.#dial();
  }

  /** Nobody may be waiting when it is rejected. */
  #watchReady(): void {
    this.#ready.promise.catch(() => undefined);
  }

  async #waitReady(operation: string): Promise<Redis> {
    if (this.#failure) throw this.#failure;
    const { promise: connected } = this.#ready;
    for (let part = 0; part < CONNECT_WAIT.parts; part++) {
      const client = await this.#within(CONNECT_WAIT.partMs, connected);
      if (client) return client;
    }
    throw new StoreUnavailableError(because('no connection to Redis', this.#refusal), { operation }, { cause: this.#refusal });
  }

  #within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
    const timeout = Promise.withResolvers<undefined>();
    const cancel = this.#options.clock.after(ms, () => timeout.resolve(undefined));
    return Promise.race([promise, timeout.promise]).finally(cancel);
  }

  #translate(operation: string, client: Redis, error: Error): Error {
    if (this.#failure) return this.#failure;
    if (isFinal(error) || error instanceof StoreUnavailableError) return error;
    // The server answers, but not as the verified primary with our scripts: only a new connection can mend that.
    if (/^(NOSCRIPT|READONLY|LOADING|MASTERDOWN|NOAUTH)\b/.test(error.message)) {
      this.#lose(client);
      client.disconnect();
    }
    return new StoreUnavailableError(because('Redis did not answer as expected', error), { operation }, { cause: error });
  }
}

/** Clients see it in the Status: a full disk of an external Redis, say, shows only here. */
const because = (what: string, cause: Error | undefined): string => (cause ? `${what}: ${cause.message}` : what);
const isFinal = (error: unknown): boolean => error instanceof StoreReplacedError || error instanceof RevisionCompactedError;
