import type { Redis } from 'ioredis';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import { RevisionCompactedError, StoreReplacedError, StoreUnavailableError } from '../errors.ts';
import type { StoreBatch } from '../object-store.ts';
import { RedisConnection } from './connection.ts';
import type { Layout } from './layout.ts';
import { parseEntry, type RawEntry, type StreamEntry } from './stream-entry.ts';

const COUNT = 512;
/** After so long without an event the server is asked whether it still holds our data (FLUSHALL wakes no reader). */
const BLOCK_MS = 2000;
const RETRY_MS = 5;

export interface FollowOptions {
  readonly layout: Layout;
  readonly storeId: string;
  readonly afterRevision: number;
  readonly createClient: () => Redis;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Yields the batches after a revision on a connection of its own. Every entry names its predecessor, so whether the
 * connection was lost, the stream trimmed or Redis replaced, the next entry either continues the chain or is refused.
 */
export async function* followStream(options: FollowOptions): AsyncGenerator<StoreBatch, void> {
  const { signal, clock, log } = options;
  let position = options.afterRevision;
  const prepare = (client: Redis): Promise<void> => checkPosition(client, options, position);
  const connection = new RedisConnection({ create: options.createClient, prepare, clock, log });
  const onAbort = (): void => connection.close();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    while (!signal.aborted) {
      for (const entry of await read(connection, options, position)) {
        const batch = continueChain(entry, position);
        position = entry.last;
        yield batch;
        if (signal.aborted) return;
      }
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    connection.close();
  }
}

/** The next entries; none when it is time to look at the signal again. */
async function read(connection: RedisConnection, options: FollowOptions, position: number): Promise<StreamEntry[]> {
  const { layout, signal, clock, log } = options;
  try {
    return await connection.run('follow', async (client) => {
      const reply = (await client.xread('COUNT', COUNT, 'BLOCK', BLOCK_MS, 'STREAMS', layout.events, `${position}-0`)) as [string, RawEntry[]][] | null;
      if (reply === null) await checkPosition(client, options, position);
      return reply?.[0]?.[1].map(parseEntry) ?? [];
    });
  } catch (error) {
    if (signal.aborted) return [];
    if (!(error instanceof StoreUnavailableError)) throw error;
    log.debug('Following is interrupted', { error });
    // The connection comes back by itself; a server that refuses at once is not asked in a tight loop.
    await clock.sleep(RETRY_MS, signal).catch(() => undefined);
    return [];
  }
}

async function checkPosition(client: Redis, { layout, storeId }: FollowOptions, position: number): Promise<void> {
  const [foundId, revisionText] = await client.hmget(layout.meta, 'storeId', 'revision');
  const revision = Number(revisionText);
  if (foundId !== storeId) throw new StoreReplacedError('The data of the store was replaced', { expected: storeId, found: foundId ?? 'none' });
  if (revision < position) throw replaced(position, revision);
  if (revision === position) return;
  // A trimmed stream must be noticed now: its next entry may be long in coming.
  const next = await client.xrange(layout.events, `(${position}-0`, '+', 'COUNT', 1);
  if (next.length === 0) throw new RevisionCompactedError('Events are no longer kept', { requested: position, oldest: revision });
}

/** @throws RevisionCompactedError when entries are missing before this one, StoreReplacedError when it belongs to another history */
function continueChain({ previous, first, batch }: StreamEntry, position: number): StoreBatch {
  if (previous === position) return batch;
  if (previous > position) throw new RevisionCompactedError('Events are no longer kept', { requested: position, oldest: previous });
  // The caller resumes inside a transaction and gets the rest of it.
  if (first <= position) return batch.filter((event) => event.revision > position);
  throw replaced(position, previous);
}

const replaced = (position: number, found: number): StoreReplacedError =>
  new StoreReplacedError('The history of the store was replaced', { expected: `revision ${position}`, found: `revision ${found}` });
