import { ApplicationHealth } from '../health/application-health.ts';
import type { ApplicationIndex } from '../inventory/application-index.ts';
import type { Identity } from '../inventory/identity.ts';
import type { ApplicationState } from './application-state.ts';
import { MAX_CONDITION_LENGTH } from './status-writer.ts';
import { MAX_EVENT_LENGTH } from './limits.ts';

/** One status write for a burst of changes in health. */
const DEBOUNCE_MS = 50;

/** Keeps the condition `Healthy` as what is applied becomes well or ill. */
export class HealthReporter {
  readonly #state: Pick<ApplicationState, 'key' | 'application' | 'index' | 'context' | 'standing' | 'status' | 'log'>;
  readonly #health: ApplicationHealth;
  #cancel: (() => void) | undefined;
  #isWriting = false;

  constructor(state: Pick<ApplicationState, 'key' | 'application' | 'index' | 'context' | 'standing' | 'status' | 'log'>) {
    this.#state = state;
    this.#health = new ApplicationHealth({ ...state.context, application: () => state.application });
  }

  mark(identity: Identity): void {
    this.#health.mark(identity);
    this.schedule();
  }

  /** A pod of the namespace changed. */
  markNamespace(namespace: string): void {
    if (this.#health.markNamespace(namespace)) this.schedule();
  }

  schedule(): void {
    if (!this.#state.index || this.#cancel) return;
    this.#cancel = this.#state.context.clock.after(DEBOUNCE_MS, () => {
      this.#cancel = undefined;
      if (this.#state.index) void this.#settle(this.#state.index);
    });
  }

  /** The condition is of what is applied now. */
  get isSettled(): boolean {
    return this.#state.index !== undefined && !this.#cancel && !this.#isWriting;
  }

  async #settle(index: ApplicationIndex): Promise<void> {
    this.#isWriting = true;
    await this.#write(index);
    this.#isWriting = false;
    if (this.isSettled) this.#state.context.settled(this.#state.key);
  }

  stop(): void {
    this.#cancel?.();
  }

  async #write(index: ApplicationIndex): Promise<void> {
    const { status: writer, context, standing, application, log } = this.#state;
    const { status, reason, message } = this.#health.summary(index);
    standing.noteAiling(this.#health.ailing());
    const before = writer.status.conditions?.find((c) => c.type === 'Healthy');
    if (status === 'Degraded' && before?.message !== message.slice(0, MAX_CONDITION_LENGTH)) {
      context.events.event(application, { type: 'Warning', reason: 'Degraded', action: 'Health', message: message.slice(0, MAX_EVENT_LENGTH) });
    }
    try {
      await writer.update({ condition: { type: 'Healthy', status: status === 'Healthy' ? 'True' : 'False', reason, message } });
    } catch (error) {
      log.warn('the health of an application could not be written', { error });
    }
  }
}
