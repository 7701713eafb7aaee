import type { Redis } from 'ioredis';
import type { TransactionResult, Write } from '../object-store.ts';
import { type Layout, parseKey } from './layout.ts';

const PAGE = 500;

export interface ExpiryOptions {
  readonly layout: Layout;
  /** Objects last written before this time (ms since the epoch) go. */
  readonly before: number;
  readonly run: <T>(command: (client: Redis) => Promise<T>) => Promise<T>;
  readonly transaction: (writes: readonly Write[]) => Promise<TransactionResult>;
}

/** Deletes expired objects one by one, each only if it was not written since: an expectation that fails means just that. */
export async function deleteExpired({ layout, before, run, transaction }: ExpiryOptions): Promise<void> {
  const [mark] = await run((client) => client.zrevrangebyscore(layout.marks, before, '-inf', 'LIMIT', 0, 1));
  if (mark === undefined) return;
  for (let page = [''], offset = 0; page.length > 0; ) {
    page = await run((client) => client.zrangebyscore(layout.expiring, '-inf', mark, 'WITHSCORES', 'LIMIT', offset, PAGE));
    const keys = page.filter((_, i) => i % 2 === 0);
    const results = await Promise.all(
      keys.map((key, i) => transaction([{ type: 'delete', key: parseKey(key), expect: Number(page[2 * i + 1]) }])),
    );
    // What was deleted has left the range; what was written meanwhile has moved beyond it too.
    offset += results.filter((result) => !result.ok && result.current === undefined).length;
  }
}
