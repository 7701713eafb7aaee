#!/usr/bin/env node
import { report, watchOutput } from './report.ts';

/** What the first word asks for is all that is loaded: the programs of `up`, and the commands that people wait for, must start fast. */
async function run([command, ...rest]: readonly string[]): Promise<void> {
  if (command === 'internal') return (await import('./internal.ts')).runInternal(rest);
  await (await import('./program.ts')).buildProgram().parseAsync();
}

watchOutput();
run(process.argv.slice(2)).catch(report);
