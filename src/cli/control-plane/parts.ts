import { join } from 'node:path';
import type { InformerFactory } from '#client/informer.ts';
import { createEventRecorder } from '#controller/create-event-recorder.ts';
import { startControllers } from '#controller/start-controllers.ts';
import { createControllers } from '#controllers/registry.ts';
import type { QueueFactory } from '#queue/work-queue.ts';
import { createScheduler } from '#scheduler/scheduler.ts';
import { dieAt } from '#sync/application/fault-points.ts';
import { ensureRootApplication } from '#sync/bootstrap.ts';
import { createSyncEngine } from '#sync/sync-engine.ts';
import type { Identities } from './identities.ts';
import type { PartContext } from './part-context.ts';
import { randomSuffix } from './random-suffix.ts';

/** What the parts that are clients of the API work with; the caller starts the informers. */
export interface PartTools extends PartContext {
  readonly identities: Identities;
  readonly informers: InformerFactory;
  readonly queues: QueueFactory;
  /** PEM of the API server's authority, which every namespace is given. */
  readonly rootCa: string;
}

export interface RunningPart {
  stop(): Promise<void>;
}

/** The parts of the control plane beside the API server. */
export const CLIENT_PARTS = ['controllers', 'scheduler', 'sync'] as const;
export type ClientPart = (typeof CLIENT_PARTS)[number];

/** Each resolves when its part works. */
export const START_PART: Readonly<Record<ClientPart, (tools: PartTools) => Promise<RunningPart>>> = {
  async controllers({ identities, informers, queues, clock, log, rootCa }) {
    return startControllers({ definitions: createControllers({ rootCa }), clientOf: identities.controller, informers, queues, clock, log, randomSuffix });
  },
  async scheduler({ identities, informers, queues, clock, log, signal }) {
    const client = identities.scheduler;
    const events = createEventRecorder({ client, component: 'default-scheduler', clock, log });
    const scheduler = createScheduler({ client, informers, queues, clock, log, events, random: Math.random });
    await scheduler.start(signal);
    return { stop: () => scheduler.close() };
  },
  async sync({ options, identities, queues, clock, log, metrics, signal }) {
    const client = identities.sync;
    const events = createEventRecorder({ client, component: 'headway-sync', clock, log });
    const fault = process.env['HEADWAY_SYNC_FAULT'];
    const engine = createSyncEngine({ client, queues, clock, log, events, randomSuffix, ...(fault ? { faults: dieAt(fault) } : {}), cacheDir: join(options.dataDir, 'control-plane', 'repositories'), renderDir: join(options.dataDir, 'control-plane', 'render'), webhooks: options.webhooks });
    if (options.repository) await ensureRootApplication(client, options.repository, { signal });
    metrics.push((out) => engine.writeMetrics(out));
    await engine.start(signal);
    return { stop: () => engine.stopped() };
  },
};
