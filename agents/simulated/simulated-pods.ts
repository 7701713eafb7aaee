import type { Pod, PodStatus } from '#api/generated/core/v1.ts';
import { isPodTerminal } from '#api/pods.ts';
import { PODS } from '#api/resources.ts';
import { isOtherObject, isStatus } from '#api/status-error.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import type { InformerHandler } from '#client/informer.ts';
import { AddressPool } from './address-pool.ts';
import { deadlineOf, durationOf, isReported, overdueStatus, runningStatus, succeededStatus } from './pod-status.ts';

export interface SimulatedPodsOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  /** Address of a node of ours; undefined for any other node. */
  readonly hostIP: (nodeName: string) => string | undefined;
  /** From binding to Running, milliseconds. */
  readonly latencyMs: number;
}

interface Entry {
  pod: Pod;
  readonly podIP: string;
  readonly hostIP: string;
  isBusy: boolean;
  /** Cancels what is due later. */
  cancel: (() => void) | undefined;
}

/** Requests at once; more only lengthens the queue in the API server. */
const MAX_IN_FLIGHT = 64;
const RETRY_MS = 1_000;

/** Answers for the pods of all simulated nodes, as their kubelets would. One pod has one request on its way at a time. */
export class SimulatedPods implements InformerHandler<Pod> {
  readonly #options: SimulatedPodsOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #due = new Set<Entry>();
  readonly #addresses = new AddressPool();
  #inFlight = 0;
  #isStopped = false;

  constructor(options: SimulatedPodsOptions) {
    this.#options = options;
  }

  readonly onAdd = (pod: Pod): void => this.onUpdate(pod);

  readonly onUpdate = (pod: Pod): void => {
    const uid = pod.metadata.uid ?? '';
    const known = this.#entries.get(uid);
    if (known) {
      known.pod = pod;
      return this.#schedule(known);
    }
    const hostIP = this.#options.hostIP(pod.spec?.nodeName ?? '');
    if (hostIP === undefined) return;
    const entry: Entry = { pod, podIP: this.#addressOf(pod, hostIP), hostIP, isBusy: false, cancel: undefined };
    this.#entries.set(uid, entry);
    this.#schedule(entry);
  };

  readonly onDelete = (pod: Pod): void => {
    const entry = this.#entries.get(pod.metadata.uid ?? '');
    if (entry === undefined) return;
    entry.cancel?.();
    this.#due.delete(entry);
    this.#entries.delete(pod.metadata.uid ?? '');
    this.#addresses.release(entry.podIP);
  };

  stop(): void {
    this.#isStopped = true;
    for (const entry of this.#entries.values()) entry.cancel?.();
  }

  /** A pod that ran before this process keeps its address. */
  #addressOf(pod: Pod, hostIP: string): string {
    const present = pod.status?.podIP;
    if (!present || present === hostIP) return this.#addresses.take();
    this.#addresses.hold(present);
    return present;
  }

  #schedule(entry: Entry): void {
    entry.cancel?.();
    entry.cancel = undefined;
    const delayMs = this.#delayOf(entry.pod);
    if (delayMs === undefined) return;
    if (delayMs > 0) entry.cancel = this.#options.clock.after(delayMs, () => this.#enqueue(entry));
    else this.#enqueue(entry);
  }

  /** When the next request is due; undefined when nothing is left to report. */
  #delayOf(pod: Pod): number | undefined {
    if (pod.metadata.deletionTimestamp !== undefined) return 0;
    if (isPodTerminal(pod)) return undefined;
    if (pod.status?.phase !== 'Running') return this.#options.latencyMs;
    if (!isReported(pod)) return 0;
    const duration = Math.min(this.#duration(pod) ?? Infinity, deadlineOf(pod) ?? Infinity);
    return duration === Infinity ? undefined : Math.max(0, this.#startOf(pod) + duration - this.#options.clock.now());
  }

  #startOf(pod: Pod): number {
    return Date.parse(pod.status?.startTime ?? '') || this.#options.clock.now();
  }

  #duration(pod: Pod): number | undefined {
    try {
      return durationOf(pod);
    } catch (error) {
      this.#options.log.warn('a simulated pod runs for ever, as its duration cannot be read', { namespace: pod.metadata.namespace, name: pod.metadata.name, error });
      return undefined;
    }
  }

  #enqueue(entry: Entry): void {
    this.#due.add(entry);
    this.#pump();
  }

  #pump(): void {
    for (const entry of this.#due) {
      if (this.#inFlight >= MAX_IN_FLIGHT || this.#isStopped) return;
      if (entry.isBusy) continue;
      this.#due.delete(entry);
      void this.#run(entry);
    }
  }

  async #run(entry: Entry): Promise<void> {
    this.#inFlight += 1;
    entry.isBusy = true;
    try {
      await this.#act(entry);
    } catch (error) {
      const { namespace, name } = entry.pod.metadata;
      // Gone or replaced: the watch says so.
      if (!isStatus(error, 'NotFound', 'Conflict') && !isOtherObject(error)) {
        this.#options.log.warn('cannot report a simulated pod', { namespace, name, error });
        if (!this.#isStopped) entry.cancel = this.#options.clock.after(RETRY_MS, () => this.#enqueue(entry));
      }
    } finally {
      entry.isBusy = false;
      this.#inFlight -= 1;
      this.#pump();
    }
  }

  /** The containers of a simulated pod end the moment they are told to, so a pod that is being deleted is gone at once. */
  async #act({ pod, podIP, hostIP }: Entry): Promise<void> {
    const { client, clock } = this.#options;
    const { namespace, name = '', uid } = pod.metadata;
    const target = { namespace, name };
    const nowMs = clock.now();
    if (pod.metadata.deletionTimestamp !== undefined) {
      await client.delete(PODS, target, { gracePeriodSeconds: 0, preconditions: uid === undefined ? {} : { uid } });
      return;
    }
    const isRunning = pod.status?.phase === 'Running' && isReported(pod);
    const status = isRunning ? this.#endOf(pod, nowMs) : runningStatus(pod, { podIP, hostIP, nowMs });
    await client.patch(PODS, target, { type: 'strategic', body: { metadata: { uid }, status } }, { subresource: 'status' });
  }

  #endOf(pod: Pod, nowMs: number): PodStatus {
    return (deadlineOf(pod) ?? Infinity) < (this.#duration(pod) ?? Infinity) ? overdueStatus(pod, nowMs) : succeededStatus(pod, nowMs);
  }
}
