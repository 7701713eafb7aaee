import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';

/** A rejection that nobody waits for is a defect: the process ends, and whoever supervises it starts it anew. */
export function endOnDefect(log: Logger): void {
  process.on('unhandledRejection', (reason) => {
    log.error('unhandled rejection', { error: asError(reason) });
    process.exit(1);
  });
}

/** SIGTERM and Ctrl-C: closes what runs, and ends. A second Ctrl-C ends at once. */
export function onStopSignal(log: Logger, close: () => Promise<void>): void {
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) process.exit(130);
    isStopping = true;
    close().catch((error: unknown) => log.warn('not everything ended cleanly', { error })).finally(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
