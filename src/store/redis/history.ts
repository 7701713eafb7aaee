import type { Redis } from 'ioredis';
import { idOf } from '../check-writes.ts';
import type { HistoryEvent, StoreHistory } from '../object-store.ts';
import { type Layout, parseStored } from './layout.ts';
import { parseEntry, type RawEntry, type StreamEntry } from './stream-entry.ts';

/** Redis serves nobody else while it copies a page: some 2 ms with entries of 1 KB. */
const PAGE = 1000;

export interface HistorySource {
  readonly layout: Layout;
  readonly revision: number;
  readonly maxBatches: number;
  readonly run: <T>(command: (client: Redis) => Promise<T>) => Promise<T>;
}

/** Reads the newest entries of the stream backwards; writes that go on meanwhile are above `revision`. */
export async function readHistory(source: HistorySource): Promise<StoreHistory> {
  const entries = (await readEntries(source)).reverse();
  const known: KnownStates = new Map();
  return { batches: entries.map((entry) => withReplaced(entry, known)), after: entries[0]?.previous ?? source.revision };
}

/** Newest first. Trimming may overtake the reading, so that the last page comes out short; the rest is whole all the same. */
async function readEntries({ layout, revision, maxBatches, run }: HistorySource): Promise<StreamEntry[]> {
  const entries: StreamEntry[] = [];
  for (let end = revision; entries.length < maxBatches; ) {
    const count = Math.min(PAGE, maxBatches - entries.length);
    const page = ((await run((client) => client.xrevrange(layout.events, `${end}-0`, '-', 'COUNT', count))) as RawEntry[]).map(parseEntry);
    for (const entry of page) {
      if (entry.last !== end) return entries;
      entries.push(entry);
      end = entry.previous;
    }
    if (page.length < count) return entries;
  }
  return entries;
}

/** The newest state of each key that the entries so far have told; absent: deleted. */
type KnownStates = Map<string, { readonly value: string; readonly revision: number } | undefined>;

function withReplaced({ batch, marks, replaced }: StreamEntry, known: KnownStates): HistoryEvent[] {
  return batch.map((event, i) => {
    const id = idOf(event.key);
    const told = known.get(id);
    known.set(id, event.type === 'put' ? event : undefined);
    if (marks[i] === '+') return event;
    const inline = replaced[i];
    const before = told ?? (inline ? parseStored(event.key, inline) : undefined);
    return { ...event, replaced: before ? { value: before.value, revision: before.revision } : 'unknown' };
  });
}
