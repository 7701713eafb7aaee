import type { Pod, PodCondition } from '#api/generated/core/v1.ts';
import { PODS } from '#api/resources.ts';
import { isOtherObject, isStatus } from '#api/status-error.ts';
import { formatTime, type Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import type { EventRecorder } from '#controller/event-recorder.ts';
import type { PodInfo } from './framework/pod-info.ts';

export interface ReporterOptions {
  readonly client: Client;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What the note of an event may have, and what tells that it has had more. */
const MAX_NOTE = 1_024;
const CUT = ' ...';

/** Tells people and other programs what became of a pod: events, and the condition `PodScheduled`. */
export class Reporter {
  readonly #options: ReporterOptions;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  scheduled({ pod, key }: PodInfo, nodeName: string): void {
    this.#options.events.event(pod, { type: 'Normal', reason: 'Scheduled', action: 'Binding', message: `Successfully assigned ${key} to ${nodeName}` });
  }

  /** `nominatedNodeName`: the node that is being freed for the pod; empty when none is any more. */
  async unschedulable({ pod }: PodInfo, message: string, nominatedNodeName?: string): Promise<void> {
    this.#tellFailure(pod, message);
    await this.#report(pod, { reason: 'Unschedulable', message }, nominatedNodeName);
  }

  async failed({ pod }: PodInfo, message: string): Promise<void> {
    this.#tellFailure(pod, message);
    await this.#report(pod, { reason: 'SchedulerError', message });
  }

  async gated(pod: Pod): Promise<void> {
    await this.#report(pod, { reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' });
  }

  /** Takes back the promise of a node. */
  async clearNomination({ pod }: PodInfo): Promise<void> {
    if (pod.status?.nominatedNodeName) await this.patchStatus(pod, { nominatedNodeName: null });
  }

  #tellFailure(pod: Pod, message: string): void {
    const note = message.length <= MAX_NOTE ? message : `${message.slice(0, MAX_NOTE - CUT.length)}${CUT}`;
    this.#options.events.event(pod, { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', message: note });
  }

  /** Writes only what changes. A report that fails is logged: the next attempt makes another one. */
  async #report(pod: Pod, { reason, message }: { readonly reason: string; readonly message: string }, nominatedNodeName?: string): Promise<void> {
    const present = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    const isNominated = nominatedNodeName === undefined || (pod.status?.nominatedNodeName ?? '') === nominatedNodeName;
    if (isNominated && present?.status === 'False' && present.reason === reason && present.message === message) return;
    const lastTransitionTime = present?.status === 'False' && present.lastTransitionTime ? present.lastTransitionTime : formatTime(this.#options.clock.now());
    const condition: PodCondition = { type: 'PodScheduled', status: 'False', reason, message, lastTransitionTime };
    const status = { conditions: [condition], ...(nominatedNodeName === undefined ? {} : { nominatedNodeName: nominatedNodeName || null }) };
    await this.patchStatus(pod, status);
  }

  async patchStatus(pod: Pod, status: object): Promise<void> {
    const { namespace, name = '', uid } = pod.metadata;
    try {
      await this.#options.client.patch(PODS, { namespace, name }, { type: 'strategic', body: { metadata: { uid }, status } }, { subresource: 'status' });
    } catch (error) {
      if (!isStatus(error, 'NotFound') && !isOtherObject(error)) this.#options.log.warn('cannot report the status of a pod', { namespace, name, error });
    }
  }
}
