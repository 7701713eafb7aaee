import type { Redis } from 'ioredis';
import { StoreUnavailableError } from '../errors.ts';

/** Above what a replica on another site needs; a write that waits longer keeps others of its connection waiting. */
const WAIT_TIMEOUT_MS = 1000;

/** Holds back the answer to writes until enough replicas have them. */
export class ReplicaWait {
  readonly #replicas: number;
  readonly #asked = new WeakMap<Redis, Promise<number>>();

  constructor(replicas: number) {
    this.#replicas = replicas;
  }

  /**
   * Call it when the write was answered: WAIT is about all writes of the connection so far, so those that were answered together
   * share one. @throws StoreUnavailableError: the primary has the write, a failover may lose it
   */
  async confirm(client: Redis): Promise<void> {
    let asked = this.#asked.get(client);
    if (!asked) this.#asked.set(client, (asked = this.#ask(client)));
    const reached = await asked;
    if (reached >= this.#replicas) return;
    throw new StoreUnavailableError(`the write reached ${reached} of the ${this.#replicas} replicas that it must reach within ${WAIT_TIMEOUT_MS} ms; whether it stays is unknown`, { operation: 'wait' });
  }

  async #ask(client: Redis): Promise<number> {
    // Other replies of the same read come first.
    await Promise.resolve();
    this.#asked.delete(client);
    return client.wait(this.#replicas, WAIT_TIMEOUT_MS);
  }
}
