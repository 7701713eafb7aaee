import { createBullQueueFactory } from '#queue/bullmq/queue-factory.ts';
import type { QueueFactory } from '#queue/work-queue.ts';
import type { PartContext } from './part-context.ts';

export const createQueues = ({ redis: { socketPath, url }, log }: Pick<PartContext, 'redis' | 'log'>): QueueFactory =>
  createBullQueueFactory({ ...(url === undefined ? { socketPath: socketPath ?? '' } : { url }), prefix: '{headway}:queue', log });
