import type { Event, Pod } from '#api/generated/core/v1.ts';
import { EVENTS } from '#api/resources.ts';
import type { KubeObject } from '#api/object.ts';
import { formatTime, type Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';

export interface EventRecorderOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly nodeName: string;
}

export interface NewEvent {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** `spec.containers{web}` */
  readonly fieldPath?: string;
}

/** Repeats are counted on one Event for this long. */
const SAME_EVENT_MS = 10 * 60_000;
const MAX_REMEMBERED = 1000;

interface Known {
  readonly name: string;
  readonly firstAt: number;
  count: number;
}

/** Records what happens to pods and to the node as Events. Best effort: nothing waits for them, and a failure is only logged. */
export class NodeEventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #known = new Map<string, Known>();
  #sequence = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  event(regarding: KubeObject, event: NewEvent): void {
    const now = this.#options.clock.now();
    const key = JSON.stringify([regarding.metadata.uid, event]);
    const known = this.#known.get(key);
    if (known && now - known.firstAt < SAME_EVENT_MS) this.#repeat(regarding, known, now);
    else this.#create(regarding, event, key, now);
  }

  #create(regarding: KubeObject, event: NewEvent, key: string, now: number): void {
    const { nodeName } = this.#options;
    const namespace = regarding.metadata.namespace ?? 'default';
    const name = `${regarding.metadata.name}.${now.toString(16)}${(this.#sequence++).toString(16)}`;
    if (this.#known.size > MAX_REMEMBERED) this.#known.clear();
    this.#known.set(key, { name, firstAt: now, count: 1 });
    const time = formatTime(now);
    const object: Event = {
      apiVersion: 'v1', kind: 'Event', metadata: { name, namespace },
      involvedObject: {
        apiVersion: regarding.apiVersion, kind: regarding.kind, name: regarding.metadata.name, namespace: regarding.metadata.namespace ?? '',
        uid: regarding.metadata.uid, resourceVersion: regarding.metadata.resourceVersion, fieldPath: event.fieldPath,
      },
      type: event.type, reason: event.reason, message: event.message, count: 1, firstTimestamp: time, lastTimestamp: time,
      // The name that clients look for.
      source: { component: 'kubelet', host: nodeName }, reportingComponent: 'kubelet', reportingInstance: nodeName,
    };
    this.#send(this.#options.client.create(EVENTS, object), event.reason);
  }

  #repeat(regarding: KubeObject, known: Known, now: number): void {
    known.count++;
    const target = { namespace: regarding.metadata.namespace ?? 'default', name: known.name };
    this.#send(this.#options.client.patch(EVENTS, target, { type: 'merge', body: { count: known.count, lastTimestamp: formatTime(now) } }), 'repeat');
  }

  #send(call: Promise<unknown>, reason: string): void {
    call.catch((thrown: unknown) => this.#options.log.debug('event not recorded', { reason, error: asError(thrown) }));
  }
}

/** Events of one pod. */
export interface PodEvents {
  (type: 'Normal' | 'Warning', reason: string, message: string, container?: string): void;
}

export const podEvents = (recorder: NodeEventRecorder, pod: () => Pod): PodEvents => (type, reason, message, container) => {
  const list = pod().spec.initContainers?.some((c) => c.name === container) ? 'initContainers' : 'containers';
  recorder.event(pod(), { type, reason, message, ...(container === undefined ? {} : { fieldPath: `spec.${list}{${container}}` }) });
};
