import { randomUUID } from 'node:crypto';
import type { Clock } from '#base/clock.ts';

/** For so long after the question was sent its holder trusts the answer that the lease is its own. Asked again in the second half, by the reads themselves, and by each write. */
export const LEASE_MS = 200;
/** For so long whoever asks for the lease back waits before it ends it: what clocks of two processes may differ by in that time, many times over. */
export const END_AFTER_MS = 250;
/** Where several servers write, a lease costs the other one a wait each time: so it is tried after this pause, and then after twice the one before. */
const PAUSE_MS: PauseRange = { first: 60_000, max: 3_600_000 };

/** How long a process leaves the lease alone after it met another one: the first time, and at most. Default a minute and an hour. */
export interface PauseRange {
  readonly first: number;
  readonly max: number;
}

/** What Redis says of the lease together with its revision. */
export interface LeaseState {
  /** Absent: nobody has it. */
  readonly holder: string | null;
  /** Another process waits for it. */
  readonly isAskedBack: boolean;
}

export interface ReadLeaseOptions {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly pauseMs?: PauseRange | undefined;
  /** Called when it is trusted no more before its time is over. */
  onDrop(): void;
}

type Held = 'no' | 'yes' | 'renew';

/**
 * What one process knows of the lease that lets it answer consistent reads, and follow, without asking Redis: as long as it is held nobody else's transaction is
 * performed (scripts/transaction.lua), so the newest revision that this process had acknowledged is the store's. See docs/design/0002-store.md for why that is so.
 */
export class ReadLease {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #onDrop: () => void;
  #id = randomUUID();
  /** Grows when the lease is trusted no more. */
  #drops = 0;
  #count = 0;
  #isWanted = false;
  #until = -Infinity;
  /** The lease that was held when Redis was last asked. */
  #name: string | undefined;
  #isRenewing = false;
  #pausedUntil = -Infinity;
  readonly #maxPauseMs: number;
  #pauseMs: number;
  /** Transactions whose outcome is not known yet. */
  #inFlight = 0;

  constructor({ clock, pauseMs = PAUSE_MS, onDrop }: ReadLeaseOptions) {
    this.#clock = clock;
    this.#pauseMs = pauseMs.first;
    this.#maxPauseMs = pauseMs.max;
    this.#onDrop = onDrop;
  }

  /** Begins the names of all leases of this process. */
  get id(): string {
    return this.#id;
  }

  /** For how long from now on nobody else can write, unless the lease is renewed meanwhile; 0: others may have written already. */
  leftMs(): number {
    return Math.max(0, this.#until - this.#clock.monotonic());
  }

  /** Whether a read may go without a question now; `renew` asks for one beside it. */
  held(): Held {
    const leftMs = this.leftMs();
    if (leftMs === 0 || this.#inFlight > 0) {
      this.#isWanted = true;
      return 'no';
    }
    if (leftMs > LEASE_MS / 2 || this.#isRenewing) return 'yes';
    this.#isRenewing = true;
    return 'renew';
  }

  /** The name of a lease to be taken before the next question, when one is wanted. Each name is given once, so that what is said of one lease is never true of another. */
  nameToTake(): string | undefined {
    if (!this.#isWanted || this.#clock.monotonic() < this.#pausedUntil) return undefined;
    this.#isWanted = false;
    return `${this.#id}.${this.#count++}`;
  }

  /**
   * To be called before a question is sent. What it returns takes the answer, in the same turn as the revision that came with it is noted, and
   * returns a lease of this process that is to be ended.
   */
  asked(): (state: LeaseState) => string | undefined {
    const drops = this.#drops;
    const until = this.#clock.monotonic() + LEASE_MS;
    return ({ holder, isAskedBack }) => {
      this.#isRenewing = false;
      // Answers come over several connections: one that is overtaken by that for which the lease was given up must not bring it back.
      if (drops !== this.#drops || holder === null) return undefined;
      const isOwn = holder.startsWith(this.#id);
      if (!isOwn || isAskedBack) {
        this.pause();
        return isOwn ? holder : undefined;
      }
      this.#name = holder;
      this.#until = Math.max(this.#until, until);
      return undefined;
    };
  }

  /** The lease to be ended when the process goes; answers that are under way say nothing of it any more. */
  release(): string | undefined {
    const name = this.#name;
    this.#id = randomUUID();
    this.drop();
    return name;
  }

  /** Another process writes too. */
  pause(): void {
    this.drop();
    if (this.#clock.monotonic() < this.#pausedUntil) return;
    this.#pausedUntil = this.#clock.monotonic() + this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, this.#maxPauseMs);
  }

  /** Reads ask again, until an answer says that it is still held. */
  drop(): void {
    this.#until = -Infinity;
    this.#name = undefined;
    this.#isRenewing = false;
    this.#drops++;
    this.#onDrop();
  }

  /** A transaction; its script takes the lease and renews it along the way. */
  begin(): void {
    this.#inFlight++;
    if (this.leftMs() === 0) this.#isWanted = true;
  }

  /** `isKnown` false: it may still be performed, but not once a lease is held again, which bears another id. */
  end(isKnown: boolean): void {
    this.#inFlight--;
    if (isKnown) return;
    this.#id = randomUUID();
    this.drop();
  }
}
