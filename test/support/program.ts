import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { ROOT } from './headway.ts';
import { waitFor } from './wait.ts';

/** A `headway` command that goes on until it is told to end. */
export interface Program {
  readonly child: ChildProcess;
  output(): string;
  /** Resolves when the output matches; throws with the output when the program ends before. */
  says(pattern: RegExp, timeoutMs?: number): Promise<void>;
  /** Sends the signal and resolves to the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface ProgramOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Runs as this user and group instead. */
  readonly uid?: number;
}

/** A program starts within a second or two, where nothing else does. */
const PATIENCE_MS = 60_000;

/** Starts `bin/headway`; it is killed when the test ends, however it ends. */
export function startProgram(t: Pick<ExecutionContext, 'teardown'>, args: readonly string[], { env, uid }: ProgramOptions = {}): Program {
  const child = spawn(join(ROOT, 'bin/headway'), args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, ...(uid === undefined ? {} : { uid, gid: uid }) });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const end = (signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> => {
    child.kill(signal);
    return exited;
  };
  t.teardown(async () => {
    if (child.exitCode === null && child.signalCode === null) await end('SIGKILL');
  });
  return {
    child, end, output: () => output,
    async says(pattern, timeoutMs = PATIENCE_MS) {
      await waitFor(() => {
        if (child.exitCode !== null || child.signalCode !== null) return true;
        return pattern.test(output);
      }, { what: `${args[0]} to say ${pattern}`, timeoutMs }).catch((cause: unknown) => {
        throw new Error(`${args.join(' ')} did not say ${pattern}:\n${output}`, { cause });
      });
      if (!pattern.test(output)) throw new Error(`${args.join(' ')} ended with ${child.exitCode ?? child.signalCode}:\n${output}`);
    },
  };
}
