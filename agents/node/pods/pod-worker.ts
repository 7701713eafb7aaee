import { rm } from 'node:fs/promises';
import type { Pod, PodStatus } from '#api/generated/core/v1.ts';
import { asError } from '#base/errors.ts';
import type { Logger } from '#base/logger.ts';
import { qosFolder, qosOf } from '../containers/resources.ts';
import { PodProbes } from '../probes/pod-probes.ts';
import { podEvents, type PodEvents } from '../status/event-recorder.ts';
import { podStatus, type StatusInput } from '../status/pod-status.ts';
import { StatusWriter } from '../status/status-writer.ts';
import { PodVolumes } from '../volumes/pod-volumes.ts';
import { BackOff } from './back-off.ts';
import { removePodCgroup } from './pod-cgroup.ts';
import { PodActions, type WaitingReasons } from './pod-actions.ts';
import { PodObserver } from './pod-observer.ts';
import type { NodeContext } from './node-context.ts';
import { podPaths, type PodPaths } from './pod-paths.ts';
import { planPod, type PodPlan, type PodView } from './pod-plan.ts';
import { stopContainers } from './pod-stopper.ts';
import { unenforcedFields, unsupportedFields } from './unsupported.ts';
import { nextPhase, type WorkerEvent, type WorkerPhase } from './worker-phase.ts';

