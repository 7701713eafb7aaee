import { joinKey, type NamespacedName } from '#api/object.ts';
import type { GroupResource } from '#api/resource-type.ts';
import { ownText } from '#base/own-memory.ts';
import { RevisionCompactedError } from '#store/errors.ts';
import type { HistoryEvent, ObjectKey, StoredObject, StoreEvent } from '#store/object-store.ts';
import { CachedEntry, type EntryOwner, type WrittenFormOf } from './cached-entry.ts';
import { EventWindow, type WindowEvent, type WindowBounds } from './event-window.ts';
import type { RecentForms } from './recent-forms.ts';
import { SortedList } from './sorted-list.ts';
import type { TextMemory } from './text-memory.ts';
import type { CachedList, ListOptions } from './watch-cache.ts';

/** First and last revision of the transaction that an event belongs to. */
export interface TransactionSpan {
  readonly first: number;
  readonly last: number;
}

export interface ResourceCacheOptions {
  readonly window: WindowBounds;
  /** Events after this revision will all be told. */
  readonly floor: number;
  readonly forms: RecentForms;
  /** Undefined: all texts stay in memory. */
  readonly texts: TextMemory | undefined;
  readonly writtenFormOf: WrittenFormOf | undefined;
}

/** All objects of one resource, in order, and its newest events. */
export class ResourceCache {
  readonly #entries = new Map<string, CachedEntry>();
  readonly #sorted = new SortedList<CachedEntry>();
  readonly #window: EventWindow;
  readonly #owner: EntryOwner;
  readonly #texts: TextMemory | undefined;

  constructor(resource: GroupResource, { window, floor, forms, texts, writtenFormOf }: ResourceCacheOptions) {
    this.#window = new EventWindow(window, floor);
    this.#texts = texts;
    this.#owner = { resource: ownText(resource), forms, written: writtenFormOf?.(resource) };
  }

  load({ key, ...state }: StoredObject): void {
    this.#put(this.#entry(key, state));
  }

  get(namespace: string, name: string): CachedEntry | undefined {
    return this.#entries.get(joinKey(namespace, name));
  }

  /** Adds an event of before the load to the window. `states`: the newest state of each key that earlier events told. */
  remember({ type, key, value, revision, replaced }: HistoryEvent, span: TransactionSpan, states: Map<string, CachedEntry>): void {
    const id = joinKey(key.namespace, key.name);
    const told = states.get(id);
    const loaded = this.#entries.get(id);
    const current = loaded?.revision === revision ? loaded : this.#entry(key, { value, revision });
    states.set(id, current);
    if (replaced === 'unknown') return this.#window.clear(revision);
    const previous = replaced && (told?.revision === replaced.revision ? told : this.#entry(key, replaced));
    this.#window.push({ type, current, revision, ...span, ...(previous && { previous }) });
  }

  apply({ type, key, value, revision }: StoreEvent, span: TransactionSpan): WindowEvent {
    const current = this.#entry(key, { value, revision });
    const previous = this.#entries.get(current.key);
    if (type === 'put') {
      this.#put(current);
    } else {
      this.#entries.delete(current.key);
      this.#sorted.delete(current.key);
    }
    if (previous) this.#texts?.remove(previous);
    const event: WindowEvent = { type, current, revision, ...span, ...(previous && { previous }) };
    this.#window.push(event);
    return event;
  }

  /** @throws RevisionCompactedError */
  eventsAfter(revision: number): WindowEvent[] {
    if (revision < this.#window.floor) {
      throw new RevisionCompactedError('The revision is older than the event window', { requested: revision, oldest: this.#window.floor });
    }
    return this.#window.after(revision);
  }

  /** `current`: the revision that the cache shows. */
  list(options: ListOptions, current: number): CachedList {
    // Asked on the way of every write, for kinds that most clusters have none of.
    if (this.#sorted.size === 0 && options.revision === undefined) return { items: [], revision: current, remaining: 0 };
    const range = rangeOf(options);
    const { revision, past } = options.revision === undefined || options.revision >= current ? { revision: current, past: [] } : this.#pastOf(options.revision);
    const start = this.#sorted.rank(range.from);
    // A continue token may point beyond the namespace.
    const end = Math.max(start, this.#sorted.rank(range.to));
    const limit = options.limit ?? Infinity;
    if (past.length === 0) {
      const items = this.#sorted.slice(start, Math.min(end, start + limit));
      return { items, revision, remaining: end - start - items.length };
    }
    const all = withPast(this.#sorted.slice(start, end), past.filter((p) => p.key >= range.from && p.key < range.to));
    const items = all.slice(0, limit);
    return { items, revision, remaining: all.length - items.length };
  }

  #put(entry: CachedEntry): void {
    this.#entries.set(entry.key, entry);
    this.#sorted.put(entry);
    this.#texts?.add(entry);
  }

  #entry({ namespace, name }: ObjectKey, { value, revision }: Pick<StoredObject, 'value' | 'revision'>): CachedEntry {
    return new CachedEntry(this.#owner, { namespace, name, value, revision });
  }

  /** What differs at an older revision. A revision inside a transaction shows the state before it. */
  #pastOf(wanted: number): { readonly revision: number; readonly past: readonly PastState[] } {
    const touching = this.eventsAfter(wanted)[0];
    const revision = touching && touching.first <= wanted ? touching.first - 1 : wanted;
    const past = new Map<string, PastState>();
    for (const { current, previous } of this.eventsAfter(revision)) {
      // The first event after the revision tells what was there at it.
      if (!past.has(current.key)) past.set(current.key, { key: current.key, entry: previous });
    }
    return { revision, past: [...past.values()].sort((a, b) => (a.key < b.key ? -1 : 1)) };
  }
}

interface PastState {
  readonly key: NamespacedName;
  /** Absent when the object did not exist. */
  readonly entry: CachedEntry | undefined;
}

/** Keys from `from` (inclusive) to `to` (exclusive). */
function rangeOf({ namespace, after }: ListOptions): { readonly from: string; readonly to: string } {
  const start = namespace === undefined ? '' : `${namespace}/`;
  // NUL is the least character: the next key after k is k + NUL. 0 follows the slash.
  const next = after === undefined ? '' : `${joinKey(after.namespace, after.name)}\0`;
  return { from: start > next ? start : next, to: namespace === undefined ? '\uffff' : `${namespace}0` };
}

/** Merges two ordered lists; the past state of a key takes the place of the present one. */
function withPast(present: readonly CachedEntry[], past: readonly PastState[]): CachedEntry[] {
  const merged: CachedEntry[] = [];
  let at = 0;
  for (const { key, entry } of past) {
    for (let item = present[at]; item && item.key < key; item = present[++at]) merged.push(item);
    if (present[at]?.key === key) at++;
    if (entry) merged.push(entry);
  }
  for (let item = present[at]; item; item = present[++at]) merged.push(item);
  return merged;
}
