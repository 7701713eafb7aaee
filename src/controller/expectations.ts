import type { Clock } from '#base/clock.ts';

/** An event may never come (made and deleted while the watch was down); then the cache is right again without it. */
const EXPECTATION_TIMEOUT_MS = 30_000;

/**
 * The controller's own creates and deletes that its informer does not show yet. Until it does, counting what is in the
 * cache would create or delete twice.
 */
export class Expectations {
  readonly #clock: Clock;
  readonly #ownerOf = new Map<string, string>();
  readonly #pending = new Map<string, Map<string, number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Call before the write: the event may be faster than the answer. `token` names the event, for example by the object's key. */
  expect(owner: string, token: string): void {
    const tokens = this.#pending.get(owner) ?? new Map<string, number>();
    tokens.set(token, this.#clock.monotonic() + EXPECTATION_TIMEOUT_MS);
    this.#pending.set(owner, tokens);
    this.#ownerOf.set(token, owner);
  }

  /** The event came, or the write failed. */
  observe(token: string): void {
    const owner = this.#ownerOf.get(token);
    if (owner === undefined) return;
    this.#ownerOf.delete(token);
    const tokens = this.#pending.get(owner);
    tokens?.delete(token);
    if (tokens?.size === 0) this.#pending.delete(owner);
  }

  /** Zero when the cache shows all writes; otherwise how long to wait at most for the events that will trigger a new look. */
  waitMs(owner: string): number {
    const nowMs = this.#clock.monotonic();
    const tokens = this.#pending.get(owner);
    if (!tokens) return 0;
    for (const [token, deadlineMs] of tokens) if (deadlineMs <= nowMs) this.observe(token);
    return tokens.size === 0 ? 0 : Math.max(...tokens.values()) - nowMs;
  }

  /** The owner is gone. */
  forget(owner: string): void {
    for (const token of this.#pending.get(owner)?.keys() ?? []) this.#ownerOf.delete(token);
    this.#pending.delete(owner);
  }
}
