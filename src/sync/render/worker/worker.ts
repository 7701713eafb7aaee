import { spawn } from 'node:child_process';
import { asError } from '#base/errors.ts';
import type { Confinement, WorkerLimits } from './confinement.ts';

export interface WorkerRun {
  /** Absolute path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  /** Its working directory, HOME and TMPDIR. */
  readonly home: string;
}

export type WorkerFailure = 'RenderTimedOut' | 'RenderOutputTooLarge' | 'RenderOutOfMemory' | 'RenderKilled' | 'RenderFailed';

export type WorkerOutcome =
  | { readonly ok: true; readonly output: Buffer }
  /** `message`: the tool's own words for RenderFailed, else what was exceeded. */
  | { readonly ok: false; readonly reason: WorkerFailure; readonly message: string };

export interface WorkerContext {
  readonly confinement: Confinement;
  readonly limits: WorkerLimits;
  readonly path: string;
  readonly signal: AbortSignal;
}

const MAX_MESSAGE_BYTES = 64 * 1024;
/** The discard port: nothing listens there, and a connection fails at once. */
const CLOSED_PROXY = 'http://127.0.0.1:9';
const MIB = 1024 * 1024;

/** Runs one confined process to its end. Whatever it does is an outcome; rejects only with the signal's reason. */
export async function runWorker({ program, args, home }: WorkerRun, { confinement, limits, path, signal }: WorkerContext): Promise<WorkerOutcome> {
  signal.throwIfAborted();
  const [command = program, ...rest] = [...confinement.prefix, program, ...args];
  // A group of its own: whatever it starts is killed with it.
  const child = spawn(command, rest, { cwd: home, env: environment(home, path, limits), stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const output: Buffer[] = [];
  let [size, words, killedFor]: [number, string, WorkerFailure | undefined] = [0, '', undefined];
  const kill = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  const end = (reason: WorkerFailure): void => {
    killedFor ??= reason;
    kill();
  };
  const timer = setTimeout(() => end('RenderTimedOut'), limits.timeoutMs);
  signal.addEventListener('abort', kill, { once: true });
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limits.outputBytes) end('RenderOutputTooLarge');
    else output.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => { if (words.length < MAX_MESSAGE_BYTES) words += chunk.toString(); });
  try {
    const { code, killedBy } = await new Promise<{ readonly code: number | null; readonly killedBy: NodeJS.Signals | null }>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exitCode, by) => resolve({ code: exitCode, killedBy: by }));
    });
    signal.throwIfAborted();
    if (killedFor) return failed(killedFor, limits);
    if (/out of memory|cannot allocate memory/i.test(words) && code !== 0) return failed('RenderOutOfMemory', limits);
    if (killedBy) return { ok: false, reason: 'RenderKilled', message: `the renderer was ended by ${killedBy}` };
    return code === 0 ? { ok: true, output: Buffer.concat(output) } : { ok: false, reason: 'RenderFailed', message: words.trim() || `the renderer ended with code ${code}` };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, reason: 'RenderFailed', message: `the renderer could not be started: ${asError(error).message}` };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
    // What it left running in its group would outlive the directory that it works in.
    kill();
  }
}

function failed(reason: WorkerFailure, limits: WorkerLimits): WorkerOutcome {
  const messages: Readonly<Partial<Record<WorkerFailure, string>>> = {
    RenderTimedOut: `rendering took more than ${limits.timeoutMs / 1000} s and was ended`,
    RenderOutputTooLarge: `rendering gave more than ${limits.outputBytes} bytes and was ended`,
    RenderOutOfMemory: `rendering needed more than ${Math.round(limits.memoryBytes / MIB)} MiB of memory and was ended`,
  };
  return { ok: false, reason, message: messages[reason] ?? reason };
}

/** Nothing is inherited: no credentials, no kubeconfig, no proxies, no plugins. */
const environment = (home: string, path: string, { memoryBytes }: WorkerLimits): NodeJS.ProcessEnv => ({
  PATH: path, HOME: home, TMPDIR: home, XDG_CACHE_HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home, KUBECONFIG: '/dev/null', LC_ALL: 'C',
  HTTP_PROXY: CLOSED_PROXY, HTTPS_PROXY: CLOSED_PROXY, ALL_PROXY: CLOSED_PROXY, http_proxy: CLOSED_PROXY, https_proxy: CLOSED_PROXY, NO_PROXY: '',
  // One short-lived process: a second thread and a collector that runs early only cost time.
  GOMAXPROCS: '2', GOGC: '400', GOMEMLIMIT: `${Math.floor((memoryBytes * 3) / 4 / MIB)}MiB`,
});
