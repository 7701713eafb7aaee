import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#base/clock.ts';
import type { Instance } from '#base/instance.ts';
import type { Logger } from '#base/logger.ts';
import type { ClusterOptions } from '../up-options.ts';
import type { ChildMessage } from './messages.ts';
import { type NodeProcess, startNodeProcess } from './node-process.ts';
import { Supervised } from './supervised.ts';

export interface ClusterProcessesOptions {
  readonly instance: Instance;
  readonly cluster: ClusterOptions;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onMessage: (part: PartName, message: ChildMessage) => void;
}

export const PARTS = ['redis', 'containerd', 'control-plane', 'agent'] as const;
export type PartName = (typeof PARTS)[number];

export const pidFileOf = (instance: Instance, part: PartName | 'headway'): string => join(instance.runDir, `${part}.pid`);

/** The agent asks each pod to end within its grace period before it answers `stop-pods`. */
const STOP_PODS_TIMEOUT_MS = 60_000;
/** Bounds what Node takes for short-lived objects (MB a half). A larger bound costs 100 MB under load and is not faster. */
const SEMI_SPACE_MB = { 'control-plane': 16, agent: 4 } as const;
/**
 * How much the heap may grow, in percent of what is in use, before the whole of it is collected. V8 alone lets it grow up to fourfold and gives little
 * back: in a loop that changes 100,000 texts 750 MB were resident instead of 333 with 30 percent, for a quarter of the CPU less. 60 costs hardly any CPU
 * (a first sync of 2,000 manifests: 239 MB, 211 with 30).
 */
const HEAP_GROWTH_PERCENT = 60;
/**
 * V8 makes what mostly outlives collections of young objects in the old generation at once. Requests in flight do, and are garbage a moment later, which only
 * a collection of the whole heap finds: without it a collection of young objects takes a tenth of the time.
 */
const NO_PRETENURING = '--no-allocation-site-pretenuring';
/** The program that runs now, as sources or as what is built of them. */
const MAIN = process.argv[1] ?? '';

/** The processes of one installation, each restarted whenever it ends. */
export class ClusterProcesses {
  readonly #options: ClusterProcessesOptions;
  readonly #parts = new Map<PartName, Supervised>();
  #agent: NodeProcess | undefined;
  #podsStopped: (() => void) | undefined;
  #isStopping = false;

  constructor(options: ClusterProcessesOptions) {
    this.#options = options;
    mkdirSync(options.instance.runDir, { recursive: true, mode: 0o755 });
  }

  get parts(): ReadonlyMap<PartName, Supervised> {
    return this.#parts;
  }

  async startRedis(): Promise<void> {
    const { instance, log } = this.#options;
    const { startRedis } = await import('#store/redis/redis-server.ts');
    await this.#supervise('redis', () => startRedis({ dataDir: join(instance.dataDir, 'redis'), runDir: instance.runDir, log }));
  }

  async startContainerd(): Promise<void> {
    const { instance, log } = this.#options;
    const { startContainerd } = await import('#agents/node/containerd/start-containerd.ts');
    await this.#supervise('containerd', () => startContainerd({ instance, log }));
  }

  async startControlPlane(): Promise<void> {
    await this.#supervise('control-plane', () => Promise.resolve(this.#startProgram('control-plane', ['control-plane'])));
  }

  async startAgent(): Promise<void> {
    await this.#supervise('agent', () => {
      this.#agent = this.#startProgram('agent', ['agent']);
      return Promise.resolve(this.#agent);
    });
  }

  /** Ends every pod of this machine gracefully; containers are gone when it resolves. */
  async stopPods(): Promise<void> {
    const agent = this.#agent;
    if (!agent) return;
    const stopped = new Promise<void>((resolve) => (this.#podsStopped = resolve));
    agent.send({ type: 'stop-pods' });
    const timeout = new AbortController();
    await Promise.race([stopped, agent.exited, this.#options.clock.sleep(STOP_PODS_TIMEOUT_MS, timeout.signal).catch(() => undefined)]);
    timeout.abort();
  }

  /** Ends all processes, the ones that others need last. Containers go on. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await Promise.all([this.#parts.get('agent')?.stop(), this.#parts.get('control-plane')?.stop()]);
    await Promise.all([this.#parts.get('redis')?.stop(), this.#parts.get('containerd')?.stop()]);
  }

  async #supervise(name: PartName, start: ConstructorParameters<typeof Supervised>[0]['start']): Promise<void> {
    // A part whose turn comes while the others are ended already must not outlive them.
    if (this.#isStopping) return;
    const { instance, clock, log } = this.#options;
    const part = new Supervised({ name, pidFile: pidFileOf(instance, name), start, clock, log });
    this.#parts.set(name, part);
    await part.start();
  }

  #startProgram(part: 'control-plane' | 'agent', command: readonly string[]): NodeProcess {
    const { instance, cluster } = this.#options;
    return startNodeProcess({
      entry: MAIN,
      args: ['internal', ...command, JSON.stringify(cluster)],
      execArgv: [`--max-semi-space-size=${SEMI_SPACE_MB[part]}`, `--heap-growing-percent=${HEAP_GROWTH_PERCENT}`, NO_PRETENURING, '--disable-warning=ExperimentalWarning'],
      logFile: join(instance.dataDir, 'logs', `${part}.log`),
      onMessage: (message) => {
        if (message.type === 'pods-stopped') this.#podsStopped?.();
        this.#options.onMessage(part, message);
      },
      stopTimeoutMs: 10_000,
    });
  }
}
