import type { KubeObject } from '#api/object.ts';
import { isStatus } from '#api/status-error.ts';
import type { QueueFactory, QueueJob, QueueResult, WorkQueue } from '#queue/work-queue.ts';
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
  const unsubscribe = triggers.map((trigger) => subscribe(trigger, queue, (error) => log.warn('a key was not enqueued', { error })));
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

function subscribe<T extends KubeObject>(trigger: Trigger<T>, queue: WorkQueue, onError: (error: unknown) => void): () => void {
  const enqueue = (keys: Iterable<string>): void => {
    for (const key of keys) queue.add(key).catch(onError);
  };
  return trigger.informer.subscribe({
    onAdd: (object) => enqueue(trigger.keysOf(object)),
    onUpdate: (object, old) => enqueue(new Set([...trigger.keysOf(object, old), ...trigger.keysOf(old, object)])),
    onDelete: (last) => enqueue(trigger.keysOf(last)),
  });
}

async function reconcile(reconciler: Reconciler, job: QueueJob, log: ControllerDependencies['log']): Promise<QueueResult> {
  try {
    return await reconciler.reconcile(job.key, { signal: job.signal, log });
  } catch (error) {
    // A lost race is no failure: the newer state is on its way, and the retry sees it.
    if (!job.signal.aborted && !isStatus(error, 'Conflict', 'AlreadyExists')) log.warn('reconcile failed', { key: job.key, failures: job.failures + 1, error });
    throw error;
  }
}
