import type { Redis } from 'ioredis';
import { idOf } from '../check-writes.ts';
import { RevisionCompactedError } from '../errors.ts';
import type { StoredObject, StoreSnapshot } from '../object-store.ts';
import { fieldOf, type Layout, parseKey, parseStored } from './layout.ts';
import { parseEntry, type RawEntry } from './stream-entry.ts';

const PAGE = 500;
/** Each attempt fails only when more than the whole event stream was written during it. */
const ATTEMPTS = 5;

export interface SnapshotSource {
  readonly layout: Layout;
  readonly revision: () => Promise<number>;
  readonly run: <T>(command: (client: Redis) => Promise<T>) => Promise<T>;
}

/**
 * Reads pages along the index while writers go on, then brings what was read to one revision by replaying the events
 * since before the first page. Consistent because every event after `from` is replayed in order up to `to`, and nothing
 * that a page showed can be newer than `to`, which is read after the last page.
 */
export async function takeSnapshot(source: SnapshotSource): Promise<StoreSnapshot> {
  for (let attempt = 1; ; attempt++) {
    try {
      const from = await source.revision();
      const objects = await readObjects(source);
      const to = await source.revision();
      await replay(source, objects, from, to);
      return { objects: [...objects.values()], revision: to };
    } catch (error) {
      if (!(error instanceof RevisionCompactedError) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function readObjects({ layout, run }: SnapshotSource): Promise<Map<string, StoredObject>> {
  const objects = new Map<string, StoredObject>();
  for (let after = '-'; ; ) {
    const page = await run((client) => client.zrangebylex(layout.index, after, '+', 'LIMIT', 0, PAGE));
    const last = page.at(-1);
    if (last === undefined) return objects;
    for (const object of await readPage(layout, run, page)) objects.set(idOf(object.key), object);
    after = `(${last}`;
  }
}

async function readPage(layout: Layout, run: SnapshotSource['run'], page: readonly string[]): Promise<StoredObject[]> {
  const byResource = Map.groupBy(page.map((member) => parseKey(member, '\0')), (key) => key.resource);
  const read = [...byResource].map(async ([resource, keys]) => {
    const texts = await run((client) => client.hmget(layout.objects(resource), ...keys.map(fieldOf)));
    // A key that is gone by now was deleted after the index was read; the replay sees its event.
    return keys.flatMap((key, i) => (texts[i] == null ? [] : [parseStored(key, texts[i])]));
  });
  return (await Promise.all(read)).flat();
}

async function replay({ layout, run }: SnapshotSource, objects: Map<string, StoredObject>, from: number, to: number): Promise<void> {
  for (let at = from; at < to; ) {
    const raw = (await run((client) => client.xrange(layout.events, `(${at}-0`, `${to}-0`, 'COUNT', PAGE))) as RawEntry[];
    if (raw.length === 0) throw new RevisionCompactedError('Events written during the snapshot are gone', { requested: at, oldest: to });
    for (const { previous, last, batch } of raw.map(parseEntry)) {
      if (previous !== at) throw new RevisionCompactedError('Events written during the snapshot are gone', { requested: at, oldest: previous });
      for (const { type, key, value, revision } of batch) {
        if (type === 'put') objects.set(idOf(key), { key, value, revision });
        else objects.delete(idOf(key));
      }
      at = last;
    }
  }
}
