import { RevisionCompactedError, StoreReplacedError } from '../errors.ts';
import type { StoreBatch } from '../object-store.ts';

/** What a transaction did. */
export interface ChainLink {
  /** Last revision of the transaction before this one: a hole or a fork shows. */
  readonly previous: number;
  readonly first: number;
  readonly last: number;
  readonly batch: StoreBatch;
}

/** Links that wait for others; the stream has those beyond. */
const MAX_WAITING = 1_000;

/**
 * All transactions after a revision, each once and in order, from two sources that overlap: the stream, which has all of them, and the answers to
 * this process's own, which come sooner, and over several connections in any order.
 */
export class Chain {
  readonly #onBatch: (batch: StoreBatch) => void;
  /** By the revision before them. */
  readonly #waiting = new Map<number, ChainLink>();
  #position: number;

  constructor(afterRevision: number, onBatch: (batch: StoreBatch) => void) {
    this.#position = afterRevision;
    this.#onBatch = onBatch;
  }

  /** The last revision that was told. */
  get position(): number {
    return this.#position;
  }

  /** Something before a link that was offered has not come yet. */
  get hasGap(): boolean {
    return this.#waiting.size > 0;
  }

  /** A transaction of this process; told when all before it are. */
  offer(link: ChainLink): void {
    if (link.previous === this.#position) this.append(link);
    else if (link.previous > this.#position && this.#waiting.size < MAX_WAITING) this.#waiting.set(link.previous, link);
  }

  /**
   * The next one of the stream, and those offered that follow it.
   * @throws RevisionCompactedError when some are missing before this one, StoreReplacedError when it belongs to another history
   */
  append(link: ChainLink): void {
    for (let next: ChainLink | undefined = link; next && next.last > this.#position; next = this.#waiting.get(this.#position)) {
      const batch = restOf(next, this.#position);
      this.#position = next.last;
      this.#waiting.delete(next.previous);
      this.#onBatch(batch);
    }
  }
}

function restOf({ previous, first, batch }: ChainLink, position: number): StoreBatch {
  if (previous === position) return batch;
  if (previous > position) throw new RevisionCompactedError('Events are no longer kept', { requested: position, oldest: previous });
  // Who resumes inside a transaction gets the rest of it.
  if (first <= position) return batch.filter((event) => event.revision > position);
  throw historyReplaced(position, previous);
}

export const historyReplaced = (position: number, found: number): StoreReplacedError =>
  new StoreReplacedError('The history of the store was replaced', { expected: `revision ${position}`, found: `revision ${found}` });
