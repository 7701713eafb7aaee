import type { Clock } from '#base/clock.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '#api/generated/flowcontrol/v1.ts';
import { seatRefused, type StatusError } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import { namespaceOf, type RequestInfo } from '../request-info.ts';
import { BOOTSTRAP_LEVELS, BOOTSTRAP_SCHEMAS, MANDATORY } from './bootstrap-objects.ts';
import type { Queue, Waiting } from './fair-queues.ts';
import { settle } from './fair-queues.ts';
import { type ActiveSchema, FlowSchemas, newCounts, type RefusalReason, type SchemaCounts } from './flow-schemas.ts';
import { RetryAfter } from './retry-after.ts';
import { SeatPool } from './seat-pool.ts';
import { flowHash } from './shuffle-sharding.ts';

export interface FlowControlOptions {
  readonly clock: Clock;
  /** Requests that may run at once, which is what waits on the store: a request that is answered from memory is over at once. Default 600, as Kubernetes'. */
  readonly totalSeats?: number;
  /** How long a request may wait for its turn; a quarter of the time that a request may take. */
  readonly maxWaitMs?: number;
}

export interface Arrival {
  readonly user: UserInfo;
  readonly info: RequestInfo;
  /** As {@link FlowControl.classify} says, when it has been asked. */
  readonly schema?: ActiveSchema | undefined;
  /** Seats that it takes; 1 unless it is a long list. */
  readonly width: number;
  /** Milliseconds of work that its watchers cause after it. */
  readonly watcherWorkMs: number;
  /** When the client goes away; asked for only when the request must wait. */
  readonly signal?: (() => AbortSignal) | undefined;
}

const DEFAULT_TOTAL_SEATS = 600;
const DEFAULT_MAX_WAIT_MS = 15_000;

/** A request that runs. */
export class Seat {
  readonly schema: ActiveSchema;
  readonly #control: FlowControl;
  readonly #arrival: Arrival;
  readonly #startedAt: number;
  /** Where it waited; undefined when it did not. */
  readonly #queue: Queue | undefined;
  #isOver = false;

  constructor(control: FlowControl, schema: ActiveSchema, arrival: Arrival, startedAt: number, queue?: Queue) {
    this.schema = schema;
    this.#control = control;
    this.#arrival = arrival;
    this.#startedAt = startedAt;
    this.#queue = queue;
  }

  /** May be called more than once. */
  release(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { width, watcherWorkMs } = this.#arrival;
    if (this.#queue) settle(this.#queue, width, this.#control.now() - this.#startedAt, watcherWorkMs);
    this.#control.leave(this.schema, width);
  }
}

/** Priority and fairness: whoever sends many requests at once waits behind the others, not the others behind him. */
export class FlowControl {
  readonly #clock: Clock;
  readonly #maxWaitMs: number;
  readonly #pool: SeatPool;
  readonly #counts = new Map<string, SchemaCounts>();
  /** By the name of the level. */
  readonly #retries = new Map<string, RetryAfter>();
  #schemas: FlowSchemas;
  #revision = 0;

  constructor({ clock, totalSeats = DEFAULT_TOTAL_SEATS, maxWaitMs = DEFAULT_MAX_WAIT_MS }: FlowControlOptions) {
    this.#clock = clock;
    this.#maxWaitMs = maxWaitMs;
    this.#pool = new SeatPool(totalSeats);
    this.#schemas = this.#compile([], []);
  }

  /** The configuration in force, with what it counted; for metrics. */
  get schemas(): readonly ActiveSchema[] {
    return this.#schemas.all;
  }

  get totalSeats(): number {
    return this.#pool.total;
  }

  get levels() {
    return this.#pool.levels;
  }

  now(): number {
    return this.#clock.monotonic();
  }

  /** Grows with every change of the configuration. */
  get revision(): number {
    return this.#revision;
  }

  /** Mandatory objects that are absent are taken as they should be. */
  configure(schemas: readonly FlowSchema[], levels: readonly PriorityLevelConfiguration[]): void {
    this.#schemas = this.#compile(schemas, levels);
    this.#revision += 1;
  }

