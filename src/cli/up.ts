import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import { type Instance, instanceOf } from '#base/instance.ts';
import { createLogger } from '#base/logger.ts';
import { keepCompiledCode } from './compiled-code.ts';
import { preflight } from './preflight.ts';
import { ClusterProcesses, PARTS, pidFileOf } from './supervisor/cluster.ts';
import type { ChildMessage, ClusterSummary } from './supervisor/messages.ts';
import { endProcess, livePid, removePidFile, writePidFile } from './supervisor/pid-file.ts';
import { createTerminal, statusLine, type Terminal, workloadTable } from './terminal.ts';
import { type ClusterOptions, clusterOptions, type UpFlags } from './up-options.ts';
import { UsageError } from './usage-error.ts';

/** How long the closing table waits for the applications; what is missing then is said, and goes on. */
const READY_TIMEOUT_MS = 120_000;

/** `headway up`: starts everything, reports each step, and stays as the supervisor until a signal. */
export async function up(flags: UpFlags): Promise<void> {
  keepCompiledCode();
  const cluster = clusterOptions(flags);
  const instance = instanceOf(cluster.dataDir);
  await new UpSession(cluster, instance, createTerminal(process.stdout)).run();
}

type Milestone = 'pki' | 'api' | 'node' | 'ready';

class UpSession {
  readonly #cluster: ClusterOptions;
  readonly #instance: Instance;
  readonly #terminal: Terminal;
  readonly #processes: ClusterProcesses;
  readonly #startedAt = performance.now();
  readonly #reached = new Map<Milestone, PromiseWithResolvers<void>>();
  #summary: ClusterSummary | undefined;
  #isReady = false;
  #isStopping = false;

  constructor(cluster: ClusterOptions, instance: Instance, terminal: Terminal) {
    this.#cluster = cluster;
    this.#instance = instance;
    this.#terminal = terminal;
    for (const milestone of ['pki', 'api', 'node', 'ready'] as const) {
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
    await this.#takeOver();
    this.#handleSignals();
    try {
      await this.#start();
    } catch (thrown) {
      await this.#processes.stop();
      removePidFile(pidFileOf(this.#instance, 'headway'));
      throw thrown;
    }
    await this.#report();
  }

  /** One supervisor an installation; what a killed one left behind is ended first (never the containers). */
  async #takeOver(): Promise<void> {
    const own = pidFileOf(this.#instance, 'headway');
    const other = livePid(own);
    if (other !== undefined) throw new UsageError(`Headway already runs on ${this.#instance.dataDir} (process ${other}); "headway status" shows it, "headway down" stops it`);
    await Promise.all(PARTS.map((part) => endProcess(pidFileOf(this.#instance, part), { timeoutMs: 5000 })));
    await preflight(this.#cluster);
    writePidFile(own, process.pid);
  }

  async #start(): Promise<void> {
    const isSimulated = this.#cluster.simulatedNodes > 0;
    // The control plane loads its code while Redis starts; the agent needs its certificate, which the control plane makes.
    await Promise.all([
      this.#step('store', this.#processes.startRedis()),
      isSimulated ? undefined : this.#step('containerd', this.#processes.startContainerd()),
      this.#processes.startControlPlane(),
      this.#step('API server', this.#milestone('api'), `https://127.0.0.1:${this.#cluster.apiPort}`),
      this.#milestone('pki').then(() => this.#processes.startAgent()),
      this.#step(isSimulated ? `${this.#cluster.simulatedNodes} simulated nodes` : `node ${this.#cluster.nodeName}`, this.#milestone('node')),
    ]);
  }

  async #report(): Promise<void> {
    const timeout = new AbortController();
    const late = systemClock.sleep(READY_TIMEOUT_MS, timeout.signal).then(() => 'late' as const, () => 'stopped' as const);
    const outcome = await Promise.race([this.#milestone('ready').then(() => 'ready' as const), late]);
    timeout.abort();
    if (this.#cluster.repository) this.#done(outcome === 'ready' ? 'applications' : 'applications are not all healthy yet; the line below says why');
    if (this.#summary && this.#summary.workloads.length > 0) this.#terminal.line(`\n${workloadTable(this.#summary)}\n`);
    this.#terminal.line(nextSteps(this.#cluster, this.#summary));
    this.#isReady = true;
    process.send?.({ type: 'ready' });
    if (this.#summary) this.#terminal.live(statusLine(this.#summary));
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
    const areHealthy = applications.length > 0 && applications.every((a) => a.isSynced && a.isHealthy);
    if (!this.#cluster.repository || areHealthy) this.#reached.get('ready')?.resolve();
    if (this.#isReady && !this.#isStopping) this.#terminal.live(statusLine(summary));
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
      if (!withPods) this.#terminal.line('Stopped. "npm start" or "headway up" takes the pods over again; "headway down" stops them too; "headway reset" removes everything.');
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
    // What `headway down` sends.
    process.on('SIGUSR2', run(true));
  }

  #milestone(name: Milestone): Promise<void> {
    return this.#reached.get(name)?.promise ?? Promise.resolve();
  }

  async #step(what: string, work: Promise<void>, detail = ''): Promise<void> {
    await work;
    this.#done(what, detail);
  }

  #done(what: string, detail = ''): void {
    const seconds = ((performance.now() - this.#startedAt) / 1000).toFixed(2);
    this.#terminal.line(`  ✔ ${what.padEnd(28)} ${seconds.padStart(6)} s  ${detail}`.trimEnd());
  }
}

function nextSteps(cluster: ClusterOptions, summary: ClusterSummary | undefined): string {
  const kubeconfig = join(cluster.dataDir, 'kubeconfig');
  const service = summary?.workloads.find((w) => w.kind === 'Service' && w.namespace !== 'default');
  const deployment = summary?.workloads.find((w) => w.kind === 'Deployment');
  return [
    `kubeconfig: ${kubeconfig}`,
    '',
    'Try:',
    `  export KUBECONFIG=${kubeconfig}; kubectl get pods -A`,
    service ? `  curl http://${service.state}/` : '  headway status',
    deployment
      ? `  kubectl -n ${deployment.namespace} scale deployment ${deployment.name} --replicas=5   # and watch Headway put it back as Git has it`
      : '  headway up --repo URL-or-path --path clusters/demo   # deploy by commit',
  ].join('\n');
}
