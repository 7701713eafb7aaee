import { formatTime } from '#base/clock.ts';
import type { ReplicaSet } from '#api/generated/apps/v1.ts';
import type { Pod, ReplicationController } from '#api/generated/core/v1.ts';
import { joinKey, keyOf, type KubeObject } from '#api/object.ts';
import { controllerOf } from '#api/owner-references.ts';
import { PODS, REPLICA_SETS, REPLICATION_CONTROLLERS } from '#api/resources.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import type { Informer } from '#client/informer.ts';
import { claim } from '#controller/claim.ts';
import { Expectations } from '#controller/expectations.ts';
import { OwnPods } from '#controller/own-pods.ts';
import { addOwnerIndexes, claimCandidates, isPodActive, isPodTerminating, ownedBy, podFromTemplate } from '#controller/pods.ts';
import type { ControllerDefinition, ControllerDependencies, ReconcileContext, ReconcileResult, Reconciler } from '#controller/reconciler.ts';
import { slowStart } from '#controller/slow-start.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { isSameStatus, nextAvailableMs, planScale, replicaSetStatus, type StatusInput } from './plan.ts';

/** A kind that keeps as many pods of a template as it wants, and how it reads as a ReplicaSet. */
interface ReplicaKind<T extends ReplicaSet | ReplicationController> {
  readonly name: string;
  readonly resource: ResourceType<T>;
  /** Of the same kind by its `kind`: events and owner references name the object itself. */
  readonly asSet: (object: T) => ReplicaSet;
}

export const replicaSetController: ControllerDefinition = replicaController({ name: CONTROLLER_NAMES.replicaSet, resource: REPLICA_SETS, asSet: (set) => set });

/** The older kind differs in its selector only, which is plain labels. */
export const replicationController: ControllerDefinition = replicaController({
  name: CONTROLLER_NAMES.replication,
  resource: REPLICATION_CONTROLLERS,
  asSet: (object) => ({ ...object, spec: { ...object.spec, selector: { matchLabels: object.spec?.selector } } }),
});

function replicaController<T extends ReplicaSet | ReplicationController>(kind: ReplicaKind<T>): ControllerDefinition {
  return {
    name: kind.name,
    concurrency: 8,
    build(dependencies) {
      const sets = dependencies.informers.informer(kind.resource);
      const pods = dependencies.informers.informer(PODS);
      addOwnerIndexes(dependencies.informers, sets);
      addOwnerIndexes(dependencies.informers, pods);
      return {
        reconciler: new ReplicaSetReconciler(dependencies, kind, sets, pods),
        triggers: [
          { informer: sets, keysOf: (set) => [keyOf(set)] },
          { informer: pods, keysOf: (pod: Pod) => setsOfPod(kind, sets, pod) },
        ],
      };
    },
  };
}

/** A pod without a controller concerns every set that selects it. */
function setsOfPod<T extends ReplicaSet | ReplicationController>({ resource, asSet }: ReplicaKind<T>, sets: Informer<T>, pod: Pod): readonly string[] {
  const owner = controllerOf(pod);
  const { namespace, labels } = pod.metadata;
  if (owner) return owner.kind === resource.kind ? [joinKey(namespace, owner.name)] : [];
  return sets.lister.list(namespace).filter((set) => labelSelectorPredicate(asSet(set).spec?.selector)(labels)).map(keyOf);
}

class ReplicaSetReconciler<T extends ReplicaSet | ReplicationController> implements Reconciler {
  readonly #deps: ControllerDependencies;
  readonly #kind: ReplicaKind<T>;
  readonly #sets: Informer<T>;
  readonly #pods: Informer<Pod>;
  readonly #expectations: Expectations;
  readonly #ownPods: OwnPods;

  constructor(deps: ControllerDependencies, kind: ReplicaKind<T>, sets: Informer<T>, pods: Informer<Pod>) {
    this.#deps = deps;
    this.#kind = kind;
    this.#sets = sets;
    this.#pods = pods;
    this.#expectations = new Expectations(deps.clock);
    this.#ownPods = new OwnPods({ client: deps.client, events: deps.events, expectations: this.#expectations, pods });
  }

  async reconcile(key: string, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const object = this.#sets.lister.get(key);
    if (!object) {
      this.#expectations.forget(key);
      return {};
    }
    const set = this.#kind.asSet(object);
    const waitMs = this.#expectations.waitMs(key);
    const matches = labelSelectorPredicate(set.spec?.selector);
    const candidates = claimCandidates(this.#pods, set);
    // Only those that run are adopted and let go of.
    const active = await claim({ client: this.#deps.client, resource: PODS, ownerResource: this.#kind.resource, owner: set, matches, candidates: candidates.filter(isPodActive), signal });
    const pods = [...active, ...candidates.filter((pod) => isPodTerminating(pod) && controllerOf(pod)?.uid === set.metadata.uid && matches(pod.metadata.labels))];
    const failed = waitMs > 0 || set.metadata.deletionTimestamp !== undefined ? undefined : await this.#scale(set, pods, signal);
    await this.#writeStatus(object, pods, failed?.failure, signal);
    if (failed) throw failed.error;
    const nextMs = nextAvailableMs(set, pods, this.#deps.clock.now());
    const soonest = Math.min(nextMs ?? Infinity, waitMs > 0 ? waitMs : Infinity);
    return Number.isFinite(soonest) ? { requeueAfterMs: soonest } : {};
  }

  async #scale(set: ReplicaSet, pods: readonly Pod[], signal: AbortSignal): Promise<{ readonly failure: NonNullable<StatusInput['failure']>; readonly error: Error } | undefined> {
    const plan = planScale({ set, pods, related: this.#relatedPods(set), nowMs: this.#deps.clock.now() });
    const template = set.spec?.template ?? {};
    try {
      await slowStart(Array.from({ length: plan.create }), () =>
        this.#ownPods.create(set, podFromTemplate({ owner: set, ownerResource: this.#kind.resource, template, suffix: this.#deps.randomSuffix(5) }), signal));
      await Promise.all(plan.remove.map((pod) => this.#ownPods.delete(set, pod, signal)));
      return undefined;
    } catch (thrown) {
      const error = thrown as Error;
      return { failure: { reason: plan.create > 0 ? 'FailedCreate' : 'FailedDelete', message: error.message }, error };
    }
  }

  /** Active pods of the Deployment that the set belongs to; none of a set that belongs to nobody. */
  #relatedPods(set: ReplicaSet): readonly Pod[] {
    const owner = controllerOf(set);
    const sets: readonly KubeObject[] = owner ? ownedBy(this.#sets, owner.uid) : [];
    return sets.flatMap((s) => ownedBy(this.#pods, s.metadata.uid)).filter(isPodActive);
  }

  async #writeStatus(object: T, pods: readonly Pod[], failure: StatusInput['failure'], signal: AbortSignal): Promise<void> {
    const nowMs = this.#deps.clock.now();
    const { terminatingReplicas, ...common } = replicaSetStatus({ set: this.#kind.asSet(object), pods, nowMs, now: formatTime(nowMs), ...(failure ? { failure } : {}) });
    // Only the newer kind has the field.
    const status = groupResource(this.#kind.resource) === 'replicationcontrollers' ? common : { ...common, terminatingReplicas };
    if (isSameStatus(object.status, status)) return;
    await this.#deps.client.update(this.#kind.resource, { ...object, status }, { subresource: 'status', signal });
  }
}
