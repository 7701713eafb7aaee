import type { Clock } from '#base/clock.ts';

/** What begins in one turn of the event loop goes on for several times as long: answers of the store, and the bytes of what is sent, come to it. */
const SHARE_MS = 4;

/**
 * Lets so much work begin in one turn of the event loop as fits into a share of it; what is left over begins in later turns, in order. Requests that
 * arrive together thus do not hold up what else waits for the loop, and the store works on the first while the next are prepared.
 */
export class TurnShare {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #waiting: (() => void)[] = [];
  /** When the present turn's first work began; undefined when none has. */
  #startedAt: number | undefined;
  #isEndAwaited = false;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Undefined when work may begin at once. */
  enter(): Promise<void> | undefined {
    if (this.#waiting.length > 0 || this.#isSpent()) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#startedAt ??= this.#clock.monotonic();
    this.#awaitEnd();
    return undefined;
  }

  #isSpent(): boolean {
    return this.#startedAt !== undefined && this.#clock.monotonic() - this.#startedAt >= SHARE_MS;
  }

  #awaitEnd(): void {
    if (this.#isEndAwaited) return;
    this.#isEndAwaited = true;
    setImmediate(() => {
      this.#isEndAwaited = false;
      this.#endTurn();
    });
  }

  /** What waits begins at the end of a turn in which nothing else has begun. */
  #endTurn(): void {
    const isUsed = this.#startedAt !== undefined;
    this.#startedAt = undefined;
    if (this.#waiting.length === 0) return;
    this.#awaitEnd();
    if (isUsed) return;
    this.#startedAt = this.#clock.monotonic();
    this.#resume();
  }

  #resume(): void {
    if (this.#waiting.length === 0 || this.#isSpent()) {
      this.#startedAt = undefined;
      return;
    }
    this.#waiting.shift()?.();
    // A tick that a microtask asks for comes when all microtasks are done: when what was resumed has run until it must wait.
    queueMicrotask(() => process.nextTick(() => this.#resume()));
  }
}
