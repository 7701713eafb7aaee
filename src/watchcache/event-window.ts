import type { CachedEntry } from './cached-entry.ts';
import type { CacheEvent } from './watch-cache.ts';

export interface WindowEvent extends CacheEvent {
  readonly current: CachedEntry;
  readonly previous?: CachedEntry;
  /** First and last revision of the transaction: it is shown as a whole. */
  readonly first: number;
  readonly last: number;
}

/** The newest events of one resource, a ring, so that a busy resource (leases, Events) pushes out only its own. */
export class EventWindow {
  readonly #capacity: number;
  #ring: WindowEvent[] = [];
  #start = 0;
  #floor: number;

  constructor(capacity: number, floor: number) {
    this.#capacity = capacity;
    this.#floor = floor;
  }

  /** Every event after this revision is here. */
  get floor(): number {
    return this.#floor;
  }

  push(event: WindowEvent): void {
    if (this.#ring.length < this.#capacity) {
      this.#ring.push(event);
      return;
    }
    this.#floor = this.#at(0)?.revision ?? event.revision;
    this.#ring[this.#start] = event;
    this.#start = (this.#start + 1) % this.#capacity;
  }

  /** Forgets all events, up to this revision. */
  clear(floor: number): void {
    this.#ring = [];
    this.#start = 0;
    this.#floor = floor;
  }

  /** In order. Nothing may be asked below the floor. */
  after(revision: number): WindowEvent[] {
    let low = 0;
    let high = this.#ring.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#at(middle)?.revision ?? 0) <= revision) low = middle + 1;
      else high = middle;
    }
    return Array.from({ length: this.#ring.length - low }, (_, i) => this.#at(low + i) as WindowEvent);
  }

  #at(index: number): WindowEvent | undefined {
    return this.#ring[(this.#start + index) % this.#ring.length];
  }
}
