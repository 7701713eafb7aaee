import { NAMESPACES, NODE_RESTORES } from '#api/resources.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { STORE_ID_ANNOTATION } from '#api/headway/v1/types.ts';
import { isStatus } from '#api/status-error.ts';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import type { CheckpointStore } from './checkpoint-store.ts';

export interface StoreRecoveryOptions {
  readonly nodeName: string;
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly checkpoints: CheckpointStore;
  /** The pods that this node runs, with their statuses. */
  readonly pods: () => Promise<readonly Pod[]>;
  /** The store knows this node's pods now. */
  readonly onRestored: (storeId: string) => void;
  /** The store would not take a pod back. */
  readonly onRejected: (pod: string, reason: string) => void;
  readonly signal: AbortSignal;
}

const RETRY_MS = 250;

/**
 * Notices that the API's store is another than before, and tells it once what runs here (docs/design/0003-recovery.md).
 * Before anything is stopped because the API lacks it, `confirm` must have resolved.
 */
export class StoreRecovery {
  readonly #options: StoreRecoveryOptions;
  #confirming: Promise<void> | undefined;
  #storeId: string | undefined;

  constructor(options: StoreRecoveryOptions) {
    this.#options = options;
  }

  /** The store that this node last agreed with. */
  get storeId(): string | undefined {
    return this.#storeId;
  }

  /** Resolves when the store that the API has now knows this node's pods. Asks anew at each call; rejects when the agent ends. */
  confirm(): Promise<void> {
    this.#confirming ??= this.#untilConfirmed().finally(() => {
      this.#confirming = undefined;
    });
    return this.#confirming;
  }

  async #untilConfirmed(): Promise<void> {
    const { clock, log, signal } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      try {
        return await this.#once();
      } catch (thrown) {
        log.debug('store not confirmed yet', { error: asError(thrown) });
        await clock.sleep(RETRY_MS, signal);
      }
    }
  }

  async #once(): Promise<void> {
    const { client, checkpoints, signal } = this.#options;
    const namespace = await client.get(NAMESPACES, { name: 'kube-system' }, { signal });
    const storeId = namespace.metadata.annotations?.[STORE_ID_ANNOTATION];
    if (storeId === undefined) throw new Error('namespace kube-system has no store id yet');
    this.#storeId ??= await checkpoints.storeId();
    if (this.#storeId !== storeId) await this.#restore(storeId);
  }

  async #restore(storeId: string): Promise<void> {
    const { checkpoints, log, nodeName, onRestored } = this.#options;
    // A node that never worked with a store has nothing to give back.
    if (this.#storeId !== undefined) await this.#report(storeId);
    await checkpoints.saveStoreId(storeId);
    this.#storeId = storeId;
    log.info('working with store', { storeId, node: nodeName });
    onRestored(storeId);
  }

  async #report(storeId: string): Promise<void> {
    const { client, nodeName, log, onRejected, signal } = this.#options;
    const pods = await this.#options.pods();
    try {
      const answer = await client.create(NODE_RESTORES, {
        apiVersion: 'headway.dev/v1', kind: 'NodeRestore', metadata: { name: nodeName }, spec: { nodeName, storeID: storeId, pods },
      }, { signal });
      log.info('reported the running pods to a new store', { restored: answer.status?.restored.length ?? 0, rejected: answer.status?.rejected.length ?? 0 });
      for (const { pod, reason } of answer.status?.rejected ?? []) onRejected(pod, reason);
    } catch (thrown) {
      // The report was taken before; only its answer was lost.
      if (!isStatus(thrown, 'AlreadyExists', 'Conflict')) throw thrown;
    }
  }
}
