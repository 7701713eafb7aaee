import type { Client } from '#client/client.ts';
import type { Informer, InformerFactory } from '#client/informer.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { KubeObject, NamespacedName } from '#api/object.ts';
import type { EventRecorder } from '#controller/event-recorder.ts';

/**
 * Brings one object (named by its key) to its desired state. Level-triggered: it reads the present state from listers,
 * may be called at any time and any number of times, and never twice at once for one key. A rejection is retried with back-off.
 */
export interface Reconciler {
  /**
   * Whether there is anything to do, by what the listers of the triggers' informers hold and by nothing else. Asked before a key is queued and again
   * before it is reconciled, so that what is as it should be, such as what the controller has just written, costs no job. Default: always.
   */
  isDue?(key: NamespacedName): boolean;
  reconcile(key: NamespacedName, context: ReconcileContext): Promise<ReconcileResult>;
}

export interface ReconcileContext {
  readonly signal: AbortSignal;
  readonly log: Logger;
}

export interface ReconcileResult {
  readonly requeueAfterMs?: number;
}

/** What a controller is built from; `client` acts under the controller's own service account. */
export interface ControllerDependencies {
  readonly client: Client;
  readonly informers: InformerFactory;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  /** Random lower-case letters and digits, as generated names use. */
  readonly randomSuffix: (length: number) => string;
}

/** One entry of src/controllers/registry.ts. */
export interface ControllerDefinition {
  /** `deployment-controller`: name of the queue, and of the service account in kube-system. */
  readonly name: string;
  /** Keys that run at once. */
  readonly concurrency: number;
  build(dependencies: ControllerDependencies): { readonly reconciler: Reconciler; readonly triggers: readonly Trigger[] };
}

/** Objects of the informer enqueue the keys that `keysOf` gives; on an update of both the old and the new object. */
export interface Trigger<T extends KubeObject = KubeObject> {
  readonly informer: Informer<T>;
  keysOf(object: T, old?: T): readonly NamespacedName[];
  /** Waited before the keys are looked at, for what is written in the same transaction to show in other informers. Default: nothing. */
  readonly delayMs?: number;
}
