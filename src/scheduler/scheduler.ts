import { jsonEqual } from '#api/json.ts';
import { NAMESPACES, NODES, PODS } from '#api/resources.ts';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import type { InformerFactory } from '#client/informer.ts';
import type { EventRecorder } from '#controller/event-recorder.ts';
import type { QueueFactory } from '#queue/work-queue.ts';
import { Attempts } from './attempts.ts';
import { ClusterCache } from './cache/cluster-cache.ts';
import { DEFAULT_PROFILE } from './default-profile.ts';
import { Evictor } from './evictor.ts';
import type { ClusterEvent } from './framework/plugin.ts';
import { InformerFacts } from './informer-facts.ts';
import { nodeIntake } from './node-intake.ts';
import { Nominations } from './nominations.ts';
import { PodIntake } from './pod-intake.ts';
import type { SchedulingQueue } from './queue/scheduling-queue.ts';
import { Reporter } from './reporter.ts';
import { SchedulingAlgorithm } from './scheduling-algorithm.ts';
import { ShardWorker } from './shard-worker.ts';

export interface SchedulerOptions {
  readonly client: Client;
  /** Started by the caller, after {@link createScheduler}. */
  readonly informers: InformerFactory;
  readonly queues: QueueFactory;
  readonly clock: Clock;
  readonly log: Logger;
  readonly events: EventRecorder;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  /** Which pods it takes by `spec.schedulerName`, an absent one included. Default `default-scheduler`. */
  readonly schedulerName?: string;
  /**
   * Parts that the pods are divided into; each is scheduled by one process at a time. Default 1: one process schedules, the others
   * take over when it ends. With more, processes share the work, and two may fill one node in the same moment.
   */
  readonly shards?: number;
}

export interface Scheduler {
  /** Resolves when the informers have synced and scheduling has begun; ends with the signal. */
  start(signal: AbortSignal): Promise<void>;
  /** Waits for what is on its way, and leaves the work queue. */
  close(): Promise<void>;
}

/** Gives each pending pod a node. Why it works the way it does: docs/design/0004-scheduler.md. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { informers, clock, log, random, schedulerName = 'default-scheduler' } = options;
  const facts = new InformerFacts(informers);
  const cache = new ClusterCache(facts);
  const nominations = new Nominations();
  const profile = DEFAULT_PROFILE;
  const reporter = new Reporter(options);
  const algorithm = new SchedulingAlgorithm({ profile, random, nominated: nominations.on });
  const onEvent = (event: ClusterEvent): void => shards.forEach(({ queue }) => queue.onEvent(event));
  const evictor = new Evictor({ ...options, reporter, schedulerName });
  const attempts = new Attempts({ ...options, cache, algorithm, profile, nominations, reporter, evictor, onEvent });

  const workQueue = options.queues.create('scheduler');
  const shards = Array.from({ length: options.shards ?? 1 }, (_, index) => {
    const key = `shard-${index}`;
    return new ShardWorker({ key, workQueue, clock, log, plugins: profile.filters, run: (pod, queue) => attempts.run(pod, queue) });
  });
  const queueOf = (uid: string): SchedulingQueue => (shards[shardOf(uid, shards.length)] as ShardWorker).queue;

  const nodes = informers.informer(NODES);
  const pods = informers.informer(PODS);
  nodes.subscribe(nodeIntake({ cache, onEvent }));
  pods.subscribe(new PodIntake({ schedulerName, cache, nominations, queueOf, onEvent, onGated: (pod) => void reporter.gated(pod) }));
  informers.informer(NAMESPACES).subscribe({
    onUpdate(namespace, old) {
      if (jsonEqual(namespace.metadata.labels, old.metadata.labels)) return;
      cache.namespacesChanged();
      onEvent('namespace-labels');
    },
  });

  const close = async (): Promise<void> => {
    for (const shard of shards) shard.stop();
    await workQueue.close();
  };
  return {
    async start(signal) {
      await Promise.all([nodes, pods, ...facts.informers].map((informer) => informer.synced()));
      signal.throwIfAborted();
      workQueue.process(
        async (job) => {
          const shard = shards[Number(job.key.slice('shard-'.length))];
          // A process that was started with more shards left the key behind: its pods are in the shards that there are.
          await shard?.drain(AbortSignal.any([signal, job.signal]));
          return {};
        },
        { concurrency: shards.length },
      );
    },
    close,
  };
}

/** Stable over processes. UIDs are random, so their last digits spread evenly. */
const shardOf = (uid: string, shards: number): number => (shards === 1 ? 0 : Number.parseInt(uid.slice(-6), 16) % shards || 0);
