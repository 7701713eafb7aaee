import type { Job } from '#api/generated/batch/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { joinKey, keyOf, splitKey } from '#api/object.ts';
import { controllerOf } from '#api/owner-references.ts';
import { JOBS, PODS } from '#api/resources.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import type { Informer } from '#client/informer.ts';
import { claim, ignoreNotFound } from '#controller/claim.ts';
import { isConditionTrue } from '#controller/conditions.ts';
import { Expectations } from '#controller/expectations.ts';
import { OwnPods } from '#controller/own-pods.ts';
import { addOwnerIndexes, claimCandidates } from '#controller/pods.ts';
import type { ControllerDefinition, ControllerDependencies, ReconcileContext, ReconcileResult, Reconciler } from '#controller/reconciler.ts';
import { slowStart } from '#controller/slow-start.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { nextPods } from './next-pods.ts';
import { hasFinalizer, isFinished, judge, missingPods, msToDeadline, surplusOf, tallyPods, TRACKING_FINALIZER, type PodTally, type Verdict } from './plan.ts';
import { jobPod } from './pod.ts';
import { countsOf, isSameStatus, jobStatus, type Counts } from './status.ts';

/** Runs pods until enough of them succeeded. */
export const jobController: ControllerDefinition = {
  name: CONTROLLER_NAMES.job,
  concurrency: 8,
  build(dependencies) {
    const jobs = dependencies.informers.informer(JOBS);
    const pods = dependencies.informers.informer(PODS);
    addOwnerIndexes(dependencies.informers, pods);
    return {
      reconciler: new JobReconciler(dependencies, jobs, pods),
      triggers: [
        { informer: jobs, keysOf: (job) => [keyOf(job)] },
        { informer: pods, keysOf: (pod: Pod) => jobsOfPod(jobs, pod) },
      ],
    };
  },
};

function jobsOfPod(jobs: Informer<Job>, pod: Pod): readonly string[] {
  const owner = controllerOf(pod);
  const { namespace, labels } = pod.metadata;
  if (owner) return owner.kind === 'Job' ? [joinKey(namespace, owner.name)] : [];
  return jobs.lister.list(namespace).filter((job) => labelSelectorPredicate(job.spec.selector)(labels)).map(keyOf);
}

interface Round { readonly job: Job; readonly pods: readonly Pod[]; readonly tally: PodTally; readonly counts: Counts; readonly verdict: Verdict | undefined; readonly nowMs: number; readonly signal: AbortSignal }

class JobReconciler implements Reconciler {
  readonly #deps: ControllerDependencies;
  readonly #jobs: Informer<Job>;
  readonly #pods: Informer<Pod>;
  readonly #expectations: Expectations;
  readonly #ownPods: OwnPods;

  constructor(deps: ControllerDependencies, jobs: Informer<Job>, pods: Informer<Pod>) {
    this.#deps = deps;
    this.#jobs = jobs;
    this.#pods = pods;
    this.#expectations = new Expectations(deps.clock);
    this.#ownPods = new OwnPods({ client: deps.client, events: deps.events, expectations: this.#expectations, pods });
  }

