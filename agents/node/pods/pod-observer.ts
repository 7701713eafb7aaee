import type { Pod } from '#api/generated/core/v1.ts';
import type { Clock } from '#base/clock.ts';
import { TERMINATION_PATH_ANNOTATION } from '../containers/spec-hash.ts';
import type { ContainerRuntime, RuntimeContainer } from '../runtime/container-runtime.ts';
import { terminationMessage } from '../status/termination-message.ts';
import { newestSandbox, type PodView } from './pod-plan.ts';

export interface PodObserverOptions {
  readonly uid: string;
  readonly runtime: ContainerRuntime;
  readonly hostIp: string;
  readonly clock: Clock;
}

/** The runtime copies logs beside its statuses: the last lines may come a moment after the end that they explain. */
const LOG_LOOKS = 5;
const LOG_WAIT_MS = 20;

/** What the runtime last told of one pod. */
export class PodObserver {
  readonly #uid: string;
  readonly #runtime: ContainerRuntime;
  readonly #hostIp: string;
  readonly #clock: Clock;
  readonly #addresses = new Map<string, readonly string[]>();
  readonly #messages = new Map<string, string>();
  #view: PodView = { sandboxes: [], containers: [] };
  #hasLooked = false;

  constructor({ uid, runtime, hostIp, clock }: PodObserverOptions) {
    this.#uid = uid;
    this.#runtime = runtime;
    this.#hostIp = hostIp;
    this.#clock = clock;
  }

  get hasLooked(): boolean {
    return this.#hasLooked;
  }

  get view(): PodView {
    return this.#view;
  }

  /** Last words of ended containers, by id. */
  get messages(): ReadonlyMap<string, string> {
    return this.#messages;
  }

  /** The pod's addresses, the primary first; none before it has a network. */
  podIps(pod: Pod): readonly string[] {
    if (pod.spec.hostNetwork) return [this.#hostIp];
    const sandbox = newestSandbox(this.#view);
    return (sandbox && this.#addresses.get(sandbox.id)) ?? [];
  }

  has(id: string): boolean {
    return this.#view.containers.some((c) => c.id === id) || this.#view.sandboxes.some((s) => s.id === id);
  }

  /** Whether the last look still found the container or sandbox alive. */
  showsAlive(id: string): boolean {
    return this.#view.containers.some((c) => c.id === id && c.state === 'running') || this.#view.sandboxes.some((s) => s.id === id && s.isReady);
  }

  /** Asks the runtime. Throws RuntimeError. */
  async look(pod: Pod): Promise<void> {
    const [sandboxes, containers] = await Promise.all([this.#runtime.listSandboxes(this.#uid), this.#runtime.listContainers(this.#uid)]);
    this.#view = { sandboxes, containers };
    this.#hasLooked = true;
    const sandbox = newestSandbox(this.#view);
    if (sandbox?.isReady && !this.#addresses.has(sandbox.id) && !pod.spec.hostNetwork) this.#addresses.set(sandbox.id, await this.#runtime.sandboxAddresses(sandbox.id));
    for (const container of containers) if (container.state === 'exited' && !this.#messages.has(container.id)) await this.#readLastWords(pod, container);
  }

  async #readLastWords(pod: Pod, container: RuntimeContainer): Promise<void> {
    const spec = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((s) => s.name === container.name);
    const mayUseLog = container.exitCode !== 0 && spec?.terminationMessagePolicy === 'FallbackToLogsOnError';
    const sources = { file: container.annotations[TERMINATION_PATH_ANNOTATION], logFile: mayUseLog ? container.logPath : undefined };
    let message = await terminationMessage(sources);
    for (let looks = 1; message === '' && mayUseLog && looks < LOG_LOOKS; looks++) {
      await this.#clock.sleep(LOG_WAIT_MS);
      message = await terminationMessage(sources);
    }
    this.#messages.set(container.id, message || container.message);
  }
}
