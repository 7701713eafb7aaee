import type { Pod } from '#api/generated/core/v1.ts';
import { joinKey, keyOf, type KubeObject } from '#api/object.ts';
import { PODS } from '#api/resources.ts';
import { isNamespaceTerminating, isStatus } from '#api/status-error.ts';
import type { Client, New } from '#client/client.ts';
import type { Informer } from '#client/informer.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { Expectations } from './expectations.ts';

export interface OwnPodsOptions {
  readonly client: Client;
  readonly events: EventRecorder;
  readonly expectations: Expectations;
  readonly pods: Informer<Pod>;
}

/** Creates and deletes the pods of an owner, tells it in events, and expects what the informer does not show yet. */
export class OwnPods {
  readonly #options: OwnPodsOptions;

  /** Construct before triggers subscribe, so that an event lowers the expectation before it enqueues the owner. */
  constructor(options: OwnPodsOptions) {
    this.#options = options;
    const { pods, expectations } = options;
    pods.subscribe({
      onAdd: (pod) => this.#seen(pod),
      onUpdate: (pod) => this.#seen(pod),
      onDelete: (pod) => expectations.observe(deletion(pod)),
    });
  }

  async create(owner: KubeObject, pod: New<Pod>, signal: AbortSignal): Promise<void> {
    const { client, events, expectations } = this.#options;
    const token = `+${joinKey(pod.metadata.namespace, pod.metadata.name ?? '')}`;
    expectations.expect(keyOf(owner), token);
    try {
      await client.create(PODS, pod, { signal });
      events.event(owner, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}` });
    } catch (error) {
      expectations.observe(token);
      // Where the namespace goes away, nothing more is to be made: no failure.
      if (isNamespaceTerminating(error)) return;
      if (!signal.aborted) events.event(owner, { type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${(error as Error).message}` });
      throw error;
    }
  }

  async delete(owner: KubeObject, pod: Pod, signal: AbortSignal): Promise<void> {
    const { client, events, expectations } = this.#options;
    expectations.expect(keyOf(owner), deletion(pod));
    try {
      await client.delete(PODS, pod.metadata, { preconditions: { uid: pod.metadata.uid }, signal });
      events.event(owner, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${pod.metadata.name}` });
    } catch (error) {
      expectations.observe(deletion(pod));
      if (isStatus(error, 'NotFound')) return;
      const { message } = error as Error;
      if (!signal.aborted) events.event(owner, { type: 'Warning', reason: 'FailedDelete', message: `Error deleting: ${message}` });
      throw new Error(`unable to delete pods: ${message}`, { cause: error });
    }
  }

  #seen(pod: Pod): void {
    this.#options.expectations.observe(`+${keyOf(pod)}`);
    if (pod.metadata.deletionTimestamp !== undefined) this.#options.expectations.observe(deletion(pod));
  }
}

const deletion = (pod: Pod): string => `-${pod.metadata.uid}`;
