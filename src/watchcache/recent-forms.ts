/** Something with forms that it can make again. */
export interface FormHolder {
  /** Set and read by {@link RecentForms} alone. */
  generation: number;
  /** What its forms count for. */
  readonly size: number;
  forget(): void;
}

/**
 * Bounds what is kept of forms that can be made again: those that nobody asked for while others of `maxSize` were asked for are forgotten.
 * Two generations rather than an order of use, so that asking once more costs one comparison.
 */
export class RecentForms {
  readonly #maxSize: number;
  #generation = 0;
  #size = 0;
  #recent: FormHolder[] = [];
  #before: FormHolder[] = [];

  constructor(maxSize: number) {
    this.#maxSize = maxSize;
  }

  /** To be called before a form is made or given. */
  touch(holder: FormHolder): void {
    if (holder.generation === this.#generation) return;
    holder.generation = this.#generation;
    this.#recent.push(holder);
    this.#size += holder.size;
    if (this.#size > this.#maxSize) this.#turn();
  }

  #turn(): void {
    for (const holder of this.#before) if (holder.generation < this.#generation) holder.forget();
    this.#before = this.#recent;
    this.#recent = [];
    this.#size = 0;
    this.#generation++;
  }
}
