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

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Undefined when work may begin at once. */
  enter(): Promise<void> | undefined {
    this.#startedAt ??= this.#startTurn();
    if (this.#waiting.length === 0 && !this.#isSpent()) return undefined;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #isSpent(): boolean {
    return this.#startedAt !== undefined && this.#clock.monotonic() - this.#startedAt >= SHARE_MS;
  }

  #startTurn(): number {
    setImmediate(() => this.#endTurn());
    return this.#clock.monotonic();
  }

  #endTurn(): void {
    this.#startedAt = undefined;
    if (this.#waiting.length === 0) return;
    this.#startedAt = this.#startTurn();
    this.#resume();
  }

  #resume(): void {
    if (this.#isSpent()) return;
    this.#waiting.shift()?.();
    // A tick that a microtask asks for comes when all microtasks are done: when what was resumed has run until it must wait.
    if (this.#waiting.length > 0) queueMicrotask(() => process.nextTick(() => this.#resume()));
  }
}
