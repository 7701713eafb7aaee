import { spawn } from 'node:child_process';
import { openSync, closeSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ParentMessage, ChildMessage } from './messages.ts';
import type { RunningChild } from './supervised.ts';

export interface NodeProcessOptions {
  /** Absolute path of the program. */
  readonly entry: string;
  readonly args: readonly string[];
  /** Flags for Node itself. */
  readonly execArgv?: readonly string[];
  /** Standard output and error are appended here. */
  readonly logFile: string;
  readonly onMessage: (message: ChildMessage) => void;
  /** After SIGTERM; then it is killed. */
  readonly stopTimeoutMs: number;
}

export interface NodeProcess extends RunningChild {
  send(message: ParentMessage): void;
}

/** Starts one of Headway's own programs, in a session of its own so that a terminal's Ctrl-C reaches only the supervisor. */
export function startNodeProcess(options: NodeProcessOptions): NodeProcess {
  mkdirSync(dirname(options.logFile), { recursive: true });
  const output = openSync(options.logFile, 'a');
  const child = spawn(process.execPath, [...(options.execArgv ?? []), options.entry, ...options.args], {
    stdio: ['ignore', output, output, 'ipc'],
    detached: true,
  });
  closeSync(output);
  child.on('message', (message) => options.onMessage(message as ChildMessage));
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
  return {
    pid: child.pid ?? -1,
    exited,
    send: (message) => {
      if (child.connected) child.send(message);
    },
    async stop() {
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), options.stopTimeoutMs);
      await exited;
      clearTimeout(killer);
    },
  };
}
