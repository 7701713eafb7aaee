import { asError, HeadwayError } from '#base/errors.ts';

/** Ends the process with what went wrong. */
export function report(thrown: unknown): never {
  const error = asError(thrown);
  // Errors of our own say what to do; anything else is a defect, so its stack is worth more.
  process.stderr.write(`headway: ${error instanceof HeadwayError ? error.message : error.stack}\n`);
  process.exit(1);
}

/** `headway status | head`: whoever reads may stop reading. */
export function watchOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? process.exit(0) : report(error)));
}
