import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { exec, type ExecResult } from '#test/support/headway.ts';
import { waitFor } from '#test/support/wait.ts';

export interface RunOptions {
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What a command prints: the whole of it without the last line's end, a part of it, or several parts. */
export type Expected = string | RegExp | readonly RegExp[];
export type Row = readonly [command: string, expected: Expected, options?: RunOptions & { readonly fails?: boolean; readonly eventually?: boolean }];

export interface SessionOptions {
  readonly t: ExecutionContext;
  /** The client's path. */
  readonly program: string;
  /** Holds files, the kubeconfig and the client's caches. */
  readonly directory: string;
  readonly namespace: string;
}

/** Controllers act within a second; machines may be busy. */
const PATIENCE = { timeoutMs: 20_000, intervalMs: 200 };

/** One command-line client as one user runs it: in a directory and a namespace of its own. `$ns` in commands, files and expectations is that namespace. */
export class Session {
  readonly t: ExecutionContext;
  readonly namespace: string;
  readonly directory: string;
  readonly program: string;

  constructor({ t, program, directory, namespace }: SessionOptions) {
    this.t = t;
    this.program = program;
    this.directory = directory;
    this.namespace = namespace;
  }

  /** Writes files by name. */
  files(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.directory, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, this.#fill(text), { mode: 0o755 });
    }
  }

  /** Runs a command; words are split at spaces outside of single quotes. */
  run(command: string, { stdin, env }: RunOptions = {}): Promise<ExecResult> {
    const program = command.startsWith('./') ? [] : [this.program];
    const [file = '', ...args] = [...program, ...wordsOf(this.#fill(command))];
    return exec(file, args, { cwd: this.directory, stdin, env: { KUBECONFIG: join(this.directory, 'kubeconfig'), HOME: this.directory, ...env }, timeoutMs: 45_000 });
  }

  /** The output of a command that must succeed. */
  async output(command: string, options?: RunOptions): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, options);
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${stdout}${stderr}`);
    return stdout;
  }

  /** Runs the rows in their order; each must print what it expects. All that do not are told at the end. */
  async rows(...rows: readonly Row[]): Promise<void> {
    const failures: string[] = [];
    for (const row of rows) {
      const difference = await this.#differenceOf(row);
      if (difference !== undefined) failures.push(`${this.#fill(row[0])}\n${difference}`);
    }
    this.t.is(failures.length, 0, failures.join('\n\n'));
  }

  async #differenceOf([command, expected, options = {}]: Row): Promise<string | undefined> {
    const wanted = typeof expected === 'string' ? this.#fill(expected) : expected;
    const attempt = async (): Promise<string | undefined> => differs(await this.run(command, options), wanted, options.fails === true);
    if (!options.eventually) return attempt();
    let difference: string | undefined;
    await waitFor(async () => (difference = await attempt()) === undefined, { what: command, ...PATIENCE }).catch(() => undefined);
    return difference;
  }

  #fill(text: string): string {
    return text.replaceAll('$ns', this.namespace);
  }
}

/** Standard output and then standard error are compared: what a user sees. */
function differs({ code, stdout, stderr }: ExecResult, expected: Expected, fails: boolean): string | undefined {
  const shown = `${stdout}${code !== 0 && stderr.startsWith('Command failed') ? '' : stderr}`.trimEnd();
  const reasons: string[] = [];
  if ((code !== 0) !== fails) reasons.push(`ended with ${code}`);
  if (typeof expected === 'string' && shown !== expected) reasons.push(`was expected to print:\n${expected}`);
  for (const pattern of [expected].flat()) if (pattern instanceof RegExp && !pattern.test(shown)) reasons.push(`was expected to match ${String(pattern)}`);
  return reasons.length === 0 ? undefined : `${reasons.join('\n')}\nprinted:\n${shown}`;
}

const wordsOf = (command: string): readonly string[] =>
  [...command.matchAll(/(?:[^\s']|'[^']*')+/g)].map(([word]) => word.replaceAll("'", ''));
