import { join } from 'node:path';
import { systemClock } from '#base/clock.ts';
import { instanceOf } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import type { ChildMessage } from '../supervisor/messages.ts';
import type { ClusterOptions } from '../up-options.ts';
import { startApiPart } from './api-part.ts';
import type { PartContext } from './part-context.ts';

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
  const context: PartContext = { options, log, signal, clock: systemClock, metrics: [], redis: { socketPath: redisSocketOf(options.dataDir) } };
  const api = await startApiPart(context, () => report({ type: 'pki-ready' }));
  report({ type: 'api-ready' });
  // Loaded only now: clients and agents need not wait for the code of the controllers.
  const { startClientParts } = await import('./client-parts.ts');
  const stopParts = await startClientParts(context, api, report);
  const closed = (async () => {
    await aborted(signal);
    await stopParts();
    await api.close();
  })();
  return { closed };
}

export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve(), { once: true })));
