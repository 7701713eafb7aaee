import type { Pod } from '#api/generated/core/v1.ts';
import { keyOf } from '#api/object.ts';
import { PODS } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import { asError } from '#base/errors.ts';
import type { Informer } from '#client/informer.ts';
import type { StoreRecovery } from '../checkpoint/store-recovery.ts';
import type { NodeContext } from './node-context.ts';
import { PodWorker } from './pod-worker.ts';

export interface PodManagerOptions {
  readonly context: NodeContext;
  /** Pods of this node. */
  readonly informer: Informer<Pod>;
  readonly recovery: () => StoreRecovery;
}

/** A pod whose object is gone without a graceful deletion was force-deleted: nobody waits for it. */
const FORCED_GRACE_S = 1;
const RETRY_MS = 500;
/** A runtime that is away this long does not hold up the report; what the checkpoints say is told then. */
const FIRST_LOOK_MS = 5000;

/** One worker for each pod UID of this node. The runtime is this installation's own, so every sandbox in it is a pod's. */
export class PodManager {
  readonly #options: PodManagerOptions;
  readonly #workers = new Map<string, PodWorker>();
  #unsubscribe: () => void = () => {};
  #isClosed = false;
  #isDraining = false;

  constructor(options: PodManagerOptions) {
    this.#options = options;
  }

  /** Takes up the pods that run already, then follows the API. Resolves when the checkpoints are taken up. */
  async start(): Promise<void> {
    const { context, informer } = this.#options;
    for (const pod of await context.checkpoints.pods()) this.#begin(pod);
    this.#unsubscribe = informer.subscribe({
      onAdd: (pod) => this.#onPod(pod),
      onUpdate: (pod) => this.#onPod(pod),
      onDelete: (pod) => void this.#onMissing(pod.metadata.uid ?? ''),
    });
    void this.#reconcileAfterSync();
  }

  pods(): readonly Pod[] {
    return [...this.#workers.values()].filter((w) => w.phase !== 'gone').map((w) => w.current);
  }

  /** Pods that still belong on this node, as the runtime has them now: what a store that lost them is told. */
  async reportable(): Promise<readonly Pod[]> {
    const workers = [...this.#workers.values()].filter((w) => w.phase === 'running' || w.phase === 'finished');
    const late = new AbortController();
    const { clock } = this.#options.context;
    await Promise.race([Promise.all(workers.map((w) => w.firstLook)), clock.sleep(FIRST_LOOK_MS, late.signal).catch(() => {})]).finally(() => late.abort());
    return workers.map((w) => w.current);
  }

  find(namespace: string, name: string, uid?: string): Pod | undefined {
    return this.pods().find((p) => p.metadata.namespace === namespace && p.metadata.name === name && (uid === undefined || uid === '' || p.metadata.uid === uid));
  }

  /** The runtime tells that a container ended; undefined: look at all. */
  onRuntimeChange(containerId: string | undefined): void {
    const workers = [...this.#workers.values()];
    if (containerId === undefined) return workers.forEach((worker) => worker.trigger());
    // One that ended within its start is not known to its worker yet: any may be the one.
    const owner = workers.find((w) => w.hasRuntimeId(containerId));
    for (const worker of owner ? [owner] : workers) worker.onEnded(containerId);
  }

  reject(podKey: string, reason: string): void {
    const worker = [...this.#workers.values()].find((w) => keyOf(w.pod) === podKey || w.uid === podKey);
    this.#options.context.log.warn('pod was not taken back by the store', { pod: podKey, reason });
    worker?.stop();
  }

  /**
   * Stops every pod, each within its own grace and at most `graceSeconds`; their objects stay in the API
   * as they are, and nothing is started any more. Resolves when none is left.
   */
  async stopPods(graceSeconds: number): Promise<void> {
    this.#isDraining = true;
    for (const worker of this.#workers.values()) {
      const own = worker.pod.spec.terminationGracePeriodSeconds ?? 30;
      worker.stop({ graceSeconds: Math.min(own, graceSeconds), keepsObject: true });
    }
    while (this.#workers.size > 0) await this.#options.context.clock.sleep(20);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#unsubscribe();
    await Promise.all([...this.#workers.values()].map((worker) => worker.close()));
  }

  #onPod(pod: Pod): void {
    const worker = this.#workers.get(pod.metadata.uid ?? '');
    if (worker) worker.update(pod);
    else if (!this.#isDraining) this.#begin(pod);
  }

  #begin(pod: Pod): void {
    const uid = pod.metadata.uid ?? '';
    const worker = new PodWorker(pod, this.#options.context, () => this.#workers.delete(uid));
    this.#workers.set(uid, worker);
    worker.trigger();
  }

  /** The API has no such pod: it was deleted for good, or the store lost it. Only the first may end it. */
  async #onMissing(uid: string): Promise<void> {
    const worker = this.#workers.get(uid);
    if (!worker) return;
    try {
      if (worker.phase === 'running' || worker.phase === 'finished') await this.#options.recovery().confirm();
      if (this.#isClosed || this.#options.informer.lister.get(keyOf(worker.pod))?.metadata.uid === uid) return;
      if (await this.#isGone(worker.pod)) worker.stop({ graceSeconds: Math.min(worker.pod.spec.terminationGracePeriodSeconds ?? 30, FORCED_GRACE_S) });
    } catch (thrown) {
      if (!this.#isClosed) this.#options.context.log.warn('missing pod not confirmed', { uid, error: asError(thrown) });
    }
  }

  /** Asks the API itself: an informer may be behind a store that has just taken the pod back. */
  async #isGone(pod: Pod): Promise<boolean> {
    const { client, clock, signal } = this.#options.context;
    for (;;) {
      try {
        const found = await client.get(PODS, { namespace: pod.metadata.namespace, name: pod.metadata.name }, { signal });
        return found.metadata.uid !== pod.metadata.uid;
      } catch (thrown) {
        if (isStatus(thrown, 'NotFound', 'Forbidden')) return true;
        await clock.sleep(RETRY_MS, signal);
      }
    }
  }

  /** What ended while this agent was away: pods that the API no longer has, sandboxes that no pod has. */
  async #reconcileAfterSync(): Promise<void> {
    const { informer, recovery, context } = this.#options;
    try {
      await informer.synced();
      await recovery().confirm();
      const known = new Set(informer.lister.list().map((p) => p.metadata.uid));
      await Promise.all([...this.#workers.keys()].filter((uid) => !known.has(uid)).map((uid) => this.#onMissing(uid)));
      await this.#removeOrphans();
    } catch (thrown) {
      if (!this.#isClosed) context.log.warn('start-up comparison failed', { error: asError(thrown) });
    }
  }

  async #removeOrphans(): Promise<void> {
    const { runtime, log } = this.#options.context;
    for (const sandbox of await runtime.listSandboxes()) {
      if (this.#workers.has(sandbox.podUid)) continue;
      log.info('removing an orphaned sandbox', { pod: sandbox.podName, namespace: sandbox.podNamespace, uid: sandbox.podUid });
      await runtime.stopSandbox(sandbox.id);
      await runtime.removeSandbox(sandbox.id);
    }
  }
}
