import { rm } from 'node:fs/promises';
import type { Pod } from '#api/generated/core/v1.ts';
import { asError } from '#base/errors.ts';
import { ContainerConfigError } from '../containers/config-error.ts';
import { startContainer } from '../containers/container-starter.ts';
import { ImageError } from '../images/image-puller.ts';
import { sandboxConfig } from '../sandbox/sandbox-config.ts';
import type { PodEvents } from '../status/event-recorder.ts';
import { VolumeNotReady, type PayloadContext } from '../volumes/payload.ts';
import type { PodVolumes } from '../volumes/pod-volumes.ts';
import type { BackOff } from './back-off.ts';
import type { NodeContext } from './node-context.ts';
import type { PodObserver } from './pod-observer.ts';
import type { PodPaths } from './pod-paths.ts';
import { newestSandbox, type PodAction } from './pod-plan.ts';
import { killContainer } from './pod-stopper.ts';

/** Why a container does not run, by its name. */
export type WaitingReasons = Map<string, { readonly reason: string; readonly message: string }>;

export interface PodActionsOptions {
  readonly context: NodeContext;
  readonly paths: PodPaths;
  readonly volumes: PodVolumes;
  readonly events: PodEvents;
  readonly backOff: BackOff;
  readonly observer: PodObserver;
  readonly waiting: WaitingReasons;
  /** Resolves when the pod is to end: what takes long is then left. */
  readonly stopping: Promise<void>;
  readonly wakeIn: (ms: number) => void;
}

const RETRY_MS = 1000;
const MAX_WAIT_MS = 60_000;

/** Carries out the steps of a plan, one at a time. */
export class PodActions {
  readonly #options: PodActionsOptions;

  constructor(options: PodActionsOptions) {
    this.#options = options;
  }

  /** Resolves to whether something changed that calls for another look. */
  async do(pod: Pod, action: PodAction): Promise<boolean> {
    const { context, observer, events } = this.#options;
    switch (action.kind) {
      case 'stop-sandbox':
        await context.runtime.stopSandbox(action.sandboxId);
        return true;
      case 'create-sandbox': return this.#createSandbox(pod, action.attempt);
      case 'kill':
        if (action.why === 'unhealthy') events('Normal', 'Killing', `Container ${action.container.name} failed liveness probe, will be restarted`, action.container.name);
        await killContainer(context, { pod, ...action, host: observer.podIps(pod)[0], events, graceMs: killGraceMs(pod, action) });
        return true;
      case 'start': return this.#start(pod, action);
    }
  }

  /** Content that shows the pod's own fields follows them. */
  refreshVolumes(pod: Pod): Promise<void> {
    return this.#options.volumes.refresh(this.#payloadContext(pod));
  }

  async #createSandbox(pod: Pod, attempt: number): Promise<boolean> {
    const { context, paths, volumes, events, wakeIn } = this.#options;
    await context.networkReady();
    // Volumes are made while the runtime sets up the network: neither needs the other. Whoever starts a container checks them.
    const made = volumes.setUp(this.#payloadContext(pod)).catch(() => {});
    try {
      await context.runtime.runSandbox(sandboxConfig({ pod, attempt, paths, dns: context.dns }));
      return true;
    } catch (thrown) {
      events('Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${asError(thrown).message}`);
      wakeIn(RETRY_MS);
      return false;
    } finally {
      await made;
    }
  }

  async #start(pod: Pod, { container, attempt, isRestart }: Extract<PodAction, { kind: 'start' }>): Promise<boolean> {
    const { context, paths, volumes, events, backOff, observer, waiting } = this.#options;
    const sandbox = newestSandbox(observer.view);
    if (!sandbox) return true;
    try {
      await volumes.setUp(this.#payloadContext(pod));
      await this.#unlessStopped(startContainer(context, {
        pod, container, attempt, sandbox, podIps: observer.podIps(pod), paths, volumes, events,
        sandboxConfig: sandboxConfig({ pod, attempt: sandbox.attempt, paths, dns: context.dns }),
      }));
      waiting.delete(container.name);
      if (isRestart) backOff.next(container.name);
      await this.#prune(container.name);
      return true;
    } catch (thrown) {
      this.#noteFailure(container.name, asError(thrown));
      // A start that failed half-way leaves an ended container, which counts as one try.
      if (thrown instanceof ContainerConfigError && thrown.reason === 'RunContainerError' && isRestart) backOff.next(container.name);
      return false;
    }
  }

  #noteFailure(name: string, error: Error): void {
    const { waiting, events, wakeIn, context } = this.#options;
    if (error instanceof ImageError || error instanceof ContainerConfigError) waiting.set(name, { reason: error.reason, message: error.message });
    else if (error instanceof VolumeNotReady) events('Warning', 'FailedMount', `MountVolume.SetUp failed for volume "${error.data.volume}" : ${error.message}`);
    else events('Warning', 'Failed', `Error: ${error.message}`, name);
    if (error instanceof ContainerConfigError && error.reason === 'CreateContainerConfigError') events('Warning', 'Failed', `Error: ${error.message}`, name);
    wakeIn(error instanceof ImageError ? Math.min(error.data.retryAt - context.clock.now(), MAX_WAIT_MS) : RETRY_MS);
  }

  /** What takes long (a pull, a hook) must not hold up the end of its pod. */
  async #unlessStopped(work: Promise<void>): Promise<void> {
    await Promise.race([work, this.#options.stopping]);
    work.catch(() => {});
  }

  /** Keeps the newest ended instance, whose log `--previous` shows. */
  async #prune(name: string): Promise<void> {
    const { observer, context } = this.#options;
    const ended = observer.view.containers.filter((c) => c.name === name && c.state === 'exited').toSorted((a, b) => b.attempt - a.attempt);
    for (const old of ended.slice(1)) {
      await context.runtime.removeContainer(old.id);
      if (old.logPath) await rm(old.logPath, { force: true });
    }
  }

  #payloadContext(pod: Pod): PayloadContext {
    const { context: { hostIp, nodeName, allocatable, watches, tokens }, observer } = this.#options;
    return { pod, facts: { podIps: observer.podIps(pod), hostIp, nodeName, allocatable }, objects: watches, tokens };
  }
}

function killGraceMs(pod: Pod, { why, container }: Extract<PodAction, { kind: 'kill' }>): number {
  const own = why === 'unhealthy' ? (container.livenessProbe?.terminationGracePeriodSeconds ?? container.startupProbe?.terminationGracePeriodSeconds) : undefined;
  return Number(own ?? pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
}
