import type { Clock } from '#base/clock.ts';
import type { ClusterEvent, FilterPlugin, PluginName } from '../framework/plugin.ts';
import type { PodInfo } from '../framework/pod-info.ts';
import { backoffMs } from './backoff.ts';
import { KeyedHeap } from './heap.ts';

/** A pod that waits for a node. */
export interface QueuedPod {
  readonly info: PodInfo;
  /** Failed attempts so far. */
  readonly attempts: number;
  /** When it was first seen, by the monotonic clock; the order among equal priorities. */
  readonly since: number;
  /** Position in the order of arrival, for equal times. */
  readonly sequence: number;
}

interface Waiting extends QueuedPod { readonly rejectedBy: ReadonlySet<PluginName>; readonly readyAt: number }
interface BackingOff extends QueuedPod { readonly readyAt: number }

/** A pod that nothing helped for so long is tried again: an event may have been missed. */
const MAX_UNSCHEDULABLE_MS = 5 * 60_000;

/**
 * The pods of one worker: what to try next, and when to try again what failed.
 *
 * ```
 * add --> active -- pop --> in flight -- (bound)  --> gone
 *           ^                  | rejected, event since the pop or error: after back-off
 *           |                  v
 *       back-off <--event-- unschedulable
 * ```
 */
export class SchedulingQueue {
  readonly #clock: Clock;
  readonly #onReady: () => void;
  readonly #helpedBy: ReadonlyMap<ClusterEvent, ReadonlySet<PluginName>>;
  readonly #active: KeyedHeap<QueuedPod>;
  readonly #backoff: KeyedHeap<BackingOff>;
  readonly #unschedulable = new Map<string, Waiting>();
  /** Pods being decided or bound, with the events since they were popped: one of them may be what the pod waits for. */
  readonly #inFlight = new Map<string, Set<ClusterEvent>>();
  #sequence = 0;
  #cancelTimer: (() => void) | undefined;
  #timerAt = Infinity;

  /** `onReady` is called when a pod becomes ready to pop. */
  constructor(options: { readonly clock: Clock; readonly plugins: readonly FilterPlugin[]; readonly onReady: () => void }) {
    this.#clock = options.clock;
    this.#onReady = options.onReady;
    this.#helpedBy = helpedBy(options.plugins);
    const keyOf = (pod: QueuedPod): string => pod.info.uid;
    this.#active = new KeyedHeap({ keyOf, isBefore: isUrgent });
    this.#backoff = new KeyedHeap<BackingOff>({ keyOf, isBefore: (a, b) => a.readyAt < b.readyAt });
  }

  /** Pods that {@link pop} would give now. */
  get ready(): number {
    return this.#active.size;
  }

  /** All pods that wait, ready or not. */
  get waiting(): number {
    return this.#active.size + this.#backoff.size + this.#unschedulable.size;
  }

  /** A pod that is new, or has changed so that it deserves another try at once. */
  add(info: PodInfo): void {
    const known = this.remove(info.uid);
    this.#activate({ attempts: 0, since: this.#clock.monotonic(), sequence: this.#sequence++, ...known, info });
  }

  /** Takes the new state of a waiting pod and leaves it where it waits. */
  refresh(info: PodInfo): void {
    const { uid } = info;
    const active = this.#active.get(uid);
    if (active) return this.#active.push({ ...active, info });
    const backingOff = this.#backoff.get(uid);
    if (backingOff) return this.#backoff.push({ ...backingOff, info });
    const unschedulable = this.#unschedulable.get(uid);
    if (unschedulable) this.#unschedulable.set(uid, { ...unschedulable, info });
  }

  has(uid: string): boolean {
    return this.#inFlight.has(uid) || this.#active.get(uid) !== undefined || this.#backoff.get(uid) !== undefined || this.#unschedulable.has(uid);
  }

  remove(uid: string): QueuedPod | undefined {
    this.#inFlight.delete(uid);
    const unschedulable = this.#unschedulable.get(uid);
    this.#unschedulable.delete(uid);
    const queued = this.#active.remove(uid) ?? this.#backoff.remove(uid) ?? unschedulable;
    return queued && { info: queued.info, attempts: queued.attempts, since: queued.since, sequence: queued.sequence };
  }

  /** The most urgent ready pod; it is in flight until {@link done}, {@link reject} or {@link retry}. */
  pop(): QueuedPod | undefined {
    const pod = this.#active.pop();
    if (pod) this.#inFlight.set(pod.info.uid, new Set());
    return pod;
  }

