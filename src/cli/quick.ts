import { setDefaultCACertificates } from 'node:tls';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { INSTALLATION } from '#base/installation.ts';
import type { BlameFlags } from './blame.ts';
import type { DiffFlags } from './diff.ts';
import type { GetFlags } from './get.ts';
import type { LogFlags } from './log.ts';
import { LINES, readPlainLine, type PlainLine } from './plain-line.ts';
import { loadQuickProgram } from './quick-programs.ts';
import { report, watchOutput } from './report.ts';

interface Modules {
  readonly blame: typeof import('./blame.ts');
  readonly diff: typeof import('./diff.ts');
  readonly get: typeof import('./get.ts');
  readonly log: typeof import('./log.ts');
  readonly status: typeof import('./status.ts');
}
type Command = keyof Modules;

const RUN: { readonly [C in Command]: (module: Modules[C], line: PlainLine) => Promise<void> } = {
  blame: ({ blameObject }, { words: [object = ''], flags }) => blameObject(object, flags as unknown as BlameFlags),
  diff: ({ diffRevisions }, { words: [before = '', after = ''], flags }) => diffRevisions(before, after, flags as unknown as DiffFlags),
  get: ({ getObject }, { words: [object = ''], flags }) => getObject(object, flags as unknown as GetFlags),
  log: ({ logObject }, { words: [object = ''], flags }) => logObject(object, flags as unknown as LogFlags),
  status: ({ status }, { flags }) => status(flags['dataDir'] as string),
};

const isQuick = (command: string): command is Command => Object.hasOwn(RUN, command);

function run<C extends Command>(command: C, args: readonly string[]): Promise<void> | undefined {
  const line = readPlainLine(LINES[command], args);
  const module = line && (loadQuickProgram(command) as Modules[C] | undefined);
  return module && RUN[command](module, line);
}

setDefaultCACertificates([]);
const [command = '', ...args] = process.argv.slice(2);
const running = isQuick(command) ? run(command, args) : undefined;
if (running) {
  watchOutput();
  running.then(() => process.stdout.write('', () => process.exit()), report);
} else {
  void import(pathToFileURL(join(INSTALLATION, 'src/cli/main.ts')).href);
}
