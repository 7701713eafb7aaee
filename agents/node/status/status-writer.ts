import { isDeepStrictEqual } from 'node:util';
import type { Pod, PodStatus } from '#api/generated/core/v1.ts';
import { PODS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';

const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 5000;

export interface StatusWriterOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Sends one pod's status: at once when nothing is on its way, else the newest when the answer came. Retries for as long as it takes. */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  #pod: Pod;
  #wanted: PodStatus | undefined;
  #sent: PodStatus | undefined;
  #running: Promise<void> | undefined;
  #isGone = false;
  /** Version of the object that the last write made; what a watch still tells of before is old. */
  #sentVersion = 0;

  constructor(pod: Pod, options: StatusWriterOptions) {
    this.#pod = pod;
    this.#options = options;
    this.#sent = pod.status;
  }

  write(pod: Pod, status: PodStatus): void {
    this.#pod = pod;
    if (isDeepStrictEqual(this.#wanted ?? this.#sent, status)) return;
    this.#wanted = status;
    this.#running ??= this.#send().finally(() => {
      this.#running = undefined;
    });
  }

  /** Sends `status` again when others have changed the pod's readiness since: the node controller, while this node was silent. */
  correct(pod: Pod, status: PodStatus): void {
    this.#pod = pod;
    if (this.#running || readiness(pod.status) === readiness(status) || Number(pod.metadata.resourceVersion) <= this.#sentVersion) return;
    this.#sent = pod.status;
    this.write(pod, status);
  }

  /** Resolves when all that was given is in the API, or the pod is not. */
  async flushed(): Promise<void> {
    while (this.#running) await this.#running;
  }

  /** Takes the pod object out of the API, if it is still this pod. */
  async remove(): Promise<void> {
    await this.flushed();
    const { metadata } = this.#pod;
    await this.#retry(() => this.#options.client.delete(PODS, { namespace: metadata.namespace, name: metadata.name }, {
      apiVersion: 'v1', kind: 'DeleteOptions', gracePeriodSeconds: 0, ...(metadata.uid === undefined ? {} : { preconditions: { uid: metadata.uid } }),
    }));
  }

  async #send(): Promise<void> {
    while (this.#wanted && !this.#isGone) {
      const status = this.#wanted;
      this.#wanted = undefined;
      const { metadata } = this.#pod;
      const body = { metadata: { uid: metadata.uid }, status: patchOf(this.#sent, status) };
      await this.#retry(async () => {
        const written = await this.#options.client.patch(PODS, { namespace: metadata.namespace, name: metadata.name }, { type: 'merge', body }, { subresource: 'status' });
        this.#sentVersion = Number(written.metadata.resourceVersion);
      });
      this.#sent = status;
    }
  }

  async #retry(call: () => Promise<unknown>): Promise<void> {
    const { clock, log, signal } = this.#options;
    for (let delay = RETRY_FIRST_MS; !signal.aborted; delay = Math.min(delay * 2, RETRY_MAX_MS)) {
      try {
        await call();
        return;
      } catch (thrown) {
        if (signal.aborted) return;
        if (isStatus(thrown, 'NotFound', 'Conflict', 'Invalid')) {
          this.#isGone ||= isStatus(thrown, 'NotFound');
          if (!isStatus(thrown, 'NotFound')) log.warn('API refused a pod status', { namespace: this.#pod.metadata.namespace, pod: this.#pod.metadata.name, error: thrown });
          return;
        }
        log.debug('pod status not written yet', { pod: this.#pod.metadata.name, error: asError(thrown) });
        await clock.sleep(delay, signal).catch(() => {});
      }
    }
  }
}

const readiness = (status: PodStatus | undefined): string | undefined => status?.conditions?.find((c) => c.type === 'Ready')?.status;

/** Lists whole, and null for what is gone: a merge patch that leaves fields of others alone. */
function patchOf(old: PodStatus | undefined, status: PodStatus): Record<string, unknown> {
  const removed = Object.keys(old ?? {}).filter((key) => status[key as keyof PodStatus] === undefined);
  return { ...status, ...Object.fromEntries(removed.map((key) => [key, null])) };
}
