import { createBullQueueFactory } from '#queue/bullmq/queue-factory.ts';
import type { QueueFactory } from '#queue/work-queue.ts';
import type { PartContext } from './part-context.ts';

export const createQueues = ({ redisSocket, log }: Pick<PartContext, 'redisSocket' | 'log'>): QueueFactory =>
  createBullQueueFactory({ socketPath: redisSocket, prefix: '{headway}:queue', log });
