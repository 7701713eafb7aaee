import { join } from 'node:path';
import type { ApiServer } from '#apiserver/api-server.ts';
import type { Pki } from '#apiserver/pki/pki.ts';
import type { Clock } from '#base/clock.ts';
import type { Instance } from '#base/instance.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import { createEventRecorder } from '#controller/create-event-recorder.ts';
import { startControllers } from '#controller/start-controllers.ts';
import { createControllers } from '#controllers/registry.ts';
import { createBullQueueFactory } from '#queue/bullmq/queue-factory.ts';
import { createScheduler } from '#scheduler/scheduler.ts';
import { ensureRootApplication } from '#sync/bootstrap.ts';
import { createSyncEngine } from '#sync/sync-engine.ts';
import { type ControlPlaneContext, redisSocket } from './context.ts';
import { createIdentities } from './identities.ts';
import { randomSuffix } from './random-suffix.ts';
import { reportStatus } from './status-reporter.ts';

export interface PartsContext extends ControlPlaneContext {
  readonly api: ApiServer;
  readonly pki: Pki;
  readonly instance: Instance;
  readonly clock: Clock;
}

/** Starts what works through the API: controllers, scheduler and sync. Resolves when they do; `stop` after the signal. */
export async function startParts({ options, log, report, signal, api, pki, instance, clock }: PartsContext): Promise<{ stop(): Promise<void> }> {
  const identities = createIdentities(api);
  const informers = createInformerFactory({ client: identities.controllerManager, log, clock });
  reportStatus({ informers, clock, report: (summary) => report({ type: 'status', summary }) });
  const recovery = api.recoveryState();
  if (recovery.recovering) {
    report({ type: 'recovering', waitingFor: recovery.waitingFor });
    log.info('the store is new, waiting for the nodes to report what runs on them', { nodes: recovery.waitingFor });
    await recovery.done();
  }
  const queues = createBullQueueFactory({ socketPath: redisSocket(instance), prefix: '{headway}:queue', log });
  const running = startControllers({ definitions: createControllers({ rootCa: pki.ca }), clientOf: identities.controller, informers, queues, clock, log, randomSuffix });
  const events = (component: string, client = identities.scheduler) => createEventRecorder({ client, component, clock, log });
  const scheduler = createScheduler({ client: identities.scheduler, informers, queues, clock, log, events: events('default-scheduler'), random: Math.random });
  const sync = createSyncEngine({ client: identities.sync, queues, clock, log, events: events('headway-sync', identities.sync), cacheDir: join(options.dataDir, 'control-plane', 'repositories') });
  informers.start(signal);
  if (options.repository) await ensureRootApplication(identities.sync, options.repository, { signal });
  await Promise.all([scheduler.start(signal), sync.start(signal)]);
  return {
    async stop() {
      await Promise.all([running.stop(), scheduler.close(), sync.stopped()]);
      await queues.close();
    },
  };
}
