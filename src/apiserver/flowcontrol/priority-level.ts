import type { PriorityLevelConfiguration } from '#api/generated/flowcontrol/v1.ts';
import { FairQueues, newQueue, type QueuingParameters } from './fair-queues.ts';

/** What a level may use of the server's seats, derived from its configuration and the others'. */
export interface LevelShare {
  readonly nominal: number;
  /** Seats that others may use while they are idle. */
  readonly lendable: number;
  /** Seats beyond `nominal` that it may borrow. */
  readonly borrowingLimit: number;
}

const NOTHING: LevelShare = { nominal: 0, lendable: 0, borrowingLimit: 0 };

/** One priority level: its seats, and who waits for them. */
export class PriorityLevel {
  readonly name: string;
  uid = '';
  isExempt = false;
  /** Its configuration is gone: it ends with its last request. */
  isQuiescing = false;
  share: LevelShare = NOTHING;
  /** Seats of the requests that run. */
  inUse = 0;
  /** Undefined: requests that find no seat are refused. */
  queues: FairQueues | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get waiting(): number {
    return this.queues?.waiting ?? 0;
  }

  /** Requests that wait stay, in the queues of the new configuration; those that no longer fit are given back. */
  configure({ metadata, spec }: PriorityLevelConfiguration, share: LevelShare): void {
    this.uid = metadata.uid ?? '';
    this.isExempt = spec.type === 'Exempt';
    this.isQuiescing = false;
    this.share = share;
    const queuing = spec.limited?.limitResponse?.type === 'Queue' ? spec.limited.limitResponse.queuing : undefined;
    const wanted = queuing && { queues: queuing.queues ?? 64, handSize: queuing.handSize ?? 8, queueLengthLimit: queuing.queueLengthLimit ?? 50 };
    if (isSame(wanted, this.queues?.parameters)) return;
    const waiting = this.queues?.drain() ?? [];
    this.queues = wanted && new FairQueues(wanted);
    // Who waited for a place was promised one: without queues they start now, over the limit.
    for (const request of waiting) if (!this.queues?.push(request)) request.start({ ...newQueue(), seatsInUse: request.width, executing: 1 });
  }
}

const isSame = (a: QueuingParameters | undefined, b: QueuingParameters | undefined): boolean =>
  a?.queues === b?.queues && a?.handSize === b?.handSize && a?.queueLengthLimit === b?.queueLengthLimit;
