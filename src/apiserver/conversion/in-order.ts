/** Takes steps in the order in which they were given, although some have to wait for a value: at once as long as none waits. */
export class InOrder {
  readonly #onFailure: (error: unknown) => void;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** @param onFailure told when a value that was waited for fails to come, or its step throws */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  run<T>(value: T | Promise<T>, step: (value: T) => void): void {
    if (this.#waiting === 0 && !(value instanceof Promise)) return step(value);
    // Handled in turn: an early failure must not count as one that nobody saw.
    if (value instanceof Promise) value.catch(() => {});
    this.#waiting += 1;
    this.#last = this.#take(this.#last, value, step);
  }

  async #take<T>(before: Promise<void>, value: T | Promise<T>, step: (value: T) => void): Promise<void> {
    await before;
    try {
      step(await value);
    } catch (error) {
      this.#onFailure(error);
    } finally {
      this.#waiting -= 1;
    }
  }
}
