import { spawn } from 'node:child_process';
import { HeadwayError } from '#base/errors.ts';
import { systemEnvironment } from './environment.ts';

/** A program of the system could not be started, or ended with another code than 0. */
export class CommandFailed extends HeadwayError<{ readonly command: string; readonly exitCode: number | undefined; readonly stderr: string }> {
  readonly code = 'command-failed';
  readonly isRetryable = true;
}

export interface RunOptions {
  /** Written to standard input, which is empty otherwise. */
  readonly input?: string | Buffer;
  readonly signal?: AbortSignal;
}

/** Runs a program without a shell and resolves to its standard output. Throws {@link CommandFailed}. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: systemEnvironment(), ...(options.signal ? { signal: options.signal } : {}) });
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const fail = (reason: string, exitCode?: number, cause?: Error): void => {
    const text = Buffer.concat(stderr).toString().trim();
    reject(new CommandFailed(`${command} ${args[0] ?? ''}: ${text || reason}`, { command, exitCode, stderr: text }, { cause }));
  };
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.on('error', (error) => fail(error.message, undefined, error));
  child.on('close', (code, signal) => (code === 0 ? resolve(Buffer.concat(stdout).toString()) : fail(`ended with ${signal ?? code}`, code ?? undefined)));
  // A program that ends without reading its input is judged by its exit code, not by the broken pipe.
  child.stdin.on('error', () => {});
  child.stdin.end(options.input);
  return promise;
}
