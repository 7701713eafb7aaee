/** Counts values by upper bounds. An observation costs a few comparisons and no allocation. */
export class Histogram {
  /** Ascending upper bounds, each inclusive. */
  readonly bounds: readonly number[];
  /** One more than bounds: the last is what lies above all. */
  readonly #counts: Float64Array;
  sum = 0;
  count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let i = 0;
    while (i < this.bounds.length && value > (this.bounds[i] as number)) i++;
    this.#counts[i] = (this.#counts[i] as number) + 1;
    this.sum += value;
    this.count += 1;
  }

  /** A copy that has counted a value so many times more. */
  with(value: number, times: number): Histogram {
    const copy = new Histogram(this.bounds);
    copy.#counts.set(this.#counts);
    copy.sum = this.sum + value * times;
    copy.count = this.count + times;
    const at = this.bounds.findIndex((bound) => value <= bound);
    copy.#counts[at < 0 ? this.bounds.length : at]! += times;
    return copy;
  }

  /** How many values are at most each bound, as Prometheus wants them. */
  cumulative(): readonly number[] {
    let total = 0;
    return this.bounds.map((_, i) => (total += this.#counts[i] as number));
  }
}
