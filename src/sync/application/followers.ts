import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { ApplicationState } from './application-state.ts';
import { succeed } from './steps/succeed.ts';

/** Long enough that a burst of commits costs each application one write, short enough for whoever waits for a commit to be everywhere. */
const DELAY_MS = 1000;

/** Writes the status of applications that commits passed by, later and one after another, so that it delays no sync. */
export class Followers {
  readonly #clock: Clock;
  readonly #log: Logger;
  #waiting = new Set<ApplicationState>();
  #isWriting = false;

  constructor(options: { readonly clock: Clock; readonly log: Logger }) {
    this.#clock = options.clock;
    this.#log = options.log;
  }

  follow(state: ApplicationState): void {
    this.#waiting.add(state);
    if (this.#isWriting) return;
    this.#isWriting = true;
    this.#clock.after(DELAY_MS, () => void this.#write());
  }

  async #write(): Promise<void> {
    for (let [state] = this.#waiting; state; [state] = this.#waiting) {
      this.#waiting.delete(state);
      // A sync that began since says it all itself.
      if (!state.index || state.inFlight) continue;
      await succeed(state, state.index, state.applied).catch((error: unknown) => this.#log.warn('a revision could not be written', { error }));
    }
    this.#isWriting = false;
  }
}
