import { asError } from '#base/errors.ts';
import { createLogger } from '#base/logger.ts';
import { keepCompiledCode } from '../compiled-code.ts';
import type { ChildMessage, ParentMessage } from '../supervisor/messages.ts';
import type { ClusterOptions } from '../up-options.ts';

/** What the supervisor can ask of an agent process, real or simulated. */
export interface RunningAgent {
  /** Ends the agent; what it runs goes on. */
  close(): Promise<void>;
  /** Ends what it runs. */
  stopPods(): Promise<void>;
}

/** The node agent's process. SIGTERM ends it and leaves every container running. */
export async function runAgent(options: ClusterOptions): Promise<void> {
  keepCompiledCode();
  const log = createLogger({ level: options.logLevel });
  const report = (message: ChildMessage): void => {
    if (process.connected) process.send?.(message);
  };
  process.on('disconnect', () => log.warn('the supervisor is gone; going on alone'));
  process.on('unhandledRejection', (reason) => {
    log.error('unhandled rejection', { error: asError(reason) });
    process.exit(1);
  });
  const { startRealAgent, startSimulatedAgent } = options.simulatedNodes > 0
    ? { startRealAgent: undefined, ...(await import('./simulated-agent.ts')) }
    : { startSimulatedAgent: undefined, ...(await import('./real-agent.ts')) };
  const agent: RunningAgent = startSimulatedAgent ? await startSimulatedAgent(options, log) : await startRealAgent(options, log);
  process.on('message', (message: ParentMessage) => {
    if (message.type !== 'stop-pods') return;
    agent.stopPods()
      .catch((error: unknown) => log.error('not all pods were stopped', { error }))
      .finally(() => report({ type: 'pods-stopped' }));
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void agent.close().catch((error: unknown) => log.warn('the agent did not end cleanly', { error })).finally(() => process.exit(0)));
  }
}
