import type { Pod } from '#api/generated/core/v1.ts';
import { TERMINATION_PATH_ANNOTATION } from '../containers/spec-hash.ts';
import type { ContainerRuntime, RuntimeContainer } from '../runtime/container-runtime.ts';
import { terminationMessage } from '../status/termination-message.ts';
import { newestSandbox, type PodView } from './pod-plan.ts';

/** What the runtime last told of one pod. */
export class PodObserver {
  readonly #uid: string;
  readonly #runtime: ContainerRuntime;
  readonly #hostIp: string;
  readonly #addresses = new Map<string, readonly string[]>();
  readonly #messages = new Map<string, string>();
  #view: PodView = { sandboxes: [], containers: [] };
  #hasLooked = false;

  constructor(uid: string, runtime: ContainerRuntime, hostIp: string) {
    this.#uid = uid;
    this.#runtime = runtime;
    this.#hostIp = hostIp;
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

  /** Asks the runtime. The view changes only when all that belongs to it is known: a status may be made from it at any time. Throws RuntimeError. */
  async look(pod: Pod): Promise<void> {
    const [sandboxes, containers] = await Promise.all([this.#runtime.listSandboxes(this.#uid), this.#runtime.listContainers(this.#uid)]);
    const view: PodView = { sandboxes, containers };
    const sandbox = newestSandbox(view);
    if (sandbox?.isReady && !this.#addresses.has(sandbox.id) && !pod.spec.hostNetwork) this.#addresses.set(sandbox.id, await this.#runtime.sandboxAddresses(sandbox.id));
    for (const container of containers) if (container.state === 'exited' && !this.#messages.has(container.id)) await this.#readLastWords(pod, container);
    this.#view = view;
    this.#hasLooked = true;
  }

  async #readLastWords(pod: Pod, container: RuntimeContainer): Promise<void> {
    const spec = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((s) => s.name === container.name);
    const mayUseLog = container.exitCode !== 0 && spec?.terminationMessagePolicy === 'FallbackToLogsOnError';
    const message = await terminationMessage({ file: container.annotations[TERMINATION_PATH_ANNOTATION], logFile: mayUseLog ? container.logPath : undefined });
    this.#messages.set(container.id, message || container.message);
  }
}
