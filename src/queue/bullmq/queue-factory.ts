import { RedisConnection } from 'bullmq';
import { Redis } from 'ioredis';
import { systemClock, type Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { QueueFactory } from '../work-queue.ts';
import { BullWorkQueue } from './bull-work-queue.ts';

export interface BullQueueFactoryOptions {
  /** Where Redis listens: a unix socket, or `redis://host:port`. One of the two. */
  readonly socketPath?: string;
  readonly url?: string;
  /** Start of every key: `{cluster}:queue`. Holds the hash tag of the cluster, if any. */
  readonly prefix: string;
  readonly log: Logger;
  readonly clock?: Clock;
}

/** A restarted Redis is back within a fraction of a second; asking costs next to nothing. */
const RECONNECT_MS = 100;
const SWEEP_BATCH = 500;

/**
 * Queues over one Redis, for the process that leads: creating a queue discards what an earlier owner left under its name.
 * One connection carries the commands of all queues, and each worker has one more to wait on. After Redis was away, every
 * queue begins again with the keys that were outstanding.
 */
export function createBullQueueFactory({ socketPath, url, prefix, log, clock = systemClock }: BullQueueFactoryOptions): QueueFactory {
  const options = { maxRetriesPerRequest: null, retryStrategy: () => RECONNECT_MS, enableAutoPipelining: true };
  if ((url === undefined) === (socketPath === undefined)) throw new TypeError('exactly one of socketPath and url is required');
  const connection = url === undefined ? new Redis({ path: socketPath ?? '', ...options }) : new Redis(url, options);
  defineCommands(connection);
  const queues = new Map<string, BullWorkQueue>();
  const sweepLater = (queue: BullWorkQueue): void =>
    void sweep(connection, prefix, queue).catch((error: unknown) => log.debug('queue leftovers were not swept', { queue: queue.name, error }));

  connection.on('error', (error) => log.debug('queue connection error', { error }));
  connection.once('ready', () => {
    connection.on('ready', () => {
      log.info('queues restart after Redis was away');
      for (const queue of queues.values()) {
        queue.restart();
        sweepLater(queue);
      }
    });
  });

  return {
    create(name) {
      if (queues.has(name)) throw new Error(`queue ${name} exists already`);
      const queue = new BullWorkQueue({ name, prefix, connection, clock, log });
      queues.set(name, queue);
      sweepLater(queue);
      return queue;
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      connection.disconnect();
    },
  };
}

/**
 * BullMQ defines its commands once the connection is ready. A batch that ioredis had begun before would not know them, and one command that
 * a batch does not know stops all batches after it; so they are defined before the first command of all.
 */
function defineCommands(connection: Redis): void {
  const commands = new RedisConnection(connection, { shared: true, blocking: false, skipVersionCheck: true, skipWaitingForReady: true });
  // Nobody waits for it: errors of the connection are told by the connection itself.
  commands.on('error', () => undefined);
  commands.client.catch(() => undefined);
}

/** Removes the keys of earlier generations of a queue. */
async function sweep(connection: Redis, prefix: string, queue: BullWorkQueue): Promise<void> {
  const pattern = `${prefix}:${queue.name}:*`.replace(/[[\]\\?]/g, '\\$&');
  for await (const keys of connection.scanStream({ match: pattern, count: SWEEP_BATCH })) {
    const stale = (keys as string[]).filter((key) => !key.startsWith(queue.keyPrefix));
    if (stale.length > 0) await connection.unlink(...stale);
  }
}
