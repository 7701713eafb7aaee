import type { CachedEntry } from './cached-entry.ts';
import type { CacheEvent } from './watch-cache.ts';

export interface WindowEvent extends CacheEvent {
  readonly current: CachedEntry;
  readonly previous?: CachedEntry;
  /** First and last revision of the transaction: it is shown as a whole. */
  readonly first: number;
  readonly last: number;
}

export interface WindowBounds {
  readonly events: number;
  /** Characters of the states that only the window holds. The newest event is kept whatever its size. */
  readonly size: number;
}

/** The newest events of one resource, so that a busy resource (leases, Events) pushes out only its own. */
export class EventWindow {
  readonly #bounds: WindowBounds;
  /** Nothing before `#start`. */
  #events: (WindowEvent | undefined)[] = [];
  #start = 0;
  #size = 0;
  #floor: number;

  constructor(bounds: WindowBounds, floor: number) {
    this.#bounds = bounds;
    this.#floor = floor;
  }

  /** Every event after this revision is here. */
  get floor(): number {
    return this.#floor;
  }

  push(event: WindowEvent): void {
    this.#events.push(event);
    this.#size += pastSize(event);
    while (this.#isFull()) this.#dropOldest();
  }

  /** Forgets all events, up to this revision. */
  clear(floor: number): void {
    this.#events = [];
    this.#start = 0;
    this.#size = 0;
    this.#floor = floor;
  }

  /** In order. Nothing may be asked below the floor. */
  after(revision: number): WindowEvent[] {
    let low = this.#start;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#events[middle]?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low) as WindowEvent[];
  }

  #isFull(): boolean {
    const count = this.#events.length - this.#start;
    return count > this.#bounds.events || (this.#size > this.#bounds.size && count > 1);
  }

  #dropOldest(): void {
    const oldest = this.#events[this.#start] as WindowEvent;
    this.#events[this.#start++] = undefined;
    this.#size -= pastSize(oldest);
    this.#floor = oldest.revision;
    // Moved only when half of the list is gone: each event is moved once, on average.
    if (this.#start * 2 < this.#events.length) return;
    this.#events = this.#events.slice(this.#start);
    this.#start = 0;
  }
}

/** What replaced it is held by a later event, or by the cache itself. */
const pastSize = ({ type, current, previous }: WindowEvent): number => (previous?.size ?? 0) + (type === 'delete' ? current.size : 0);
