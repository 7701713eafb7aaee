import { rm } from 'node:fs/promises';
import type { Pod, PodStatus } from '#api/generated/core/v1.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import { ContainerConfigError } from '../containers/config-error.ts';
import { startContainer } from '../containers/container-starter.ts';
import { qosFolder, qosOf } from '../containers/resources.ts';
import { TERMINATION_PATH_ANNOTATION } from '../containers/spec-hash.ts';
import { ImageError } from '../images/image-puller.ts';
import { PodProbes } from '../probes/pod-probes.ts';
import { sandboxConfig } from '../sandbox/sandbox-config.ts';
import { podEvents, type PodEvents } from '../status/event-recorder.ts';
import { podStatus, type StatusInput } from '../status/pod-status.ts';
import { StatusWriter } from '../status/status-writer.ts';
import { terminationMessage } from '../status/termination-message.ts';
import { VolumeNotReady } from '../volumes/payload.ts';
import { PodVolumes } from '../volumes/pod-volumes.ts';
import { BackOff } from './back-off.ts';
import { removeCgroup } from './pod-cgroup.ts';
import type { NodeContext } from './node-context.ts';
import { podPaths, type PodPaths } from './pod-paths.ts';
import { newestSandbox, planPod, type PodAction, type PodPlan, type PodView } from './pod-plan.ts';
import { killContainer, stopContainers } from './pod-stopper.ts';
import { unenforcedFields, unsupportedFields } from './unsupported.ts';
import { nextPhase, type WorkerEvent, type WorkerPhase } from './worker-phase.ts';

/** A pod that is up sooner than this is written once, as Running; a slower one shows first what it waits for. */
const SLOW_START_MS = 300;
const RETRY_MS = 1000;
/** Without an event since then, what runs is compared again with what should. */
const RESYNC_MS = 60_000;

/** Runs one pod. Level-triggered: each step looks at what is there and does what is missing; see {@link WorkerPhase}. */
export class PodWorker {
  readonly uid: string;
  readonly #context: NodeContext;
  readonly #log: Logger;
  readonly #paths: PodPaths;
  readonly #volumes: PodVolumes;
  readonly #probes: PodProbes;
  readonly #backOff: BackOff;
  readonly #writer: StatusWriter;
  readonly #events: PodEvents;
  readonly #onGone: () => void;
  readonly #stopping = Promise.withResolvers<void>();
  readonly #waiting = new Map<string, { readonly reason: string; readonly message: string }>();
  readonly #messages = new Map<string, string>();
  readonly #addresses = new Map<string, readonly string[]>();
  #pod: Pod;
  #status: PodStatus;
  #phase: WorkerPhase = 'running';
  #view: PodView = { sandboxes: [], containers: [] };
  #verdict: StatusInput['verdict'];
  #running: Promise<void> | undefined;
  #isDirty = false;
  #isClosed = false;
  #cancelTimer: () => void = () => {};
  #graceMs = Infinity;
  #keepsObject = false;
  #isWarned = false;

