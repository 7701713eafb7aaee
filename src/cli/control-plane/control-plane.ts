import { join } from 'node:path';
import { systemClock } from '#base/clock.ts';
import { instanceOf } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import type { ChildMessage } from '../supervisor/messages.ts';
import type { ClusterOptions } from '../up-options.ts';
import { type ApiPart, startApiPart } from './api-part.ts';
import { inProcessIdentities } from './identities.ts';
import type { PartContext } from './part-context.ts';
import { CLIENT_PARTS, START_PART } from './parts.ts';
import { createQueues } from './queues.ts';
import { reportStatus } from './status-reporter.ts';

export interface ControlPlaneOptions {
  readonly options: ClusterOptions;
  readonly log: Logger;
  readonly report: (message: ChildMessage) => void;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

export const redisSocketOf = (dataDir: string): string => join(instanceOf(dataDir).runDir, 'redis.sock');

/** Starts API server, controllers, scheduler and sync in this process; resolves when all of them work. */
export async function startControlPlane({ options, log, report, signal }: ControlPlaneOptions): Promise<{ readonly closed: Promise<void> }> {
  const context: PartContext = { options, log, signal, clock: systemClock, redisSocket: redisSocketOf(options.dataDir) };
  const api = await startApiPart(context, () => report({ type: 'pki-ready' }));
  report({ type: 'api-ready' });
  const stopParts = await startParts(context, api, report);
  const closed = (async () => {
    await aborted(signal);
    await stopParts();
    await api.close();
  })();
  return { closed };
}

async function startParts(context: PartContext, { api, pki }: ApiPart, report: ControlPlaneOptions['report']): Promise<() => Promise<void>> {
  const { log, clock, signal } = context;
  const identities = inProcessIdentities(api);
  const informers = createInformerFactory({ client: identities.controllerManager, log, clock });
  reportStatus({ informers, clock, report: (summary) => report({ type: 'status', summary }) });
  const recovery = api.recoveryState();
  if (recovery.recovering) {
    report({ type: 'recovering', waitingFor: recovery.waitingFor });
    log.info('the store is new, waiting for the nodes to report what runs on them', { nodes: recovery.waitingFor });
    await recovery.done();
  }
  const queues = createQueues(context);
  const tools = { ...context, identities, informers, queues, rootCa: pki.ca };
  informers.start(signal);
  const parts = await Promise.all(CLIENT_PARTS.map((part) => START_PART[part](tools)));
  return async () => {
    await Promise.all(parts.map((part) => part.stop()));
    await queues.close();
  };
}

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
