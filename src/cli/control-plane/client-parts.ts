import { createInformerFactory } from '#client/informer-factory.ts';
import type { ChildMessage } from '../supervisor/messages.ts';
import type { ApiPart } from './api-part.ts';
import { inProcessIdentities } from './identities.ts';
import type { PartContext } from './part-context.ts';
import { CLIENT_PARTS, START_PART } from './parts.ts';
import { createQueues } from './queues.ts';
import { reportStatus } from './status-reporter.ts';

/** Starts all that works through the API server of the same process, when no node is waited for any more. The result ends it, after the signal. */
export async function startClientParts(context: PartContext, { api, pki }: ApiPart, report: (message: ChildMessage) => void): Promise<() => Promise<void>> {
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
