import { isStatus } from '#api/status-error.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import { bind } from './bind.ts';
import type { ClusterCache } from './cache/cluster-cache.ts';
import type { Evictor } from './evictor.ts';
import { describe, rejectingPlugins, type Diagnosis } from './framework/diagnosis.ts';
import type { ClusterEvent, Profile } from './framework/plugin.ts';
import type { PodInfo } from './framework/pod-info.ts';
import type { Nominations } from './nominations.ts';
import { preempt } from './plugins/default-preemption/default-preemption.ts';
import type { QueuedPod, SchedulingQueue } from './queue/scheduling-queue.ts';
import type { Reporter } from './reporter.ts';
import type { SchedulingAlgorithm } from './scheduling-algorithm.ts';

export interface AttemptOptions {
  readonly client: Client;
  readonly cache: ClusterCache;
  readonly algorithm: SchedulingAlgorithm;
  readonly profile: Profile;
  readonly random: () => number;
  readonly nominations: Nominations;
  readonly reporter: Reporter;
  readonly evictor: Evictor;
  readonly log: Logger;
  readonly onEvent: (event: ClusterEvent) => void;
}

/** One try to place one pod. The decision is made, and assumed, before {@link run} returns; the promise is for what the API has to be told. */
export class Attempts {
  readonly #options: AttemptOptions;

  constructor(options: AttemptOptions) {
    this.#options = options;
  }

  run(queued: QueuedPod, queue: SchedulingQueue): Promise<void> {
    const { cache, algorithm } = this.#options;
    const pod = queued.info;
    if (cache.isPlaced(pod.uid)) {
      queue.done(pod.uid);
      return Promise.resolve();
    }
    const decision = algorithm.decide({ pod, snapshot: cache });
    if (decision.type === 'reject') return this.#reject(queued, queue, decision.diagnosis);
    cache.assume(pod, decision.nodeName);
    return this.#bind(queued, queue, decision.nodeName);
  }

  async #bind(queued: QueuedPod, queue: SchedulingQueue, nodeName: string): Promise<void> {
    const { client, cache, nominations, reporter, log, onEvent } = this.#options;
    const pod = queued.info;
    try {
      await bind(client, pod, nodeName);
    } catch (thrown) {
      cache.forget(pod);
      onEvent('pod-delete');
      if (isStatus(thrown, 'NotFound')) return queue.done(pod.uid);
      queue.retry(queued);
      const error = asError(thrown);
      log.warn('cannot bind a pod', { pod: pod.key, node: nodeName, error });
      // A conflict means that another scheduler was first: the watch is about to say so.
      if (!isStatus(thrown, 'Conflict')) await reporter.failed(pod, `running Bind plugin "DefaultBinder": ${error.message}`);
      return;
    }
    queue.done(pod.uid);
    nominations.delete(pod.uid);
    reporter.scheduled(pod, nodeName);
  }

  async #reject(queued: QueuedPod, queue: SchedulingQueue, diagnosis: Diagnosis): Promise<void> {
    const { cache, profile, random, nominations, reporter, evictor } = this.#options;
    const pod = queued.info;
    const plan = preempt({ pod, snapshot: cache }, diagnosis, { filters: profile.filters, random });
    const rejectedBy = rejectingPlugins(diagnosis);
    if (plan.type === 'none') {
      if (plan.isTried) nominations.delete(pod.uid);
      queue.reject(queued, rejectedBy);
      return reporter.unschedulable(pod, describe(diagnosis, plan.message), plan.isTried ? '' : undefined);
    }
    // Promised before the first victim goes, so that no less important pod takes the room.
    nominations.set(pod, plan.nodeName);
    await reporter.unschedulable(pod, describe(diagnosis), plan.nodeName);
    await evictor.evict(plan.victims, pod, plan.nodeName);
    await this.#withdrawPromises(pod, plan.nodeName);
    queue.reject(queued, rejectedBy);
  }

  /** Less important pods that were promised the node may fit there no more: they look for another. */
  async #withdrawPromises(pod: PodInfo, nodeName: string): Promise<void> {
    const { nominations, reporter } = this.#options;
    const others = nominations.on(nodeName).filter((other) => other.priority < pod.priority);
    await Promise.all(others.map(async (other) => {
      nominations.delete(other.uid);
      await reporter.clearNomination(other);
    }));
  }
}