  async reconcile(key: string, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const job = this.#jobs.lister.get(key);
    if (!job) {
      this.#expectations.forget(key);
      await this.#releaseOrphans(key, signal);
      return {};
    }
    if (job.spec.managedBy !== undefined && job.spec.managedBy !== 'kubernetes.io/job-controller') return {};
    const round = await this.#look(job, signal);
    if (isFinished(job)) {
      await Promise.all(round.pods.filter(hasFinalizer).map((pod) => this.#release(pod, signal)));
      return {};
    }
    await this.#writeStatus(round);
    await Promise.all(round.tally.settled.map((pod) => this.#release(pod, signal)));
    return this.#scale(round);
  }

  async #look(job: Job, signal: AbortSignal): Promise<Round> {
    const matches = labelSelectorPredicate(job.spec.selector);
    const pods = await claim({ client: this.#deps.client, resource: PODS, ownerResource: JOBS, owner: job, matches, candidates: claimCandidates(this.#pods, job), finalizer: TRACKING_FINALIZER, signal });
    const tally = tallyPods(job, pods);
    const counts = countsOf({ job, tally });
    const nowMs = this.#deps.clock.now();
    const isSeen = this.#expectations.waitMs(keyOf(job)) === 0;
    const verdict = judge({ job, succeeded: counts.allSucceeded, failed: counts.allFailed, completed: counts.completed, tally, nowMs, isSeen });
    const isOver = verdict !== undefined || job.metadata.deletionTimestamp !== undefined;
    if (!isOver || tally.held.size === 0) return { job, pods, tally, counts, verdict, nowMs, signal };
    const last = tallyPods(job, pods, { isOver });
    return { job, pods, tally: last, counts: countsOf({ job, tally: last }), verdict, nowMs, signal };
  }

  async #writeStatus({ job, tally, counts, verdict, nowMs, signal }: Round): Promise<void> {
    const status = jobStatus({ job, tally, nowMs }, counts, verdict);
    if (isSameStatus(job.status, status)) return;
    const updated = await this.#deps.client.update(JOBS, { ...job, status }, { subresource: 'status', signal });
    this.#tell(job, updated, verdict);
  }

  #tell(before: Job, updated: Job, verdict: Verdict | undefined): void {
    const { events } = this.#deps;
    const isSuspended = isConditionTrue(updated.status?.conditions, 'Suspended');
    if (isSuspended !== isConditionTrue(before.status?.conditions, 'Suspended')) {
      events.event(updated, isSuspended ? { type: 'Normal', reason: 'Suspended', message: 'Job suspended' } : { type: 'Normal', reason: 'Resumed', message: 'Job resumed' });
    }
    if (isFinished(updated) && verdict) {
      const isComplete = verdict.type === 'Complete';
      if (isComplete && (updated.status?.succeeded ?? 0) > (updated.spec.completions ?? Infinity)) {
        events.event(updated, { type: 'Warning', reason: 'TooManySucceededPods', message: 'Too many succeeded pods running after completion count reached' });
      }
      events.event(updated, { type: isComplete ? 'Normal' : 'Warning', reason: isComplete ? 'Completed' : verdict.reason, message: isComplete ? 'Job completed' : verdict.message });
    }
  }

  async #scale(round: Round): Promise<ReconcileResult> {
    const { job, tally, counts, verdict, signal } = round;
    // Its pods are the garbage collector's, or are to stay without it.
    if (job.metadata.deletionTimestamp !== undefined) return {};
    if (verdict) {
      // Those that a Job takes down with it when it fails have failed too, and keep the finalizer until they are counted.
      await Promise.all(tally.active.map((pod) => (verdict.type === 'Failed' ? this.#ownPods.delete(job, pod, signal) : this.#remove(job, pod, signal))));
      return {};
    }
    const waitMs = this.#expectations.waitMs(keyOf(job));
    const deadlineMs = msToDeadline(job, round.nowMs) ?? Infinity;
    if (waitMs > 0) return { requeueAfterMs: Math.min(waitMs, deadlineMs) };
    const missing = missingPods(job, counts.allSucceeded, tally);
    const surplus = surplusOf(job, counts.allSucceeded, tally);
    await Promise.all(surplus.map((pod) => this.#remove(job, pod, signal)));
    const next = missing > 0 && surplus.length === 0 ? nextPods({ ...round, completed: counts.completed }, missing) : { now: [], waitMs: Infinity };
    await slowStart(next.now, (index) => this.#ownPods.create(job, jobPod(job, this.#deps.randomSuffix(5), index, tally.held.get(index ?? -1)), signal));
    const nextMs = Math.min(deadlineMs, next.waitMs);
    return Number.isFinite(nextMs) ? { requeueAfterMs: Math.max(nextMs, 1) } : {};
  }

  /** What the Job itself stops is no failure: without its finalizer it is not counted. */
  async #remove(job: Job, pod: Pod, signal: AbortSignal): Promise<void> {
    await this.#release(pod, signal);
    await this.#ownPods.delete(job, pod, signal);
  }

  async #release(pod: Pod, signal: AbortSignal): Promise<void> {
    if (!hasFinalizer(pod)) return;
    const body = { metadata: { uid: pod.metadata.uid, '$deleteFromPrimitiveList/finalizers': [TRACKING_FINALIZER] } };
    await this.#deps.client.patch(PODS, pod.metadata, { type: 'strategic', body }, { signal }).catch(ignoreNotFound);
  }

  /** Pods of a Job that is gone would otherwise never go. */
  async #releaseOrphans(key: string, signal: AbortSignal): Promise<void> {
    const { namespace, name } = splitKey(key);
    const isOrphan = (pod: Pod): boolean => hasFinalizer(pod) && controllerOf(pod)?.kind === 'Job' && controllerOf(pod)?.name === name;
    await Promise.all(this.#pods.lister.list(namespace).filter(isOrphan).map((pod) => this.#release(pod, signal)));
  }
}
