import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { amount } from '#base/amount.ts';
import { systemClock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import { type Instance, instanceOf } from '#base/instance.ts';
import { createLogger } from '#base/logger.ts';
import { admit } from './admit.ts';
import { keepCompiledCode } from './compiled-code.ts';
import { nextSteps } from './next-steps.ts';
import { ClusterProcesses, pidFileOf } from './supervisor/cluster.ts';
import type { ChildMessage, ClusterSummary } from './supervisor/messages.ts';
import { removePidFile, writePidFile } from './supervisor/pid-file.ts';
import { createTerminal, statusLine, type Terminal, workloadTable } from './terminal.ts';
import { type ClusterOptions, clusterOptions, type UpFlags } from './up-options.ts';
import { UsageError } from './usage-error.ts';

/** How long the closing table waits for the applications; what is missing then is said, and goes on. */
const READY_TIMEOUT_MS = 120_000;
/** A commit that stays refused this long is shown at once: waiting on does not mend it. */
const REFUSED_AFTER_MS = 2_000;

/** `headway up`: starts everything, reports each step, and stays as the supervisor until a signal. */
export async function up(flags: UpFlags): Promise<void> {
  keepCompiledCode();
  const cluster = clusterOptions(flags);
  const instance = instanceOf(cluster.dataDir);
  await admit(cluster, instance);
  await new UpSession(cluster, instance, createTerminal(process.stdout)).run();
}

/** `settled`: every application is healthy, or one is refused for good. */
type Milestone = 'pki' | 'api' | 'node' | 'settled';

class UpSession {
  readonly #cluster: ClusterOptions;
  readonly #instance: Instance;
  readonly #terminal: Terminal;
  readonly #processes: ClusterProcesses;
  readonly #startedAt = performance.now();
  readonly #reached = new Map<Milestone, PromiseWithResolvers<void>>();
  /** What the start waits for at this moment. */
  readonly #awaited = new Set<string>();
  #cancelRefusal: (() => void) | undefined;
  #summary: ClusterSummary | undefined;
  #isReady = false;
  #isStopping = false;

  constructor(cluster: ClusterOptions, instance: Instance, terminal: Terminal) {
    this.#cluster = cluster;
    this.#instance = instance;
    this.#terminal = terminal;
    for (const milestone of ['pki', 'api', 'node', 'settled'] as const) {
      const resolvers = Promise.withResolvers<void>();
      // A failure before anyone waits for it is reported by whoever does wait.
      resolvers.promise.catch(() => undefined);
      this.#reached.set(milestone, resolvers);
    }
    mkdirSync(join(instance.dataDir, 'logs'), { recursive: true, mode: 0o700 });
    const log = createLogger({ level: cluster.logLevel, file: join(instance.dataDir, 'logs', 'headway.log') });
    this.#processes = new ClusterProcesses({ instance, cluster, clock: systemClock, log, onMessage: (_, message) => this.#onMessage(message) });
  }

  async run(): Promise<void> {
    writePidFile(pidFileOf(this.#instance, 'headway'), process.pid);
    this.#handleSignals();
    try {
      await this.#start();
    } catch (thrown) {
      this.#terminal.transient('');
      await this.#processes.stop();
      removePidFile(pidFileOf(this.#instance, 'headway'));
      throw thrown;
    }
    await this.#report();
  }

  async #start(): Promise<void> {
    const isSimulated = this.#cluster.simulatedNodes > 0;
    const store = this.#processes.startRedis();
    // The control plane loads its code while Redis starts. The agent needs its certificate, which the control plane makes; and without a
    // store there will be no cluster, so the agent does not begin to change the machine before.
    await Promise.all([
      this.#step('store', store),
      isSimulated ? undefined : this.#step('containerd', this.#processes.startContainerd()),
      this.#processes.startControlPlane(),
      this.#step('API server', this.#milestone('api'), `https://127.0.0.1:${this.#cluster.apiPort}`),
      Promise.all([this.#milestone('pki'), store]).then(() => this.#processes.startAgent()),
      this.#step(isSimulated ? amount(this.#cluster.simulatedNodes, 'simulated node') : `node ${this.#cluster.nodeName}`, this.#milestone('node')),
    ]);
  }

  async #report(): Promise<void> {
    if (this.#cluster.repository) await this.#reportApplications();
    this.#terminal.transient('');
    if (this.#summary && this.#summary.workloads.total > 0) this.#terminal.line(`\n${workloadTable(this.#summary)}`);
    this.#terminal.line(`\n${nextSteps(this.#cluster, this.#summary)}\n`);
    this.#isReady = true;
    process.send?.({ type: 'ready' });
    if (this.#summary) this.#terminal.live(statusLine(this.#summary));
  }

  async #reportApplications(): Promise<void> {
    this.#wait('applications', true);
    const timeout = new AbortController();
    await Promise.race([this.#milestone('settled'), systemClock.sleep(READY_TIMEOUT_MS, timeout.signal).catch(() => undefined)]);
    timeout.abort();
    this.#cancelRefusal?.();
    this.#wait('applications', false);
    const { total = 0, healthy = 0, shown = [] } = this.#summary?.applications ?? {};
    if (healthy === total) return this.#done('applications');
    const late = shown.slice(0, total - healthy);
    for (const app of late) this.#terminal.line(`  ✘ application ${app.name}: ${app.problem || 'not healthy yet'}`);
    if (late.length < total - healthy) this.#terminal.line(`  ✘ and ${amount(total - healthy - late.length, 'more application')}`);
  }

  #onMessage(message: ChildMessage): void {
    switch (message.type) {
      case 'pki-ready':
        return this.#reached.get('pki')?.resolve();
      case 'api-ready':
        return this.#reached.get('api')?.resolve();
      case 'recovering':
        return this.#terminal.line(`  … the store is new; waiting for what runs on ${message.waitingFor.join(', ')}`);
      case 'status':
        return this.#onStatus(message.summary);
      case 'fatal': {
        const failure = new UsageError(message.message);
        for (const resolvers of this.#reached.values()) resolvers.reject(failure);
        return;
      }
      case 'pods-stopped':
        return;
      default:
        throw new Error(`unknown message ${JSON.stringify(message satisfies never)}`);
    }
  }

  #onStatus(summary: ClusterSummary): void {
    this.#summary = summary;
    const { nodes, applications } = summary;
    if (nodes.total > 0 && nodes.ready === nodes.total && nodes.total >= this.#cluster.simulatedNodes) this.#reached.get('node')?.resolve();
    this.#settle(applications);
    if (this.#isReady && !this.#isStopping) this.#terminal.live(statusLine(summary));
  }

  #settle({ total, healthy, refused }: ClusterSummary['applications']): void {
    const settled = this.#reached.get('settled');
    if (total > 0 && healthy === total) settled?.resolve();
    if (refused === 0) {
      this.#cancelRefusal?.();
      this.#cancelRefusal = undefined;
    } else {
      this.#cancelRefusal ??= systemClock.after(REFUSED_AFTER_MS, () => settled?.resolve());
    }
  }

  #handleSignals(): void {
    const stop = async (withPods: boolean): Promise<void> => {
      if (this.#isStopping) process.exit(130);
      this.#isStopping = true;
      this.#terminal.live('');
      this.#terminal.line(withPods ? 'Stopping the pods and Headway ...' : 'Stopping Headway; pods keep running ...');
      if (withPods) await this.#processes.stopPods();
      await this.#processes.stop();
      removePidFile(pidFileOf(this.#instance, 'headway'));
      this.#terminal.line(withPods ? 'Stopped.' : 'Stopped. "headway up" takes the pods over again, "headway down" stops them too, "headway reset" removes everything.');
      process.exit(0);
    };
    const run = (withPods: boolean) => (): void => {
      stop(withPods).catch((thrown: unknown) => {
        process.stderr.write(`headway: could not stop cleanly: ${asError(thrown).message}\n`);
        process.exit(1);
      });
    };
    process.on('SIGINT', run(false));
    process.on('SIGTERM', run(false));
    // A closed window, as Ctrl-C. Under nohup there is no terminal, and the signal stays ignored.
    if (process.stdout.isTTY) process.on('SIGHUP', run(false));
    // What `headway down` sends.
    process.on('SIGUSR2', run(true));
  }

  #milestone(name: Milestone): Promise<void> {
    return this.#reached.get(name)?.promise ?? Promise.resolve();
  }

  async #step(what: string, work: Promise<void>, detail = ''): Promise<void> {
    this.#wait(what, true);
    await work;
    this.#wait(what, false);
    this.#done(what, detail);
  }

  #wait(what: string, isAwaited: boolean): void {
    if (isAwaited) this.#awaited.add(what);
    else this.#awaited.delete(what);
    this.#terminal.transient(this.#awaited.size === 0 ? '' : `  … ${[...this.#awaited].join(', ')}`);
  }

  #done(what: string, detail = ''): void {
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(2);
    this.#terminal.line(`  ✔ ${what.padEnd(28)} ${seconds.padStart(6)} s  ${detail}`.trimEnd());
  }
}
