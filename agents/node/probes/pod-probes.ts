import type { Container, Pod, Probe } from '#api/generated/core/v1.ts';
import type { Clock } from '#base/clock.ts';
import type { ContainerRuntime, RuntimeContainer } from '../runtime/container-runtime.ts';
import { Prober, type ProbeKind } from './prober.ts';

export interface PodProbesOptions {
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly onChange: () => void;
  readonly onUnhealthy: (container: Container, kind: ProbeKind, output: string) => void;
}

interface Watched {
  readonly container: Container;
  readonly probers: Map<ProbeKind, Prober>;
  hasFailed: boolean;
  isStarted: boolean;
}

/** All probes of one pod. Containers without a probe count as started, alive and ready. */
export class PodProbes {
  readonly #options: PodProbesOptions;
  readonly #watched = new Map<string, Watched>();

  constructor(options: PodProbesOptions) {
    this.#options = options;
  }

  /** Begins with containers that run now and ends with those that do not. `host` is where their ports are. */
  sync(pod: Pod, containers: readonly RuntimeContainer[], host: string): void {
    const running = new Map(containers.filter((c) => c.state === 'running').map((c) => [c.id, c]));
    for (const [id, watched] of this.#watched) if (!running.has(id)) this.#forget(id, watched);
    for (const spec of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
      for (const instance of running.values()) {
        if (instance.name === spec.name && !this.#watched.has(instance.id)) this.#begin(pod, spec, instance, host);
      }
    }
  }

  isReady(container: Container, id: string): boolean {
    return this.isStarted(container, id) && (container.readinessProbe === undefined || this.#watched.get(id)?.probers.get('readiness')?.isSuccess === true);
  }

  isStarted(container: Container, id: string): boolean {
    return container.startupProbe === undefined || this.#watched.get(id)?.isStarted === true;
  }

  isUnhealthy(id: string): boolean {
    return this.#watched.get(id)?.hasFailed ?? false;
  }

  stop(): void {
    for (const [id, watched] of this.#watched) this.#forget(id, watched);
  }

  #begin(pod: Pod, container: Container, instance: RuntimeContainer, host: string): void {
    // A container that was there before this agent keeps the verdict that it had.
    const old = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])].find((s) => s.containerID === `containerd://${instance.id}`);
    const watched: Watched = { container, probers: new Map(), hasFailed: false, isStarted: old?.started === true };
    this.#watched.set(instance.id, watched);
    const start = (kind: ProbeKind, probe: Probe | undefined, initial: boolean): void => {
      if (!probe || watched.probers.has(kind)) return;
      watched.probers.set(kind, new Prober({
        kind, probe, container, containerId: instance.id, host, startedAt: instance.startedAt, initial,
        runtime: this.#options.runtime, clock: this.#options.clock,
        onResult: (isSuccess) => this.#onResult(instance.id, kind, isSuccess, startOthers),
        onFailure: (output) => this.#options.onUnhealthy(container, kind, output),
      }));
    };
    const startOthers = (): void => {
      start('liveness', container.livenessProbe, true);
      start('readiness', container.readinessProbe, old?.ready === true);
    };
    if (container.startupProbe && !watched.isStarted) start('startup', container.startupProbe, false);
    else startOthers();
  }

  #onResult(id: string, kind: ProbeKind, isSuccess: boolean, startOthers: () => void): void {
    const watched = this.#watched.get(id);
    if (!watched) return;
    if (kind === 'startup' && isSuccess) {
      watched.isStarted = true;
      watched.probers.get('startup')?.stop();
      startOthers();
    }
    if (kind !== 'readiness' && !isSuccess) watched.hasFailed = true;
    this.#options.onChange();
  }

  #forget(id: string, watched: Watched): void {
    for (const prober of watched.probers.values()) prober.stop();
    this.#watched.delete(id);
  }
}