  constructor(pod: Pod, context: NodeContext, onGone: () => void) {
    const { metadata } = pod;
    this.uid = metadata.uid ?? '';
    this.#pod = pod;
    this.#status = pod.status ?? {};
    this.#context = context;
    this.#onGone = onGone;
    this.#log = context.log.child({ namespace: metadata.namespace, pod: metadata.name, uid: this.uid });
    this.#paths = podPaths(context.instance, { namespace: metadata.namespace ?? '', name: metadata.name, uid: this.uid }, qosFolder[qosOf(pod)]);
    this.#volumes = new PodVolumes({ directory: this.#paths.volumes, watches: context.watches, clock: context.clock, log: this.#log });
    this.#backOff = new BackOff(context.clock);
    this.#writer = new StatusWriter(pod, context);
    this.#events = podEvents(context.events, () => this.#pod);
    this.#probes = new PodProbes({
      runtime: context.runtime, clock: context.clock, onChange: () => this.trigger(),
      onUnhealthy: (container, kind, output) => this.#events('Warning', 'Unhealthy', `${kind[0]?.toUpperCase()}${kind.slice(1)} probe failed: ${output}`, container.name),
    });
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') {
      this.#verdict = { phase: pod.status.phase, ...(pod.status.reason ? { reason: pod.status.reason } : {}), ...(pod.status.message ? { message: pod.status.message } : {}) };
      this.#enter('finish');
    }
    if (metadata.deletionTimestamp) this.stop();
  }

  get pod(): Pod {
    return this.#pod;
  }

  get phase(): WorkerPhase {
    return this.#phase;
  }

  /** The pod with the status that this node last worked out. */
  get current(): Pod {
    return { ...this.#pod, status: this.#status };
  }

  hasRuntimeId(id: string): boolean {
    return this.#view.containers.some((c) => c.id === id) || this.#view.sandboxes.some((s) => s.id === id);
  }

  /** A newer version of the pod object. */
  update(pod: Pod): void {
    const isSpecNew = pod.metadata.generation !== this.#pod.metadata.generation || pod.metadata.deletionTimestamp !== this.#pod.metadata.deletionTimestamp
      || JSON.stringify([pod.spec, pod.metadata.labels, pod.metadata.annotations]) !== JSON.stringify([this.#pod.spec, this.#pod.metadata.labels, this.#pod.metadata.annotations]);
    this.#pod = pod;
    // Conditions and fields of others live in the status too; what is ours is computed anew on top.
    this.#status = this.#mergeForeign(pod.status);
    if (pod.metadata.deletionTimestamp) this.stop();
    if (!isSpecNew) return;
    void this.#context.checkpoints.save(this.current).catch((error: unknown) => this.#log.error('checkpoint not written', { error }));
    void this.#volumes.refresh(this.#payloadContext()).catch((error: unknown) => this.#log.warn('volumes not refreshed', { error }));
    this.trigger();
  }

  /**
   * Ends the pod: containers get `graceSeconds`, by default what its deletion or its spec says. A later call may only shorten it.
   * With `keepsObject` the API's object stays (a node that drains), else it is removed at the end.
   */
  stop(options: { readonly graceSeconds?: number; readonly keepsObject?: boolean } = {}): void {
    const { metadata, spec } = this.#pod;
    const graceMs = (options.graceSeconds ?? metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30) * 1000;
    const isShorter = graceMs < this.#graceMs;
    this.#keepsObject = options.keepsObject ?? false;
    this.#graceMs = Math.min(this.#graceMs, graceMs);
    if (this.#phase === 'stopping' && isShorter) void this.#stopAll().catch(() => {});
    this.#enter('stop');
    this.#stopping.resolve();
    this.trigger();
  }

  trigger(): void {
    this.#isDirty = true;
    this.#running ??= this.#loop().finally(() => {
      this.#running = undefined;
    });
  }

  /** Stops watching over the pod and touches nothing of it. Resolves when no step runs any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopping.resolve();
    this.#cancelTimer();
    this.#probes.stop();
    this.#volumes.stopFollowing();
    await this.#running;
  }

  #enter(event: WorkerEvent): void {
    this.#phase = nextPhase(this.#phase, event);
  }

  async #loop(): Promise<void> {
    // A whole turn of the event loop gathers what comes together.
    await Promise.resolve();
    while (this.#isDirty && !this.#isClosed) {
      this.#isDirty = false;
      this.#cancelTimer();
      try {
        await this.#step();
      } catch (thrown) {
        this.#log.warn('pod step failed', { phase: this.#phase, error: asError(thrown) });
        this.#wakeIn(RETRY_MS);
      }
    }
  }

  #wakeIn(ms: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#isClosed ? () => {} : this.#context.clock.after(Math.max(1, ms), () => this.trigger());
  }

  async #step(): Promise<void> {
    switch (this.#phase) {
      case 'running': return this.#keep();
      case 'finished': return this.#settle();
      case 'stopping': return this.#stopAll();
      case 'stopped': return this.#clean();
      case 'cleaned': return this.#forget();
      case 'gone': return;
    }
  }

  async #keep(): Promise<void> {
    const slow = this.#context.clock.after(SLOW_START_MS, () => this.#publish());
    try {
      await this.#context.checkpoints.save(this.current);
      if (this.#isRefused()) return;
      for (let hasActed = true; hasActed && this.#phase === 'running' && !this.#isClosed; ) {
        await this.#observe();
        if (this.#isPastDeadline()) return;
        const plan = this.#plan();
        this.#noteHeldBack(plan);
        hasActed = await this.#execute(plan);
        if (plan.outcome) {
          this.#verdict = { phase: plan.outcome };
          this.#enter('finish');
          this.#isDirty = true;
          return;
        }
      }
      this.#publish();
    } finally {
      slow();
    }
  }

  #isRefused(): boolean {
    const fields = unsupportedFields(this.#pod);
    if (fields.length > 0) {
      this.#finish('UnsupportedField', `This node does not support ${fields.join(', ')}`);
      return true;
    }
    const loose = unenforcedFields(this.#pod);
    if (loose.length > 0 && !this.#isWarned) this.#events('Warning', 'NotEnforced', `This node does not enforce ${loose.join(', ')}`);
    this.#isWarned = true;
    return false;
  }

  #isPastDeadline(): boolean {
    const { activeDeadlineSeconds } = this.#pod.spec;
    if (activeDeadlineSeconds === undefined || !this.#status.startTime) return false;
    const leftMs = Date.parse(this.#status.startTime) + activeDeadlineSeconds * 1000 - this.#context.clock.now();
    if (leftMs > 0) return false;
    this.#finish('DeadlineExceeded', 'Pod was active on the node longer than the specified deadline');
    return true;
  }

  #finish(reason: string, message: string): void {
    this.#verdict = { phase: 'Failed', reason, message };
    this.#events('Warning', reason, message);
    this.#enter('finish');
    this.#isDirty = true;
  }

  async #observe(): Promise<void> {
    const { runtime } = this.#context;
    const [sandboxes, containers] = await Promise.all([runtime.listSandboxes(this.uid), runtime.listContainers(this.uid)]);
    this.#view = { sandboxes, containers };
    const sandbox = newestSandbox(this.#view);
    if (sandbox?.isReady && !this.#addresses.has(sandbox.id) && !this.#pod.spec.hostNetwork) this.#addresses.set(sandbox.id, await runtime.sandboxAddresses(sandbox.id));
    for (const c of containers) {
      if (c.state !== 'exited' || this.#messages.has(c.id)) continue;
      const spec = [...(this.#pod.spec.initContainers ?? []), ...this.#pod.spec.containers].find((s) => s.name === c.name);
      const file = c.annotations[TERMINATION_PATH_ANNOTATION];
      const isFailure = c.exitCode !== 0 && spec?.terminationMessagePolicy === 'FallbackToLogsOnError';
      const message = await terminationMessage({ file, logFile: isFailure ? c.logPath : undefined });
      this.#messages.set(c.id, message || c.message);
    }
    if (this.#phase === 'running') this.#probes.sync(this.#pod, containers, this.#podIps()[0] ?? this.#context.hostIp);
  }

  #plan(): PodPlan {
    const statuses = [...(this.#status.initContainerStatuses ?? []), ...(this.#status.containerStatuses ?? [])];
    return planPod({
      pod: this.#pod, view: this.#view, now: this.#context.clock.now(),
      restarts: new Map(statuses.filter((s) => s.containerID !== undefined).map((s) => [s.name, s.restartCount])),
      isUnhealthy: (id) => this.#probes.isUnhealthy(id),
      isStarted: (container, id) => this.#probes.isStarted(container, id),
      readyAt: (container, endedAt) => this.#backOff.readyAt(container, endedAt),
    });
  }

  #noteHeldBack(plan: PodPlan): void {
    const { clock } = this.#context;
    for (const [name, { reason }] of this.#waiting) if (reason === 'CrashLoopBackOff' && !plan.heldBack.has(name)) this.#waiting.delete(name);
    for (const name of plan.heldBack.keys()) {
      const { metadata } = this.#pod;
      const message = `back-off ${Math.round(this.#backOff.delayOf(name) / 1000)}s restarting failed container=${name} pod=${metadata.name}_${metadata.namespace}(${this.uid})`;
      if (!this.#waiting.has(name)) this.#events('Warning', 'BackOff', `Back-off restarting failed container ${name} in pod ${metadata.name}_${metadata.namespace}(${this.uid})`, name);
      this.#waiting.set(name, { reason: 'CrashLoopBackOff', message });
    }
    const deadline = this.#pod.spec.activeDeadlineSeconds === undefined ? Infinity : Date.parse(this.#status.startTime ?? new Date(clock.now()).toISOString()) + this.#pod.spec.activeDeadlineSeconds * 1000;
    this.#wakeIn(Math.min(RESYNC_MS, deadline - clock.now(), ...[...plan.heldBack.values()].map((at) => at - clock.now())));
  }

  /** Resolves to whether something changed that calls for another look. */
  async #execute(plan: PodPlan): Promise<boolean> {
    let hasActed = false;
    for (const action of plan.actions) {
      if (this.#phase !== 'running' || this.#isClosed) return false;
      hasActed = (await this.#act(action)) || hasActed;
    }
    return hasActed;
  }

  async #act(action: PodAction): Promise<boolean> {
    const { runtime } = this.#context;
    switch (action.kind) {
      case 'stop-sandbox':
        await runtime.stopSandbox(action.sandboxId);
        return true;
      case 'create-sandbox': return this.#createSandbox(action.attempt);
      case 'kill':
        if (action.why === 'unhealthy') this.#events('Normal', 'Killing', `Container ${action.container.name} failed liveness probe, will be restarted`, action.container.name);
        await killContainer(this.#context, { pod: this.#pod, ...action, host: this.#podIps()[0], events: this.#events, graceMs: this.#killGraceMs(action) });
        return true;
      case 'start': return this.#start(action);
    }
  }

  #killGraceMs({ why, container }: Extract<PodAction, { kind: 'kill' }>): number {
    const own = why === 'unhealthy' ? (container.livenessProbe?.terminationGracePeriodSeconds ?? container.startupProbe?.terminationGracePeriodSeconds) : undefined;
    return (own ?? this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  }

  async #createSandbox(attempt: number): Promise<boolean> {
    await this.#context.networkReady();
    // Volumes are made while the runtime sets up the network: neither needs the other. Whoever starts a container checks them.
    const volumes = this.#volumes.setUp(this.#payloadContext()).catch(() => {});
    try {
      await this.#context.runtime.runSandbox(sandboxConfig({ pod: this.#pod, attempt, paths: this.#paths, dns: this.#context.dns }));
      return true;
    } catch (thrown) {
      this.#events('Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${asError(thrown).message}`);
      this.#wakeIn(RETRY_MS);
      return false;
    } finally {
      await volumes;
    }
  }

  async #start({ container, attempt, isRestart }: Extract<PodAction, { kind: 'start' }>): Promise<boolean> {
    const sandbox = newestSandbox(this.#view);
    if (!sandbox) return true;
    try {
      await this.#volumes.setUp(this.#payloadContext());
      await this.#unlessStopped(startContainer(this.#context, {
        pod: this.#pod, container, attempt, sandbox, podIps: this.#podIps(), paths: this.#paths, volumes: this.#volumes, events: this.#events,
        sandboxConfig: sandboxConfig({ pod: this.#pod, attempt: sandbox.attempt, paths: this.#paths, dns: this.#context.dns }),
      }));
      this.#waiting.delete(container.name);
      if (isRestart) this.#backOff.next(container.name);
      await this.#prune(container.name);
      return true;
    } catch (thrown) {
      this.#noteFailure(container.name, thrown);
      // A start that failed half-way leaves an ended container, which counts as one try.
      if (thrown instanceof ContainerConfigError && thrown.reason === 'RunContainerError' && isRestart) this.#backOff.next(container.name);
      return false;
    }
  }

  #noteFailure(name: string, thrown: unknown): void {
    const error = asError(thrown);
    const { clock } = this.#context;
    if (error instanceof ImageError || error instanceof ContainerConfigError) this.#waiting.set(name, { reason: error.reason, message: error.message });
    else if (error instanceof VolumeNotReady) this.#events('Warning', 'FailedMount', `MountVolume.SetUp failed for volume "${error.data.volume}" : ${error.message}`);
    else this.#events('Warning', 'Failed', `Error: ${error.message}`, name);
    if (error instanceof ContainerConfigError && error.reason === 'CreateContainerConfigError') this.#events('Warning', 'Failed', `Error: ${error.message}`, name);
    this.#wakeIn(error instanceof ImageError ? Math.min(error.data.retryAt - clock.now(), RESYNC_MS) : RETRY_MS);
  }

  /** What takes long (a pull, a hook) must not hold up the end of its pod. */
  async #unlessStopped(work: Promise<void>): Promise<void> {
    await Promise.race([work, this.#stopping.promise]);
    work.catch(() => {});
  }

  /** Keeps the newest ended instance, whose log `--previous` shows. */
  async #prune(name: string): Promise<void> {
    const ended = this.#view.containers.filter((c) => c.name === name && c.state === 'exited').toSorted((a, b) => b.attempt - a.attempt);
    for (const old of ended.slice(1)) {
      await this.#context.runtime.removeContainer(old.id);
      if (old.logPath) await rm(old.logPath, { force: true });
    }
  }

  async #settle(): Promise<void> {
    await this.#observe();
    await stopContainers(this.#context, { pod: this.#pod, view: this.#view, host: this.#podIps()[0], events: this.#events, graceMs: (this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000 });
    this.#probes.stop();
    await this.#observe();
    this.#publish();
    for (const sandbox of this.#view.sandboxes) if (sandbox.isReady) await this.#context.runtime.stopSandbox(sandbox.id);
    await this.#volumes.tearDown();
  }

  async #stopAll(): Promise<void> {
    await this.#observe();
    await stopContainers(this.#context, { pod: this.#pod, view: this.#view, host: this.#podIps()[0], events: this.#events, graceMs: this.#graceMs });
    if (this.#phase !== 'stopping') return;
    this.#probes.stop();
    await this.#observe();
    if (this.#view.containers.some((c) => c.state === 'running')) throw new Error('containers still run');
    this.#enter('stopped');
    this.#publish();
    this.#isDirty = true;
  }

  async #clean(): Promise<void> {
    const { runtime } = this.#context;
    for (const sandbox of this.#view.sandboxes) await runtime.stopSandbox(sandbox.id);
    await this.#volumes.tearDown();
    this.#enter('cleaned');
    this.#isDirty = true;
  }

  async #forget(): Promise<void> {
    const { runtime, checkpoints, tokens } = this.#context;
    if (this.#keepsObject) await this.#writer.flushed();
    else await this.#writer.remove();
    for (const sandbox of this.#view.sandboxes) await runtime.removeSandbox(sandbox.id);
    await Promise.all([removeCgroup(this.#paths.cgroup), rm(this.#paths.logs, { recursive: true, force: true })]);
    tokens.forget(this.uid);
    await checkpoints.remove(this.uid);
    this.#enter('forgotten');
    this.#cancelTimer();
    this.#onGone();
  }

  #podIps(): readonly string[] {
    if (this.#pod.spec.hostNetwork) return [this.#context.hostIp];
    const sandbox = newestSandbox(this.#view);
    return (sandbox && this.#addresses.get(sandbox.id)) ?? [];
  }

  #payloadContext() {
    const { hostIp, nodeName, allocatable, watches, tokens } = this.#context;
    return { pod: this.#pod, facts: { podIps: this.#podIps(), hostIp, nodeName, allocatable }, objects: watches, tokens };
  }

  /** What this node says wins over what the API shows of it; the rest is taken from the API. */
  #mergeForeign(status: PodStatus | undefined): PodStatus {
    const own = this.#status.containerStatuses === undefined ? {} : this.#status;
    const types = new Set((own.conditions ?? []).map((c) => c.type));
    const others = (status?.conditions ?? []).filter((c) => !types.has(c.type));
    return { ...status, ...own, ...(own.conditions || others.length > 0 ? { conditions: [...(own.conditions ?? []), ...others] } : {}) };
  }

  #publish(): void {
    const { clock, hostIp } = this.#context;
    const status = podStatus({
      pod: this.#pod, view: this.#view, now: clock.now(), podIps: this.#podIps(), hostIp, previous: this.#status,
      waiting: this.#waiting, messages: this.#messages, verdict: this.#verdict, isStopping: this.#phase !== 'running' && this.#phase !== 'finished',
      isReady: (container, id) => this.#probes.isReady(container, id),
      isStarted: (container, id) => this.#probes.isStarted(container, id),
    });
    this.#status = status;
    this.#writer.write(this.#pod, status);
    void this.#context.checkpoints.save(this.current).catch((error: unknown) => this.#log.error('checkpoint not written', { error }));
  }
}
