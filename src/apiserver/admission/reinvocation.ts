import type { KubeObject } from '#api/object.ts';
import { isEqual } from '../storage/equality.ts';

/**
 * Whether the mutating plugins must see a request once more, because one whose changes others could not foresee (a webhook, a policy) has
 * changed the object; and which of those want to be asked again: the ones that were asked before the last change. One a request.
 */
export class Reinvocation {
  #isSecond = false;
  #isRequested = false;
  #asked = new Set<string>();
  readonly #due = new Set<string>();
  #last: KubeObject | undefined;

  /** The second and last round is running. */
  get isSecond(): boolean {
    return this.#isSecond;
  }

  get isRequested(): boolean {
    return this.#isRequested;
  }

  startSecond(): void {
    this.#isSecond = true;
  }

  /** Before the first of a plugin's askings in this round; what other plugins have changed meanwhile counts too. */
  begin(object: KubeObject | undefined): void {
    if (this.#isSecond && !isEqual(object, this.#last)) this.#requireAsked();
  }

  /** Someone who wants it again has been asked. */
  called(id: string): void {
    this.#asked.add(id);
  }

  changed(): void {
    this.#isRequested = true;
    this.#requireAsked();
  }

  end(object: KubeObject | undefined): void {
    this.#last = object;
  }

  isDue(id: string): boolean {
    return this.#due.has(id);
  }

  #requireAsked(): void {
    for (const id of this.#asked) this.#due.add(id);
    this.#asked = new Set();
  }
}
