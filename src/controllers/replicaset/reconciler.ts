import { formatTime } from '#base/clock.ts';
import type { ReplicaSet } from '#api/generated/apps/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { joinKey, keyOf } from '#api/object.ts';
import { controllerOf } from '#api/owner-references.ts';
import { PODS, REPLICA_SETS } from '#api/resources.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import type { Informer } from '#client/informer.ts';
import { claim } from '#controller/claim.ts';
import { Expectations } from '#controller/expectations.ts';
import { OwnPods } from '#controller/own-pods.ts';
import { addOrphanIndex, claimCandidates, isPodActive, podFromTemplate } from '#controller/pods.ts';
import type { ControllerDefinition, ControllerDependencies, ReconcileContext, ReconcileResult, Reconciler } from '#controller/reconciler.ts';
import { slowStart } from '#controller/slow-start.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { isSameStatus, nextAvailableMs, planScale, replicaSetStatus, type StatusInput } from './plan.ts';

/** Keeps as many pods of a template as a ReplicaSet wants. */
export const replicaSetController: ControllerDefinition = {
  name: CONTROLLER_NAMES.replicaSet,
  concurrency: 8,
  build(dependencies) {
    const sets = dependencies.informers.informer(REPLICA_SETS);
    const pods = dependencies.informers.informer(PODS);
    addOrphanIndex(dependencies.informers, pods);
    return {
      reconciler: new ReplicaSetReconciler(dependencies, sets, pods),
      triggers: [
        { informer: sets, keysOf: (set) => [keyOf(set)] },
        { informer: pods, keysOf: (pod: Pod) => setsOfPod(sets, pod) },
      ],
    };
  },
};

/** A pod without a controller concerns every set that selects it. */
function setsOfPod(sets: Informer<ReplicaSet>, pod: Pod): readonly string[] {
  const owner = controllerOf(pod);
  const { namespace, labels } = pod.metadata;
  if (owner) return owner.kind === 'ReplicaSet' ? [joinKey(namespace, owner.name)] : [];
  return sets.lister.list(namespace).filter((set) => labelSelectorPredicate(set.spec?.selector)(labels)).map(keyOf);
}

class ReplicaSetReconciler implements Reconciler {
  readonly #deps: ControllerDependencies;
  readonly #sets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;
  readonly #expectations: Expectations;
  readonly #ownPods: OwnPods;

  constructor(deps: ControllerDependencies, sets: Informer<ReplicaSet>, pods: Informer<Pod>) {
    this.#deps = deps;
    this.#sets = sets;
    this.#pods = pods;
    this.#expectations = new Expectations(deps.clock);
    this.#ownPods = new OwnPods({ client: deps.client, events: deps.events, expectations: this.#expectations, pods });
  }

  async reconcile(key: string, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const set = this.#sets.lister.get(key);
    if (!set) {
      this.#expectations.forget(key);
      return {};
    }
    const waitMs = this.#expectations.waitMs(key);
    const matches = labelSelectorPredicate(set.spec?.selector);
    const pods = await claim({ client: this.#deps.client, resource: PODS, ownerResource: REPLICA_SETS, owner: set, matches, candidates: claimCandidates(this.#pods, set), signal });
    const failed = waitMs > 0 || set.metadata.deletionTimestamp !== undefined ? undefined : await this.#scale(set, pods, signal);
    await this.#writeStatus(set, pods, failed?.failure, signal);
    if (failed) throw failed.error;
    const nextMs = nextAvailableMs(set, pods, this.#deps.clock.now());
    const soonest = Math.min(nextMs ?? Infinity, waitMs > 0 ? waitMs : Infinity);
    return Number.isFinite(soonest) ? { requeueAfterMs: soonest } : {};
  }

  async #scale(set: ReplicaSet, pods: readonly Pod[], signal: AbortSignal): Promise<{ readonly failure: NonNullable<StatusInput['failure']>; readonly error: Error } | undefined> {
    const plan = planScale(set, pods, this.#relatedPods(set));
    const template = set.spec?.template ?? {};
    try {
      await slowStart(Array.from({ length: plan.create }), () =>
        this.#ownPods.create(set, podFromTemplate({ owner: set, ownerResource: REPLICA_SETS, template, suffix: this.#deps.randomSuffix(5) }), signal));
      await Promise.all(plan.remove.map((pod) => this.#ownPods.delete(set, pod, signal)));
      return undefined;
    } catch (thrown) {
      const error = thrown as Error;
      return { failure: { reason: plan.create > 0 ? 'FailedCreate' : 'FailedDelete', message: error.message }, error };
    }
  }

  /** Active pods of the Deployment that the set belongs to, or of the set alone. */
  #relatedPods(set: ReplicaSet): readonly Pod[] {
    const owner = controllerOf(set);
    const sets = owner ? this.#sets.lister.byIndex('owner', owner.uid) : [set];
    return sets.flatMap((s) => this.#pods.lister.byIndex('owner', s.metadata.uid ?? '')).filter(isPodActive);
  }

  async #writeStatus(set: ReplicaSet, pods: readonly Pod[], failure: StatusInput['failure'], signal: AbortSignal): Promise<void> {
    const nowMs = this.#deps.clock.now();
    const status = replicaSetStatus({ set, pods, nowMs, now: formatTime(nowMs), ...(failure ? { failure } : {}) });
    if (isSameStatus(set.status, status)) return;
    await this.#deps.client.update(REPLICA_SETS, { ...set, status }, { subresource: 'status', signal });
  }
}
