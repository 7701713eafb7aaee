import { andThen } from '#base/and-then.ts';
import type { Clock } from '#base/clock.ts';
import type { Exposition } from '#base/exposition.ts';
import { groupResource } from '#api/resource-type.ts';
import type { UserInfo } from '#api/transport.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import { type Auditor, refusedAtTheDoor } from '../audit/auditor.ts';
import type { Impersonation } from '../authn/act-as.ts';
import { ImpersonationMetrics } from '../metrics/impersonation-metrics.ts';
import { WatchEvents } from '../metrics/watch-events.ts';
import type { FlowControl, Seat } from '../flowcontrol/flow-control.ts';
import { listWidth, watcherWorkMs } from '../flowcontrol/width.ts';
import { RequestMetrics } from '../metrics/request-metrics.ts';
import { isLongRunning, isTrue, type RequestInfo } from '../request-info.ts';
import { ActiveRequest, type Origin } from './active-request.ts';
import type { Handling } from './handling.ts';
import { OpenRequests } from './open-requests.ts';
import { RequestIds } from './request-ids.ts';
import { requestTimeoutOf } from './request-timeout.ts';

export interface RequestsOptions {
  readonly clock: Clock;
  readonly cache: Pick<WatchCache, 'list'>;
  readonly flow: FlowControl;
  /** Absent: nothing is recorded. */
  readonly auditor?: Auditor | undefined;
  /** How long a request that is not long-running may take; Kubernetes' default. */
  readonly timeoutMs?: number | undefined;
}

export interface Identity extends Impersonation {
  readonly authenticated: UserInfo;
  readonly info: RequestInfo;
  /** When it is known. */
  readonly handling?: Handling | undefined;
}

const DEFAULT_TIMEOUT_MS = 60_000;
/** Of what takes longer the audit log tells how long it took; the limit of Kubernetes. */
const SLOW_SECONDS = 0.5;
const MAX_SWEEP_INTERVAL_MS = 1_000;

/** All requests in progress, over HTTPS and in process: each is counted, recorded, given its turn, and ended when it takes too long. */
export class Requests {
  /** How long a request that is not long-running may take. */
  readonly timeoutMs: number;
  readonly #options: RequestsOptions;
  readonly #metrics = new RequestMetrics();
  readonly #open = new OpenRequests();
  /** Long-running requests, and what ends them in peace. */
  readonly #lasting = new Map<ActiveRequest, (() => void) | undefined>();
  readonly watchEvents = new WatchEvents();
  readonly impersonations: ImpersonationMetrics;
  readonly #watchers = new Map<string, number>();
  readonly #ids = new RequestIds();
  #cancelSweep: () => void = () => {};

  constructor(options: RequestsOptions) {
    this.#options = options;
    this.timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.impersonations = new ImpersonationMetrics(() => options.clock.monotonic());
  }

