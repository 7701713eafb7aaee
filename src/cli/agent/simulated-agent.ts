import { type Clock, systemClock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import { startSimulatedNodes } from '#agents/simulated/simulated-nodes.ts';
import { connectToApi } from '../api-connection.ts';
import type { KubeconfigAccess } from '../kubeconfig.ts';
import type { RunningAgent } from './main.ts';

const RETRY_MS = 200;

export interface SimulatedAgentOptions {
  readonly count: number;
  /** They act as this one identity, which must be able to write nodes, leases and the status of pods: the administrator. */
  readonly access: KubeconfigAccess;
  readonly log: Logger;
  /** Called when all are registered. */
  readonly onRegistered?: () => void;
}

/** Nodes without containers. An API that is not there yet is waited for. */
export function startSimulatedAgent({ count, access, log, onRegistered }: SimulatedAgentOptions): RunningAgent {
  const stopping = new AbortController();
  const { client, close } = connectToApi(access.server, access.credentials, 'headway-simulated-agent');
  void register({ client, count, clock: systemClock, log }, stopping.signal).then(() => !stopping.signal.aborted && onRegistered?.());
  return {
    async close() {
      stopping.abort(new Error('the agent ends'));
      await close();
    },
    // There is nothing behind the pods of simulated nodes.
    stopPods: () => Promise.resolve(),
  };
}

async function register(options: { readonly client: Client; readonly count: number; readonly clock: Clock; readonly log: Logger }, signal: AbortSignal): Promise<void> {
  const { client, clock, log } = options;
  while (!signal.aborted) {
    try {
      return await startSimulatedNodes({ ...options, informers: createInformerFactory({ client, log, clock }) }, signal);
    } catch (error) {
      if (!signal.aborted) log.warn('the simulated nodes are not registered, trying again', { error });
      await clock.sleep(RETRY_MS, signal).catch(() => undefined);
    }
  }
}
