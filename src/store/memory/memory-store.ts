import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '#base/clock.ts';
import { checkWrites, idOf } from '../check-writes.ts';
import { RevisionCompactedError, StoreUnavailableError } from '../errors.ts';
import type { HistoryEvent, ObjectKey, ObjectStore, StoreBatch, StoredObject, StoreHistory, StoreSnapshot, TransactionResult, Write } from '../object-store.ts';
import { DEFAULT_EVENT_TTL_MS, DEFAULT_MAX_BYTES, expires, type Retention } from '../retention.ts';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  readonly retention: Retention;
}

/** A store for tests, with the semantics of the Redis one but for durability. */
export function createMemoryStore(options: MemoryStoreOptions): ObjectStore {
  return new MemoryStore(options);
}

interface LogEntry {
  readonly at: number;
  readonly last: number;
  readonly batch: readonly HistoryEvent[];
}
interface Held extends StoredObject {
  readonly at: number;
}

class MemoryStore implements ObjectStore {
  readonly storeId = randomUUID();
  readonly #options: MemoryStoreOptions;
  readonly #objects = new Map<string, Held>();
  #log: LogEntry[] = [];
  /** Events up to here are no longer kept. */
  #compacted = 1;
  // Never 0: as a resourceVersion that means "any".
  #revision = 1;
  #isClosed = false;
  #changed = Promise.withResolvers<void>();

  constructor(options: MemoryStoreOptions) {
    this.#options = options;
  }

  async get(key: ObjectKey): Promise<StoredObject | undefined> {
    this.#assertOpen('get');
    return asStored(this.#objects.get(idOf(key)));
  }

  async transaction(writes: readonly Write[]): Promise<TransactionResult> {
    this.#assertOpen('transaction');
    if (writes.length === 0) return { ok: true, revisions: [] };
    checkWrites(writes);
    const index = writes.findIndex((write) => !holds(write, this.#objects.get(idOf(write.key))));
    if (index >= 0) {
      const current = asStored(this.#objects.get(idOf((writes[index] as Write).key)));
      return current ? { ok: false, index, current } : { ok: false, index };
    }
    const batch = writes.map((write) => this.#apply(write));
    this.#append(batch);
    // Followers have their turn meanwhile, as they have while a server answers.
    await setImmediate();
    return { ok: true, revisions: batch.map((event) => event.revision) };
  }

  async revision(): Promise<number> {
    this.#assertOpen('revision');
    return this.#revision;
  }

  knownRevision(): undefined {
    return undefined;
  }

  async snapshot(): Promise<StoreSnapshot> {
    this.#assertOpen('snapshot');
    return { objects: [...this.#objects.values()].map(({ key, value, revision }) => ({ key, value, revision })), revision: this.#revision };
  }

  async history(revision: number, maxBatches: number): Promise<StoreHistory> {
    this.#assertOpen('history');
    const end = firstAfter(this.#log, revision);
    const start = Math.max(0, end - maxBatches);
    return { batches: this.#log.slice(start, end).map((entry) => entry.batch), after: this.#log[start - 1]?.last ?? this.#compacted };
  }

  async follow(afterRevision: number, signal: AbortSignal, onBatch: (batch: StoreBatch) => void): Promise<void> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    for (let position = afterRevision; !signal.aborted; ) {
      this.#assertOpen('follow');
      if (position < this.#compacted) throw new RevisionCompactedError('Events are no longer kept', { requested: position, oldest: this.#compacted });
      const entry = this.#log[firstAfter(this.#log, position)];
      if (entry) {
        onBatch(entry.batch.filter((event) => event.revision > position).map(({ type, key, value, revision }) => ({ type, key, value, revision })));
        position = entry.last;
      } else {
        await Promise.race([this.#changed.promise, aborted]);
      }
    }
  }

  async compact(): Promise<void> {
    const { clock, retention } = this.#options;
    const now = clock.now();
    const kept = this.#log.findIndex((entry) => entry.at > now - retention.maxAgeMs);
    this.#trim(kept < 0 ? this.#log.length : kept);
    this.#trim(beyond(this.#log, retention.maxBytes ?? DEFAULT_MAX_BYTES));
    const expiry = now - (retention.eventTtlMs ?? DEFAULT_EVENT_TTL_MS);
    const expired = [...this.#objects.values()].filter((object) => expires(object.key.resource) && object.at <= expiry);
    for (const { key, revision } of expired) await this.transaction([{ type: 'delete', key, expect: revision }]);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#changed.resolve();
  }

  #apply(write: Write): HistoryEvent {
    const id = idOf(write.key);
    const revision = ++this.#revision;
    const before = this.#objects.get(id);
    const value = write.value ?? before?.value ?? '';
    if (write.type === 'delete') this.#objects.delete(id);
    else this.#objects.set(id, { key: write.key, value, revision, at: this.#options.clock.now() });
    return { type: write.type, key: write.key, value, revision, ...(before && { replaced: { value: before.value, revision: before.revision } }) };
  }

  #append(batch: readonly HistoryEvent[]): void {
    this.#log.push({ at: this.#options.clock.now(), last: this.#revision, batch });
    // Trimmed in steps, because each costs a copy.
    if (this.#log.length > 2 * this.#options.retention.maxEvents) this.#trim(this.#log.length - this.#options.retention.maxEvents);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #trim(count: number): void {
    this.#compacted = this.#log[count - 1]?.last ?? this.#compacted;
    this.#log = this.#log.slice(count);
  }

  #assertOpen(operation: string): void {
    if (this.#isClosed) throw new StoreUnavailableError('The store is closed', { operation });
  }
}

function holds({ type, expect }: Write, current: Held | undefined): boolean {
  if (expect === 'absent') return current === undefined;
  if (expect === 'any') return type === 'put' || current !== undefined;
  return current?.revision === expect;
}

const asStored = (held: Held | undefined): StoredObject | undefined => held && { key: held.key, value: held.value, revision: held.revision };

/** How many of the oldest entries must go so that the values of the rest fit; the newest stays. */
function beyond(log: readonly LogEntry[], maxBytes: number): number {
  let bytes = 0;
  const last = log.findLastIndex((entry) => (bytes += entry.batch.reduce((sum, event) => sum + event.value.length, 0)) > maxBytes);
  return Math.min(last + 1, Math.max(0, log.length - 1));
}

function firstAfter(log: readonly LogEntry[], position: number): number {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((log[middle]?.last ?? Infinity) > position) high = middle;
    else low = middle + 1;
  }
  return low;
}