/** A pod that is up sooner than this is written once, as Running; a slower one shows first what it waits for. */
const SLOW_START_MS = 300;
const RETRY_MS = 1000;
const FIRST_END_LOOK_MS = 20;
const MAX_END_LOOKS = 8;
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
  readonly #observer: PodObserver;
  readonly #backOff: BackOff;
  readonly #writer: StatusWriter;
  readonly #events: PodEvents;
  readonly #onGone: () => void;
  readonly #stopping = Promise.withResolvers<void>();
  readonly #firstLook = Promise.withResolvers<void>();
  readonly #waiting: WaitingReasons = new Map();
  readonly #actions: PodActions;
  #pod: Pod;
  #status: PodStatus;
  #phase: WorkerPhase = 'running';
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
    this.#observer = new PodObserver(this.uid, context.runtime, context.hostIp);
    this.#backOff = new BackOff(context.clock);
    this.#writer = new StatusWriter(pod, context);
    this.#events = podEvents(context.events, () => this.#pod);
    this.#probes = new PodProbes({
      runtime: context.runtime, clock: context.clock, onChange: () => this.trigger(),
      onUnhealthy: (container, kind, output) => this.#events('Warning', 'Unhealthy', `${kind[0]?.toUpperCase()}${kind.slice(1)} probe failed: ${output}`, container.name),
    });
    this.#actions = new PodActions({
      context, paths: this.#paths, volumes: this.#volumes, events: this.#events, backOff: this.#backOff, observer: this.#observer,
      waiting: this.#waiting, stopping: this.#stopping.promise, wakeIn: (ms) => this.#wakeIn(ms),
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
    return this.#observer.has(id);
  }

  /** A newer version of the pod object. */
  update(pod: Pod): void {
    const isSpecNew = pod.metadata.generation !== this.#pod.metadata.generation || pod.metadata.deletionTimestamp !== this.#pod.metadata.deletionTimestamp
      || JSON.stringify([pod.spec, pod.metadata.labels, pod.metadata.annotations]) !== JSON.stringify([this.#pod.spec, this.#pod.metadata.labels, this.#pod.metadata.annotations]);
    this.#pod = pod;
    // Conditions and fields of others live in the status too; what is ours is computed anew on top.
    this.#status = this.#mergeForeign(pod.status);
    this.#writer.correct(pod, this.#status);
    if (pod.metadata.deletionTimestamp) this.stop();
    if (!isSpecNew) return;
    this.#saveCheckpoint();
    void this.#actions.refreshVolumes(this.#pod).catch((error: unknown) => this.#log.warn('volumes not refreshed', { error }));
    this.trigger();
  }

  /**
   * Ends the pod: containers get `graceSeconds`, by default what its deletion or its spec says. A later call may only shorten it.
   * With `keepsObject` the API's object stays as it is, so that the pod starts again with the node; else it is removed at the end.
   */
  stop(options: { readonly graceSeconds?: number; readonly keepsObject?: boolean } = {}): void {
    const { metadata, spec } = this.#pod;
    const graceMs = Number(options.graceSeconds ?? metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30) * 1000;
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

  /** The runtime tells of an end before its own status shows it: look until it does. The id may be one that this pod does not have. */
  onEnded(runtimeId: string, tries = 0): void {
    this.trigger();
    if (tries >= MAX_END_LOOKS) return;
    this.#context.clock.after(FIRST_END_LOOK_MS * 2 ** tries, () => void this.#lookAgain(runtimeId, tries + 1));
  }

  async #lookAgain(runtimeId: string, tries: number): Promise<void> {
    // A step that is under way may be the one that starts it: only its last look knows the id.
    await this.#running;
    if (!this.#isClosed && this.#observer.showsAlive(runtimeId)) this.onEnded(runtimeId, tries);
  }

  /** Resolves when what the runtime has was looked at once, so that `current` is true. */
  get firstLook(): Promise<void> {
    return this.#firstLook.promise;
  }

  /** Stops watching over the pod and touches nothing of it. Resolves when no step runs any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stopping.resolve();
    this.#cancelTimer();
    // A step under way may yet begin probes and follow volumes: they are ended after it, or nobody would end them.
    await this.#running;
    this.#probes.stop();
    this.#volumes.stopFollowing();
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
    const slow = this.#context.clock.after(SLOW_START_MS, () => {
      // A pod that ran before keeps the status that it had until the runtime was asked.
      if (this.#observer.hasLooked || this.#status.containerStatuses === undefined) this.#publish();
    });
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
    await this.#observer.look(this.#pod);
    if (this.#phase === 'running') this.#probes.sync(this.#pod, this.#view.containers, this.#podIps()[0] ?? this.#context.hostIp);
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
      hasActed = (await this.#actions.do(this.#pod, action)) || hasActed;
    }
    return hasActed;
  }

  async #settle(): Promise<void> {
    await this.#observe();
    await this.#stopContainers(Number(this.#pod.spec.terminationGracePeriodSeconds ?? 30) * 1000);
    this.#probes.stop();
    await this.#observe();
    this.#publish();
    for (const sandbox of this.#view.sandboxes) if (sandbox.isReady) await this.#context.runtime.stopSandbox(sandbox.id);
    await this.#volumes.tearDown();
  }

  async #stopAll(): Promise<void> {
    await this.#observe();
    await this.#stopContainers(this.#graceMs);
    if (this.#phase !== 'stopping') return;
    this.#probes.stop();
    await this.#observe();
    if (this.#view.containers.some((c) => c.state === 'running')) throw new Error('containers still run');
    this.#enter('stopped');
    if (!this.#keepsObject) this.#publish();
    this.#isDirty = true;
  }

  #stopContainers(graceMs: number): Promise<void> {
    return stopContainers(this.#context, { pod: this.#pod, view: this.#view, host: this.#podIps()[0], events: this.#events, graceMs });
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
    if (!this.#keepsObject) await this.#writer.remove();
    for (const sandbox of this.#view.sandboxes) await runtime.removeSandbox(sandbox.id);
    removePodCgroup(this.#paths.cgroup);
    await rm(this.#paths.logs, { recursive: true, force: true });
    tokens.forget(this.uid);
    await checkpoints.remove(this.uid);
    this.#enter('forgotten');
    this.#cancelTimer();
    this.#onGone();
  }

  get #view(): PodView {
    return this.#observer.view;
  }

  #podIps(): readonly string[] {
    return this.#observer.podIps(this.#pod);
  }

  /** What this node says wins over what the API shows of it; the rest is taken from the API. */
  #mergeForeign(status: PodStatus | undefined): PodStatus {
    const own = this.#status.containerStatuses === undefined ? {} : this.#status;
    const types = new Set((own.conditions ?? []).map((c) => c.type));
    const others = (status?.conditions ?? []).filter((c) => !types.has(c.type));
    return { ...status, ...own, ...(own.conditions || others.length > 0 ? { conditions: [...(own.conditions ?? []), ...others] } : {}) };
  }

  #saveCheckpoint(): void {
    this.#context.checkpoints.save(this.current).catch((error: unknown) => this.#log.error('checkpoint not written', { error }));
  }

  #publish(): void {
    const { clock, hostIp } = this.#context;
    const status = podStatus({
      pod: this.#pod, view: this.#view, now: clock.now(), podIps: this.#podIps(), hostIp, previous: this.#status,
      waiting: this.#waiting, messages: this.#observer.messages, verdict: this.#verdict, isStopping: this.#phase !== 'running' && this.#phase !== 'finished',
      isReady: (container, id) => this.#probes.isReady(container, id),
      isStarted: (container, id) => this.#probes.isStarted(container, id),
    });
    this.#status = status;
    if (this.#observer.hasLooked) this.#firstLook.resolve();
    this.#writer.write(this.#pod, status);
    this.#saveCheckpoint();
  }
}
