import type { KubeObject } from '#api/object.ts';
import { isOtherObject, isStatus } from '#api/status-error.ts';
import type { QueueFactory, QueueJob, QueueResult } from '#queue/work-queue.ts';
import type { ControllerDefinition, ControllerDependencies, Reconciler, Trigger } from './reconciler.ts';

export interface RunningController {
  readonly name: string;
  /** Stops triggers, aborts and awaits the reconciles that run. */
  stop(): Promise<void>;
}

/**
 * Wires a controller: triggers enqueue keys, workers reconcile them. Informers are asked for in `build`, so start the
 * informer factory before or after; work begins when all of its informers are synced.
 */
export function startController(definition: ControllerDefinition, dependencies: ControllerDependencies, queues: QueueFactory): RunningController {
  const log = dependencies.log.child({ controller: definition.name });
  const { reconciler, triggers } = definition.build({ ...dependencies, log });
  const queue = queues.create(definition.name);
  let isStopped = false;
  const enqueue = (keys: Iterable<string>): void => {
    for (const key of isStopped ? [] : keys) if (queue.isWaiting(key) || isDue(reconciler, key)) queue.add(key).catch((error: unknown) => log.warn('a key was not enqueued', { error }));
  };
  const enqueueAfter = (delayMs: number) => (keys: Iterable<string>): void => void dependencies.clock.after(delayMs, () => enqueue(keys));
  const unsubscribe = triggers.map((trigger) => subscribe(trigger, trigger.delayMs === undefined ? enqueue : enqueueAfter(trigger.delayMs)));
  void dependencies.informers.synced().then(() => {
    if (!isStopped) queue.process((job) => reconcile(reconciler, job, log), { concurrency: definition.concurrency });
  });
  return {
    name: definition.name,
    async stop() {
      isStopped = true;
      for (const end of unsubscribe) end();
      await queue.close();
    },
  };
}

/** An informer's handler must not throw; what fails here fails in the job too, where it is told and tried again. */
function isDue(reconciler: Reconciler, key: string): boolean {
  try {
    return reconciler.isDue?.(key) ?? true;
  } catch {
    return true;
  }
}

function subscribe<T extends KubeObject>(trigger: Trigger<T>, enqueue: (keys: Iterable<string>) => void): () => void {
  return trigger.informer.subscribe({
    onAdd: (object) => enqueue(trigger.keysOf(object)),
    onUpdate: (object, old) => enqueue(new Set([...trigger.keysOf(object, old), ...trigger.keysOf(old, object)])),
    onDelete: (last) => enqueue(trigger.keysOf(last)),
  });
}

async function reconcile(reconciler: Reconciler, job: QueueJob, log: ControllerDependencies['log']): Promise<QueueResult> {
  if (!isDue(reconciler, job.key)) return {};
  try {
    return await reconciler.reconcile(job.key, { signal: job.signal, log });
  } catch (error) {
    // A lost race is no failure: the newer state is on its way, and the retry sees it.
    if (!job.signal.aborted && !isStatus(error, 'Conflict', 'AlreadyExists') && !isOtherObject(error)) log.warn('reconcile failed', { key: job.key, failures: job.failures + 1, error });
    throw error;
  }
}
