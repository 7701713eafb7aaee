import { createLogger } from '#base/logger.ts';
import { keepCompiledCode } from '../compiled-code.ts';
import { localServer, readCredentials } from '../api-connection.ts';
import { endOnDefect, onStopSignal } from '../process-events.ts';
import type { ChildMessage, ParentMessage } from '../supervisor/messages.ts';
import type { ClusterOptions } from '../up-options.ts';

/** What the supervisor can ask of an agent process, real or simulated. */
export interface RunningAgent {
  /** Ends the agent; what it runs goes on. */
  close(): Promise<void>;
  /** Ends what it runs. */
  stopPods(): Promise<void>;
}

/** The node agent's process under `headway up`. SIGTERM ends it and leaves every container running. */
export async function runAgent(options: ClusterOptions): Promise<void> {
  keepCompiledCode();
  const log = createLogger({ level: options.logLevel });
  const report = (message: ChildMessage): void => {
    if (process.connected) process.send?.(message);
  };
  process.on('disconnect', () => log.warn('the supervisor is gone; going on alone'));
  endOnDefect(log);
  const agent = await (options.simulatedNodes > 0 ? simulated : real)();
  process.on('message', (message: ParentMessage) => {
    if (message.type !== 'stop-pods') return;
    agent.stopPods()
      .catch((error: unknown) => log.error('not all pods were stopped', { error }))
      .finally(() => report({ type: 'pods-stopped' }));
  });
  onStopSignal(log, () => agent.close());

  async function simulated(): Promise<RunningAgent> {
    const { startSimulatedAgent } = await import('./simulated-agent.ts');
    const access = { server: localServer(options), credentials: readCredentials(options.dataDir, 'admin') };
    return startSimulatedAgent({ count: options.simulatedNodes, access, log });
  }

  async function real(): Promise<RunningAgent> {
    const { startRealAgent } = await import('./real-agent.ts');
    return startRealAgent(options, log);
  }
}