  /** The schema that a request belongs to, until the configuration changes. */
  classify(user: UserInfo, info: RequestInfo): ActiveSchema {
    return this.#schemas.classify(user, info);
  }

  /** The seat at once when there is one, which is the usual case. @throws StatusError TooManyRequests */
  enter(arrival: Arrival): Seat | Promise<Seat> {
    const schema = arrival.schema ?? this.classify(arrival.user, arrival.info);
    const { level, counts } = schema;
    if (!this.#pool.tryTake(level, arrival.width)) return this.#wait(schema, arrival);
    this.#started(counts, arrival.width);
    return new Seat(this, schema, arrival, 0);
  }

  leave({ level, counts }: ActiveSchema, width: number): void {
    counts.executing -= 1;
    counts.seats -= width;
    this.#pool.giveBack(level, width);
  }

  #started(counts: SchemaCounts, width: number): void {
    counts.dispatched += 1;
    counts.executing += 1;
    counts.seats += width;
  }

  #compile(schemas: readonly FlowSchema[], levels: readonly PriorityLevelConfiguration[]): FlowSchemas {
    this.#pool.configure(withMandatory(levels, BOOTSTRAP_LEVELS));
    return new FlowSchemas(withMandatory(schemas, BOOTSTRAP_SCHEMAS), this.#pool.levels, (name) => this.#countsOf(name));
  }

  #countsOf(name: string): SchemaCounts {
    const known = this.#counts.get(name) ?? newCounts();
    this.#counts.set(name, known);
    return known;
  }

  #wait(schema: ActiveSchema, arrival: Arrival): Promise<Seat> {
    const { level, counts } = schema;
    const { queues } = level;
    if (!queues) throw this.#refuse(schema, 'concurrency-limit');
    const signal = arrival.signal?.();
    const { promise, resolve, reject } = Promise.withResolvers<Seat>();
    const since = this.now();
    const over = (isRunning: 'true' | 'false'): void => {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
      counts.waiting -= 1;
      counts.waitingSeats -= arrival.width;
      counts.waits[isRunning].observe((this.now() - since) / 1000);
    };
    const distinguisher = distinguisherOf(schema, arrival);
    const request: Waiting = {
      hash: flowHash(schema.name, distinguisher), width: arrival.width,
      about: { schema: schema.name, distinguisher, arrivedAt: this.#clock.now(), user: arrival.user, info: arrival.info },
      start: (queue) => {
        over('true');
        this.#started(counts, arrival.width);
        resolve(new Seat(this, schema, arrival, this.now(), queue));
      },
    };
    const giveUp = (reason: RefusalReason): void => {
      if (!level.queues?.remove(request)) return;
      this.#pool.left();
      over('false');
      reject(this.#refuse(schema, reason));
    };
    const onAbort = (): void => giveUp('cancelled');
    if (!queues.push(request)) throw this.#refuse(schema, 'queue-full');
    counts.waiting += 1;
    counts.waitingSeats += arrival.width;
    this.#pool.queued();
    const cancelTimer = this.#clock.after(this.#maxWaitMs, () => giveUp('time-out'));
    signal?.addEventListener('abort', onAbort, { once: true });
    return promise;
  }

  #refuse({ level: { name }, counts }: ActiveSchema, reason: RefusalReason): StatusError {
    counts.refused[reason] += 1;
    const retry = this.#retries.get(name) ?? new RetryAfter();
    this.#retries.set(name, retry);
    return seatRefused(retry.refused(this.#clock.now()));
  }
}

function distinguisherOf({ distinguisher }: ActiveSchema, { user, info }: Arrival): string {
  switch (distinguisher) {
    case 'ByUser': return user.name;
    case 'ByNamespace': return info.type === 'resource' ? namespaceOf(info) : '';
    default: return '';
  }
}

function withMandatory<T extends FlowSchema | PriorityLevelConfiguration>(given: readonly T[], bootstrap: readonly T[]): readonly T[] {
  const names = new Set(given.map((object) => object.metadata.name));
  return [...given, ...bootstrap.filter(({ metadata: { name } }) => MANDATORY.has(name) && !names.has(name))];
}
