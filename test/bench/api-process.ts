import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Probe } from './api-server.ts';
import type { Ready } from './api-floor.ts';
import { cpuTimeUs } from './cpu-time.ts';

/** As the control plane runs; `gc` for what is resident without garbage. */
const NODE_OPTIONS = ['--max-semi-space-size=16', '--heap-growing-percent=60', '--no-allocation-site-pretenuring', '--expose-gc', '--disable-warning=ExperimentalWarning'];

/** A server of the benchmark in a process of its own. */
export class ServerProcess {
  readonly ready: Ready;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  private constructor(ready: Ready, child: ChildProcessByStdio<Writable, Readable, null>, lines: AsyncIterator<string>) {
    this.ready = ready;
    this.#child = child;
    this.#lines = lines;
  }

  /** `profile`: a directory for V8 profiles, one from each probe to the next. */
  static async start(args: readonly string[], profile?: string): Promise<ServerProcess> {
    const env = profile === undefined ? process.env : { ...process.env, BENCH_PROFILE: profile };
    const child = spawn(process.execPath, [...NODE_OPTIONS, join(import.meta.dirname, 'api-server.ts'), ...args], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const first = await lines.next();
    if (first.done) throw new Error(`the server did not start: ${args.join(' ')}`);
    return new ServerProcess(JSON.parse(first.value) as Ready, child, lines);
  }

  /** What happened since the last time; `collect` also drops garbage. */
  async probe(kind: 'probe' | 'collect' = 'probe'): Promise<Probe> {
    this.#child.stdin.write(`${kind}\n`);
    return JSON.parse(String((await this.#lines.next()).value)) as Probe;
  }

  /** CPU time since the start, of all its threads. */
  cpuUs(): number {
    return cpuTimeUs(this.#child.pid ?? 0);
  }

  /** SIGSTOP and SIGCONT: it stands still, as a process does that gets no processor. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async stop(): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}
