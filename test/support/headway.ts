import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { instanceOf } from '#base/instance.ts';
import { freePort } from './free-port.ts';
import { createTestRepository, type TestRepository } from './git-repository.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { waitFor } from './wait.ts';

export const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/** Runs a program to its end, whatever its exit code. */
export async function exec(file: string, args: readonly string[], options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string; readonly timeoutMs?: number; readonly stdin?: string | undefined } = {}): Promise<ExecResult> {
  try {
    const running = run(file, [...args], { env: { ...process.env, ...options.env }, cwd: options.cwd, timeout: options.timeoutMs ?? 120_000, maxBuffer: 64 << 20 });
    // A program may end before it has read all; its exit code tells. Even an empty text is written, to a pipe that is broken by then.
    running.child.stdin?.on('error', () => undefined).end(options.stdin);
    const { stdout, stderr } = await running;
    return { stdout, stderr, code: 0 };
  } catch (thrown) {
    const { stdout = '', stderr = '', code, message } = thrown as { stdout?: string; stderr?: string; code?: number | string; message: string };
    // Without an exit code it did not start, or was ended: the error has the reason.
    return typeof code === 'number' ? { stdout, stderr, code } : { stdout, stderr: stderr || message, code: 1 };
  }
}

/** A whole Headway on this machine, with a data directory, ports and a repository of its own. */
export class TestHeadway {
  readonly directory = temporaryDirectory('headway-e2e');
  readonly dataDir = join(this.directory, 'data');
  readonly instance = instanceOf(this.dataDir);
  readonly repository: TestRepository;
  readonly #flags: readonly string[];
  #supervisor: ChildProcess | undefined;
  #ports: Promise<readonly number[]> | undefined;

  constructor(options: { readonly flags?: readonly string[] } = {}) {
    this.repository = createTestRepository(join(this.directory, 'repository'), { source: join(ROOT, 'clusters/demo'), to: 'clusters/demo' });
    // Two installations with one range would take each other's traffic.
    const range = Number.parseInt(this.instance.bridge.slice(-2), 16) % 50;
    this.#flags = ['--pod-cidr', `10.${100 + range}.0.0/16`, '--service-cidr', `10.${150 + range}.0.0/16`, ...(options.flags ?? [])];
  }

  /** Starts in the background of this test; resolves when the closing table is printed. */
  async up(): Promise<string> {
    const args = ['up', '--repo', this.repository.directory, '--path', 'clusters/demo', '--data-dir', this.dataDir, ...(await this.#portFlags()), ...this.#flags];
    const child = spawn(join(ROOT, 'bin/headway'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#supervisor = child;
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return waitFor(() => {
      if (child.exitCode !== null) throw new Error(`headway up ended with ${child.exitCode}`);
      return output.includes('Try:') && output;
    }, { what: 'headway up to print its table', timeoutMs: 90_000 }).catch((cause: unknown) => {
      throw new Error(`headway up did not come up:\n${output}\n${this.logs()}`, { cause });
    });
  }

  /** Free ports, the same for every start of this one. */
  async #portFlags(): Promise<readonly string[]> {
    const [api, agent] = await (this.#ports ??= Promise.all([freePort(), freePort()]));
    return ['--port', String(api), '--agent-port', String(agent)];
  }

  /** The supervisor ends as on Ctrl-C: containers go on. */
  async interrupt(): Promise<void> {
    const child = this.#supervisor;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGINT');
    await exited;
  }

  /** kill -9 of the named parts; `headway` is the supervisor itself. */
  kill(...parts: readonly ('headway' | 'redis' | 'containerd' | 'control-plane' | 'agent')[]): void {
    for (const part of parts) process.kill(this.pid(part), 'SIGKILL');
  }

  pid(part: string): number {
    return (JSON.parse(readFileSync(join(this.instance.runDir, `${part}.pid`), 'utf8')) as { pid: number }).pid;
  }

  headway(...args: readonly string[]): Promise<ExecResult> {
    return exec(join(ROOT, 'bin/headway'), [...args, '--data-dir', this.dataDir]);
  }

  async kubectl(...args: readonly string[]): Promise<string> {
    const result = await this.tryKubectl(...args);
    if (result.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr}`);
    return result.stdout;
  }

  tryKubectl(...args: readonly string[]): Promise<ExecResult> {
    return exec('kubectl', args, { env: { KUBECONFIG: join(this.dataDir, 'kubeconfig'), HOME: this.directory } });
  }

  async json<T>(...args: readonly string[]): Promise<T> {
    return JSON.parse(await this.kubectl(...args, '-o', 'json')) as T;
  }

  /** What the cluster shows and the tail of every log, for the message of a failed test. */
  async describe(): Promise<string> {
    const shown = await Promise.all([
      this.tryKubectl('get', 'nodes', '-o', 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")]}'),
      this.tryKubectl('get', 'pods', '-A', '-o', 'wide'),
      this.tryKubectl('get', 'events', '-A', '--sort-by=.lastTimestamp'),
    ]);
    return [...shown.map((r) => (r.stdout + r.stderr).split('\n').slice(-15).join('\n')), this.logs()].join('\n');
  }

  /** The tail of every log, for the message of a failed test. */
  logs(): string {
    return ['headway', 'control-plane', 'agent', 'redis', 'containerd'].map((name) => {
      try {
        return `--- ${name}\n${readFileSync(join(this.dataDir, 'logs', `${name}.log`), 'utf8').split('\n').slice(-9).map((line) => line.slice(0, 240)).join('\n')}`;
      } catch {
        return '';
      }
    }).join('\n');
  }

  /** Removes everything, also what a failed test left. */
  async cleanUp(): Promise<void> {
    const result = await this.headway('reset');
    const child = this.#supervisor;
    if (child && child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true });
    if (result.code !== 0) throw new Error(`headway reset: ${result.stderr}`);
  }
}