  done(uid: string): void {
    this.#inFlight.delete(uid);
  }

  /** No node fits: the pod waits for an event that could help one of the plugins that rejected it. */
  reject(pod: QueuedPod, rejectedBy: ReadonlySet<PluginName>): void {
    const events = this.#inFlight.get(pod.info.uid);
    // Deleted or bound by others meanwhile.
    if (events === undefined) return;
    this.#inFlight.delete(pod.info.uid);
    const failed = { ...pod, attempts: pod.attempts + 1 };
    const readyAt = this.#clock.monotonic() + backoffMs(failed.attempts);
    if ([...events].some((event) => this.#mayHelp(event, rejectedBy))) return this.#delay(failed, readyAt);
    this.#unschedulable.set(pod.info.uid, { ...failed, rejectedBy, readyAt });
    this.#wakeAt(this.#clock.monotonic() + MAX_UNSCHEDULABLE_MS);
  }

  /** The attempt failed for a reason that may pass: again after back-off. */
  retry(pod: QueuedPod): void {
    if (!this.#inFlight.delete(pod.info.uid)) return;
    const failed = { ...pod, attempts: pod.attempts + 1 };
    this.#delay(failed, this.#clock.monotonic() + backoffMs(failed.attempts));
  }

  /** Something changed in the cluster: pods that it may help are tried again, those that failed just now after their back-off. */
  onEvent(event: ClusterEvent): void {
    for (const events of this.#inFlight.values()) events.add(event);
    for (const [uid, pod] of this.#unschedulable) {
      if (!this.#mayHelp(event, pod.rejectedBy)) continue;
      this.#unschedulable.delete(uid);
      this.#delay(pod, pod.readyAt);
    }
  }

  stop(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #mayHelp(event: ClusterEvent, rejectedBy: ReadonlySet<PluginName>): boolean {
    // No plugin had a node to reject: whatever happens may bring one.
    if (rejectedBy.size === 0) return true;
    const helped = this.#helpedBy.get(event);
    return helped !== undefined && [...rejectedBy].some((plugin) => helped.has(plugin));
  }

  #activate(pod: QueuedPod): void {
    this.#active.push({ info: pod.info, attempts: pod.attempts, since: pod.since, sequence: pod.sequence });
    this.#onReady();
  }

  #delay(pod: QueuedPod, readyAt: number): void {
    if (readyAt <= this.#clock.monotonic()) return this.#activate(pod);
    this.#backoff.push({ ...pod, readyAt });
    this.#wakeAt(readyAt);
  }

  #wakeAt(at: number): void {
    if (at >= this.#timerAt) return;
    this.#cancelTimer?.();
    this.#timerAt = at;
    this.#cancelTimer = this.#clock.after(Math.max(0, at - this.#clock.monotonic()), () => this.#flush());
  }

  #flush(): void {
    this.#timerAt = Infinity;
    const now = this.#clock.monotonic();
    for (let next = this.#backoff.peek(); next && next.readyAt <= now; next = this.#backoff.peek()) this.#activate(this.#backoff.pop() as BackingOff);
    for (const [uid, pod] of this.#unschedulable) {
      if (expiryOf(pod) > now) continue;
      this.#unschedulable.delete(uid);
      this.#activate(pod);
    }
    const expiries = [...this.#unschedulable.values()].map(expiryOf);
    const next = expiries.reduce((a, b) => Math.min(a, b), this.#backoff.peek()?.readyAt ?? Infinity);
    if (next < Infinity) this.#wakeAt(next);
  }
}

const expiryOf = (pod: Waiting): number => pod.readyAt - backoffMs(pod.attempts) + MAX_UNSCHEDULABLE_MS;

const isUrgent = (a: QueuedPod, b: QueuedPod): boolean =>
  a.info.priority !== b.info.priority ? a.info.priority > b.info.priority : a.since !== b.since ? a.since < b.since : a.sequence < b.sequence;

function helpedBy(plugins: readonly FilterPlugin[]): ReadonlyMap<ClusterEvent, ReadonlySet<PluginName>> {
  const result = new Map<ClusterEvent, Set<PluginName>>();
  for (const { name, events } of plugins) for (const event of events) result.set(event, (result.get(event) ?? new Set()).add(name));
  return result;
}
