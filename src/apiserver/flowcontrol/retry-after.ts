/** As long as Kubernetes sends anybody away. */
const MAX_SECONDS = 32;

/**
 * How many seconds who is refused is told to stay away: twice as many when three a second are refused over that time, fewer again when
 * less than one is. One for each priority level.
 */
export class RetryAfter {
  #seconds = 1;
  #raisedAt = 0;
  /** Refusals of the present second, and of those before it that count. */
  #present = { second: 0, count: 0 };
  #past: { readonly second: number; readonly count: number }[] = [];

  get seconds(): number {
    return this.#seconds;
  }

  /** Counts a refusal at a time in milliseconds. */
  refused(now: number): number {
    const second = Math.floor(now / 1000);
    if (second !== this.#present.second) this.#begin(second);
    this.#present.count += 1;
    return this.#seconds;
  }

  #begin(second: number): void {
    this.#past = [...this.#past, this.#present].filter((past) => second - past.second <= MAX_SECONDS);
    this.#present = { second, count: 0 };
    const count = this.#past.reduce((sum, past) => sum + (second - past.second <= this.#seconds ? past.count : 0), 0);
    if (count >= 3 * this.#seconds && second - this.#raisedAt >= this.#seconds) {
      this.#seconds = Math.min(2 * this.#seconds, MAX_SECONDS);
      this.#raisedAt = second;
    } else if (count < this.#seconds && this.#seconds > 1) {
      this.#seconds -= 1;
    }
  }
}
