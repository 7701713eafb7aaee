import type { UserInfo } from '#api/transport.ts';
import type { RequestInfo } from '../request-info.ts';
import { dealHand } from './shuffle-sharding.ts';

export interface QueuingParameters {
  readonly queues: number;
  readonly handSize: number;
  /** Requests a queue. */
  readonly queueLengthLimit: number;
}

/** What is told of a request that waits. */
export interface WaitingRequest {
  readonly schema: string;
  /** What its flow is told apart by. */
  readonly distinguisher: string;
  /** Milliseconds since the epoch. */
  readonly arrivedAt: number;
  readonly user: UserInfo;
  readonly info: RequestInfo;
}

/** A request that waits for its seats. */
export interface Waiting {
  /** Of its flow: decides which queues it may wait in. */
  readonly hash: number;
  readonly width: number;
  /** Who waits since when, for who looks into the server. */
  readonly about?: WaitingRequest;
  start(queue: Queue): void;
}

/** One queue: requests in order of arrival, and how much work it has been given in virtual time. */
export interface Queue {
  readonly requests: Waiting[];
  /** Virtual time, in seat-milliseconds, at which its next request would start if all queues were served alike. */
  nextStart: number;
  seatsInUse: number;
  /** Requests that it has started and that run. */
  executing: number;
}

/** Guess of how long a request runs; put right when it ends. */
const ESTIMATED_MS = 3;

/**
 * Queues of one priority level, served by start-time fair queuing: whichever queue has been given the least work goes first, so a
 * queue that was idle waits at most for what is running. Each flow waits in the shortest queue of its hand.
 */
export class FairQueues {
  readonly parameters: QueuingParameters;
  readonly #queues: Queue[];
  readonly #active = new Set<Queue>();
  /** Start tag of the last request that was dispatched. */
  #virtualTime = 0;
  #waiting = 0;

  constructor(parameters: QueuingParameters) {
    this.parameters = parameters;
    this.#queues = [];
  }

  get waiting(): number {
    return this.#waiting;
  }

  /** Queues in which a request waits. */
  get active(): number {
    return this.#active.size;
  }

  /** Those that were ever used by their index; the others are empty. */
  get queues(): readonly (Queue | undefined)[] {
    return this.#queues;
  }

  /** False when the queue is full. */
  push(request: Waiting): boolean {
    const queue = this.#shortest(request.hash);
    if (queue.requests.length >= this.parameters.queueLengthLimit) return false;
    if (queue.requests.length === 0) {
      queue.nextStart = Math.max(queue.nextStart, this.#virtualTime);
      this.#active.add(queue);
    }
    queue.requests.push(request);
    this.#waiting += 1;
    return true;
  }

  /** A request that waits no longer. False when it does not wait. */
  remove(request: Waiting): boolean {
    for (const queue of this.#active) {
      const at = queue.requests.indexOf(request);
      if (at < 0) continue;
      queue.requests.splice(at, 1);
      this.#left(queue);
      return true;
    }
    return false;
  }

  /** The request whose turn is next; undefined when none waits. */
  peek(): Waiting | undefined {
    return this.#next()?.requests[0];
  }

  /** Starts the request that {@link peek} tells. */
  dispatch(): void {
    const queue = this.#next();
    const request = queue?.requests.shift();
    if (!queue || !request) return;
    this.#virtualTime = queue.nextStart;
    queue.nextStart += request.width * ESTIMATED_MS;
    queue.seatsInUse += request.width;
    queue.executing += 1;
    this.#left(queue);
    request.start(queue);
  }

  /** Takes all that wait, for another configuration. */
  drain(): readonly Waiting[] {
    const all = [...this.#active].flatMap((queue) => queue.requests.splice(0));
    this.#active.clear();
    this.#waiting = 0;
    return all;
  }

  #left(queue: Queue): void {
    this.#waiting -= 1;
    if (queue.requests.length === 0) this.#active.delete(queue);
  }

  #next(): Queue | undefined {
    let best: Queue | undefined;
    let bestFinish = Infinity;
    for (const queue of this.#active) {
      const finish = queue.nextStart + (queue.requests[0]?.width ?? 0) * ESTIMATED_MS;
      if (finish >= bestFinish) continue;
      best = queue;
      bestFinish = finish;
    }
    return best;
  }

  #shortest(hash: number): Queue {
    const { queues, handSize } = this.parameters;
    const hand = dealHand(hash, queues, handSize).map((index) => (this.#queues[index] ??= newQueue()));
    return hand.reduce((best, queue) => (loadOf(queue) < loadOf(best) ? queue : best));
  }
}

export const newQueue = (): Queue => ({ requests: [], nextStart: 0, seatsInUse: 0, executing: 0 });

/** What a request really took takes the place of the guess. `extraMs` is work that goes on after it, such as telling watchers. */
export function settle(queue: Queue, width: number, ms: number, extraMs: number): void {
  queue.seatsInUse -= width;
  queue.executing -= 1;
  queue.nextStart += width * (ms - ESTIMATED_MS) + extraMs;
}

const loadOf = ({ requests, seatsInUse }: Queue): number => seatsInUse + requests.reduce((sum, r) => sum + r.width, 0);
