import { systemClock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import { startSimulatedNodes } from '#agents/simulated/simulated-nodes.ts';
import type { ClusterOptions } from '../up-options.ts';
import type { RunningAgent } from './main.ts';
import { connectToApi, readNodeCredentials } from './node-client.ts';

const RETRY_MS = 200;

/** Nodes without containers. They act as the administrator: one identity for all of them. */
export async function startSimulatedAgent(options: ClusterOptions, log: Logger): Promise<RunningAgent> {
  const stopping = new AbortController();
  const clock = systemClock;
  const { client, close } = connectToApi(options, readNodeCredentials(options, 'admin'), 'headway-simulated-agent');
  void (async () => {
    while (!stopping.signal.aborted) {
      try {
        const informers = createInformerFactory({ client, log, clock });
        return await startSimulatedNodes({ client, informers, count: options.simulatedNodes, clock, log }, stopping.signal);
      } catch (error) {
        log.warn('the simulated nodes are not registered, trying again', { error });
        await clock.sleep(RETRY_MS, stopping.signal).catch(() => undefined);
      }
    }
  })();
  return {
    async close() {
      stopping.abort(new Error('the agent ends'));
      await close();
    },
    // There is nothing behind the pods of simulated nodes.
    stopPods: () => Promise.resolve(),
  };
}
