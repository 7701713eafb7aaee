import { PODS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import { formatTime } from '#base/clock.ts';
import type { PodInfo } from './framework/pod-info.ts';
import type { Reporter, ReporterOptions } from './reporter.ts';

export interface EvictorOptions extends ReporterOptions {
  readonly reporter: Reporter;
  readonly schedulerName: string;
}

/** Removes the victims of a preemption, each with the reason on it. */
export class Evictor {
  readonly #options: EvictorOptions;

  constructor(options: EvictorOptions) {
    this.#options = options;
  }

  async evict(victims: readonly PodInfo[], preemptor: PodInfo, nodeName: string): Promise<void> {
    await Promise.all(victims.filter((victim) => !victim.isTerminating).map((victim) => this.#evict(victim, preemptor, nodeName)));
  }

  async #evict({ pod, uid, key }: PodInfo, preemptor: PodInfo, nodeName: string): Promise<void> {
    const { client, clock, events, log, reporter, schedulerName } = this.#options;
    await reporter.patchStatus(pod, {
      conditions: [{
        type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler', lastTransitionTime: formatTime(clock.now()),
        message: `${schedulerName}: preempting to accommodate a higher priority pod`,
      }],
    });
    try {
      await client.delete(PODS, { namespace: pod.metadata.namespace, name: pod.metadata.name ?? '' }, { preconditions: { uid } });
    } catch (error) {
      // Gone already: what was wanted. Otherwise the preemptor finds the pod still there, and tries again.
      if (!isStatus(error, 'NotFound', 'Conflict')) log.warn('cannot preempt a pod', { pod: key, error });
      return;
    }
    events.event(pod, { type: 'Normal', reason: 'Preempted', action: 'Preempting', message: `Preempted by pod ${preemptor.uid} on node ${nodeName}` });
  }
}
