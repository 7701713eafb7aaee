#!/usr/bin/env node
import { asError, HeadwayError } from '#base/errors.ts';

/** What the first word asks for is all that is loaded: the programs of `up`, and the commands that people wait for, must start fast. */
async function run([command, ...rest]: readonly string[]): Promise<void> {
  if (command === 'internal') return (await import('./internal.ts')).runInternal(rest);
  const blame = command === 'blame' ? (await import('./blame-line.ts')).readBlameLine(rest) : undefined;
  if (blame) return (await import('./blame.ts')).blameObject(blame.object, blame.flags);
  await (await import('./program.ts')).buildProgram().parseAsync();
}

function report(thrown: unknown): never {
  const error = asError(thrown);
  // Errors of our own say what to do; anything else is a defect, so its stack is worth more.
  process.stderr.write(`headway: ${error instanceof HeadwayError ? error.message : error.stack}\n`);
  process.exit(1);
}

// `headway status | head`: whoever reads may stop reading.
process.stdout.on('error', (error: NodeJS.ErrnoException) => (error.code === 'EPIPE' ? process.exit(0) : report(error)));
run(process.argv.slice(2)).catch(report);
