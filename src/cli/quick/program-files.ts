import { readFileSync, statSync, writeFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { INSTALLATION } from '#base/installation.ts';
import type { QuickProgram } from './quick-program.ts';

/** Where the set-up joins each command that people wait for to one file. */
const DIRECTORY = join(INSTALLATION, 'build/quick');

const filesOf = (command: string) => ({
  program: join(DIRECTORY, `${command}.cjs`),
  /** V8's code of all functions of the program. */
  code: join(DIRECTORY, `${command}.code`),
  /** What the program was made of, one path of the installation a line. */
  inputs: join(DIRECTORY, `${command}.inputs`),
});

/** What starts the others, and is as old as they are. */
const STARTER = 'start';

/** Undefined when it has not been built, or something that it was made of is newer. */
export function loadQuickProgram(command: string): QuickProgram | undefined {
  if (![STARTER, command].every(isCurrent)) return undefined;
  const { program, code } = filesOf(command);
  const module = { exports: {} };
  // V8 leaves code aside that another version of it has made.
  scriptOf(program, { cachedData: readFileSync(code) }).runInThisContext()(module.exports, createRequire(program), module, program, DIRECTORY);
  return module.exports as QuickProgram;
}

function isCurrent(command: string): boolean {
  const { program, inputs } = filesOf(command);
  const builtAt = changedAt(program) ?? 0;
  return read(inputs)?.split('\n').every((path) => (changedAt(join(INSTALLATION, path)) ?? Infinity) <= builtAt) ?? false;
}

const changedAt = (path: string): number | undefined => statSync(path, { throwIfNoEntry: false })?.mtimeMs;
const read = (path: string): string | undefined => (changedAt(path) === undefined ? undefined : readFileSync(path, 'utf8'));

/** What esbuild writes is ASCII, which is quicker read as such. */
const scriptOf = (program: string, options: { readonly cachedData?: Buffer } = {}): Script => new Script(Module.wrap(readFileSync(program, 'latin1')), { filename: program, ...options });

/** What esbuild says of the programs that it made. */
interface Metafile {
  readonly outputs: Readonly<Record<string, { readonly inputs: Readonly<Record<string, unknown>> }>>;
}

/**
 * Compiles all functions of the quick programs. Node's own cache has only those that run while a module is loaded, so that a command compiles
 * every other one that it needs again each time: a fifth of its time.
 */
export function compileQuickPrograms(): void {
  const metafile = read(join(DIRECTORY, 'meta.json'));
  const { outputs } = JSON.parse(metafile ?? '{"outputs":{}}') as Metafile;
  for (const [output, { inputs }] of Object.entries(outputs)) {
    const files = filesOf(basename(output, '.cjs'));
    writeFileSync(files.code, codeOf(files.program));
    // Packages change with their lock file.
    writeFileSync(files.inputs, [...Object.keys(inputs).filter((path) => !path.includes('node_modules/')), 'package-lock.json'].join('\n'));
  }
}

function codeOf(program: string): Buffer {
  setFlagsFromString('--no-lazy');
  const script = scriptOf(program);
  // V8 takes code only from a process with its own flags.
  setFlagsFromString('--lazy');
  return script.createCachedData();
}
