import { isDeepStrictEqual } from 'node:util';
import { APPLICATIONS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Application, ApplicationStatus } from '#api/headway/v1/types.ts';
import { formatTime, type Clock } from '#base/clock.ts';
import type { Client } from '#client/client.ts';
import { withCondition } from '#controller/conditions.ts';

export interface ConditionUpdate {
  readonly type: 'Synced' | 'Healthy';
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

export interface StatusUpdate extends Omit<ApplicationStatus, 'conditions'> {
  readonly condition?: ConditionUpdate;
}

/** Conditions are for people; the whole list of errors is in status.errors. */
export const MAX_CONDITION_LENGTH = 1024;

/** The only writer of an Application's status: one write at a time, only what changed, none when nothing did. */
export class StatusWriter {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #target: { readonly namespace: string | undefined; readonly name: string };
  #status: ApplicationStatus;
  #last: Promise<unknown> = Promise.resolve();

  constructor(application: Application, options: { readonly client: Client; readonly clock: Clock }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#target = { namespace: application.metadata.namespace, name: application.metadata.name ?? '' };
    this.#status = application.status ?? {};
  }

  get status(): ApplicationStatus {
    return this.#status;
  }

  /** Resolves when the status is stored. An Application that is gone needs none. */
  update(update: StatusUpdate): Promise<void> {
    const write = this.#last.then(() => this.#write(update));
    this.#last = write.catch(() => undefined);
    return write;
  }

  async #write({ condition, ...fields }: StatusUpdate): Promise<void> {
    const before = this.#status;
    const conditions = condition ? { conditions: this.#withCondition(condition, fields.observedGeneration) } : {};
    const next: ApplicationStatus = { ...before, ...fields, ...conditions };
    const changed = (Object.keys(next) as (keyof ApplicationStatus)[]).filter((key) => !isDeepStrictEqual(next[key], before[key]));
    if (changed.length === 0) return;
    const body = { status: Object.fromEntries(changed.map((key) => [key, next[key] ?? null])) };
    try {
      await this.#client.patch(APPLICATIONS, this.#target, { type: 'merge', body }, { subresource: 'status' });
      this.#status = next;
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }

  #withCondition({ message, ...condition }: ConditionUpdate, generation = this.#status.observedGeneration): NonNullable<ApplicationStatus['conditions']> {
    return withCondition(this.#status.conditions, {
      ...condition, message: message.slice(0, MAX_CONDITION_LENGTH), lastTransitionTime: formatTime(this.#clock.now()),
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    });
  }
}