  start(): void {
    this.#cancelSweep = this.#options.clock.after(Math.min(this.timeoutMs / 4, MAX_SWEEP_INTERVAL_MS), () => {
      this.#sweep();
      this.start();
    });
  }

  stop(): void {
    this.#cancelSweep();
  }

  /** Ends watches, so that clients go on elsewhere. */
  endLasting(): void {
    this.#lasting.forEach((end) => end?.());
  }

  begin(origin: Origin): ActiveRequest {
    const { clock } = this.#options;
    const request = new ActiveRequest(origin, { wall: clock.now(), monotonic: clock.monotonic(), ids: this.#ids });
    this.#open.add(request);
    this.#metrics.inFlight(request.isMutating, 1);
    return request;
  }

  /** Grows whenever {@link handlingOf} may say something else. */
  get revision(): number {
    return this.#options.flow.revision;
  }

  handlingOf(method: string, user: UserInfo, info: RequestInfo): Handling {
    const { auditor, flow } = this.#options;
    return { schema: flow.classify(user, info), audit: auditor?.decide(user, info), series: this.#metrics.seriesOf(method, info, false) };
  }

  /** Who sent it could not be found out. What it asks for is looked up for the audit log only: metrics do not count names that anybody may make up. */
  unauthenticated(request: ActiveRequest, asked: () => RequestInfo | undefined | Promise<RequestInfo | undefined>, why: () => string): void | Promise<void> {
    this.#metrics.authenticated('failure');
    const { auditor } = this.#options;
    if (auditor === undefined) return;
    return andThen(asked(), (info) => {
      const decision = auditor.decide(undefined, info);
      if (decision) auditor.record(refusedAtTheDoor(request, info, why()), decision, 'ResponseStarted');
    });
  }

  /** Who sent it asks for what nobody can be or nothing is: recorded like any request, and counted under no name that anybody may make up. */
  misdirected(request: ActiveRequest, authenticated: UserInfo, asked: () => RequestInfo | undefined | Promise<RequestInfo | undefined>): void | Promise<void> {
    const { auditor } = this.#options;
    if (auditor === undefined) return;
    return andThen(asked(), (info) => {
      request.series = this.#metrics.seriesOf(request.method, undefined, false);
      Object.assign(request, { authenticated, user: authenticated, info, decision: auditor.decide(authenticated, info) });
      if (request.decision) auditor.record(request, request.decision, 'RequestReceived');
    });
  }

  identified(request: ActiveRequest, { authenticated, user, constraint, info, handling }: Identity, isOverHttps: boolean): void {
    request.handling = handling;
    request.authenticated = authenticated;
    request.user = user;
    request.constraint = constraint;
    request.info = info;
    if (isOverHttps) this.#metrics.authenticated('success');
    const { auditor } = this.#options;
    if (auditor === undefined) return;
    // Rules are about who came in, whoever he acts as.
    request.decision = handling === undefined ? auditor.decide(authenticated, info) : handling.audit;
    if (request.decision) auditor.record(request, request.decision, 'RequestReceived');
  }

  /** Waits for the request's turn; at once, without a promise, when the server is not full. @throws StatusError TooManyRequests */
  admit(request: ActiveRequest, query: Readonly<Record<string, string>>): void | Promise<void> {
    const { user, info } = request;
    if (user === undefined || info === undefined) return undefined;
    if (query['timeout'] !== undefined && !isLongRunning(info)) this.#limit(request, requestTimeoutOf(query['timeout']));
    const { flow } = this.#options;
    request.schema = request.handling?.schema ?? flow.classify(user, info);
    const seat = flow.enter({
      user, info, schema: request.schema, width: this.#widthOf(info, query),
      watcherWorkMs: info.type === 'resource' && request.isMutating ? watcherWorkMs(info, this.#watchers.get(groupResource(info.resource)) ?? 0) : 0, signal: request.origin.signal,
    });
    return seat instanceof Promise ? seat.then((taken) => this.#seated(request, taken)) : this.#seated(request, seat);
  }

  /** From now on the request may last, and takes no seat. `end` is called when the server ends. */
  longRunning(request: ActiveRequest, end?: () => void): void {
    if (request.isOver || request.isLongRunning) return;
    request.isLongRunning = true;
    this.#lasting.set(request, end);
    request.seat?.release();
    this.#open.delete(request);
    this.#metrics.inFlight(request.isMutating, -1);
    request.series = this.#metrics.seriesOf(request.method, request.info, false);
    request.series.open += 1;
    this.#countWatcher(request, 1);
    if (request.decision === undefined) return;
    if (request.code > 0) this.#recordStart(request);
    else request.onAnswered = () => this.#recordStart(request);
  }

  /** The answer is sent, or never will be. May be called more than once. */
  finish(request: ActiveRequest): void {
    request.seat?.release();
    this.conclude(request);
  }

  /** The client has its answer, though the work goes on: what is to be told of the request is told. Its seat it keeps until it finishes. */
  conclude(request: ActiveRequest): void {
    if (request.isOver) return;
    request.isOver = true;
    request.cancelTimeout?.();
    if (this.#open.delete(request)) this.#metrics.inFlight(request.isMutating, -1);
    const planned = request.isApply ? undefined : request.handling?.series;
    const series = request.series ?? planned ?? this.#metrics.seriesOf(request.method, request.info, request.isApply);
    if (request.isLongRunning) {
      this.#lasting.delete(request);
      series.open -= 1;
      this.#countWatcher(request, -1);
    }
    const seconds = (this.#options.clock.monotonic() - request.startedAt) / 1000;
    this.#metrics.finished(series, request.code, seconds, request.bytes);
    // Of a request that lasts it says nothing.
    if (seconds > SLOW_SECONDS && !request.isLongRunning) request.annotate?.('apiserver.latency.k8s.io/total', `${seconds.toFixed(6).replace(/0+$/, '')}s`);
    if (request.decision === undefined) return;
    // What might have lasted has a start even when it is refused.
    if (!request.isLongRunning && request.info !== undefined && isLongRunning(request.info)) this.#recordStart(request);
    this.#options.auditor?.record(request, request.decision, 'ResponseComplete');
  }

  writeMetrics(out: Exposition): void {
    this.#metrics.write(out);
    this.watchEvents.write(out);
    this.impersonations.write(out);
    out.gauge('apiserver_registered_watchers', 'Watches that are open, by resource.', [...this.#watchers].map(([resource, value]) => ({ labels: { resource }, value })));
  }

  #recordStart(request: ActiveRequest): void {
    if (request.decision) this.#options.auditor?.record(request, request.decision, 'ResponseStarted');
  }

  #seated(request: ActiveRequest, seat: Seat): void {
    // A request that ended while it waited must not keep what it was given.
    if (request.isOver) return seat.release();
    request.seat = seat;
  }

  #widthOf(info: RequestInfo, query: Readonly<Record<string, string>>): number {
    if (info.type !== 'resource' || info.remote || !(info.verb === 'list' || (info.verb === 'watch' && isTrue(query['sendInitialEvents'])))) return 1;
    const { items, remaining } = this.#options.cache.list(groupResource(info.resource), { limit: 1, ...(info.namespace === '' ? {} : { namespace: info.namespace }) });
    const limit = Number(query['limit'] ?? 0);
    return listWidth({ objects: items.length + remaining, limit: limit > 0 ? limit : 0, hasSelector: Boolean(query['labelSelector']) || Boolean(query['fieldSelector']) });
  }

  #countWatcher({ info }: ActiveRequest, change: 1 | -1): void {
    if (info?.type !== 'resource' || info.verb !== 'watch') return;
    const key = groupResource(info.resource);
    const open = (this.#watchers.get(key) ?? 0) + change;
    // Of other servers' resources clients may think up any name.
    if (open > 0) this.#watchers.set(key, open);
    else this.#watchers.delete(key);
  }

  #sweep(): void {
    const now = this.#options.clock.monotonic();
    // The oldest are the first to take too long.
    for (let { oldest } = this.#open; oldest && now - oldest.startedAt >= this.timeoutMs; { oldest } = this.#open) this.#expire(oldest);
  }

  /** The client wants to wait less than the server would have it. */
  #limit(request: ActiveRequest, timeoutMs: number | undefined): void {
    if (timeoutMs === undefined || timeoutMs >= this.timeoutMs) return;
    request.cancelTimeout = this.#options.clock.after(timeoutMs, () => this.#expire(request));
  }

  #expire(request: ActiveRequest): void {
    if (!this.#open.delete(request)) return;
    this.#metrics.inFlight(request.isMutating, -1);
    this.#metrics.timedOut();
    request.origin.expire?.();
  }
}
