import { asError, HeadwayError } from '#base/errors.ts';
import { createLogger } from '#base/logger.ts';
import { keepCompiledCode } from '../compiled-code.ts';
import type { ChildMessage } from '../supervisor/messages.ts';
import type { ClusterOptions } from '../up-options.ts';
import { startControlPlane } from './control-plane.ts';

/** The control-plane process: everything but redis-server and what runs on nodes. Ends on SIGTERM. */
export async function runControlPlane(options: ClusterOptions): Promise<void> {
  keepCompiledCode();
  const log = createLogger({ level: options.logLevel });
  const report = (message: ChildMessage): void => {
    // The supervisor may be gone; the control plane then goes on without telling anyone.
    if (process.connected) process.send?.(message);
  };
  process.on('disconnect', () => log.warn('the supervisor is gone; going on alone'));
  process.on('unhandledRejection', (reason) => {
    log.error('unhandled rejection', { error: asError(reason) });
    process.exit(1);
  });
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopping.abort(new Error(signal)));
  try {
    const controlPlane = await startControlPlane({ options, log, report, signal: stopping.signal });
    await controlPlane.closed;
    process.exit(0);
  } catch (thrown) {
    const error = asError(thrown);
    if (stopping.signal.aborted) process.exit(0);
    log.error('the control plane cannot start', { error });
    report({ type: 'fatal', message: error instanceof HeadwayError ? error.message : (error.stack ?? error.message) });
    process.exit(1);
  }
}
