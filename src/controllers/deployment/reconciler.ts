import type { Deployment, ReplicaSet } from '#api/generated/apps/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import { joinKey, keyOf } from '#api/object.ts';
import { controllerOf } from '#api/owner-references.ts';
import { isPodTerminal } from '#api/pods.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '#api/resources.ts';
import { labelSelectorPredicate } from '#api/selectors/labels.ts';
import { isNamespaceTerminating, isStatus } from '#api/status-error.ts';
import type { Informer } from '#client/informer.ts';
import { claim, ignoreNotFound } from '#controller/claim.ts';
import { addOwnerIndexes, claimCandidates, ownedBy } from '#controller/pods.ts';
import type { ControllerDefinition, ControllerDependencies, ReconcileContext, ReconcileResult, Reconciler } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { currentReplicas, isScalingEvent, planCleanup, planRollingUpdate, planScale, type Resize } from './plan.ts';
import { hasTemplateOf, newReplicaSet, replicasOf, REVISION_ANNOTATION, revisionOf, sizeAnnotations, splitSets, wantedAnnotations } from './replica-sets.ts';
import { CREATE_ERROR_REASON, deploymentStatus, isComplete, isSameStatus, requeueAfterMs, statusOfFailedCreate, type StatusInput } from './status.ts';
import { isRollingUpdate } from './strategy.ts';

/** Rolls a template out over ReplicaSets, one for each revision. */
export const deploymentController: ControllerDefinition = {
  name: CONTROLLER_NAMES.deployment,
  concurrency: 8,
  build(dependencies) {
    const deployments = dependencies.informers.informer(DEPLOYMENTS);
    const sets = dependencies.informers.informer(REPLICA_SETS);
    const pods = dependencies.informers.informer(PODS);
    addOwnerIndexes(dependencies.informers, sets);
    addOwnerIndexes(dependencies.informers, pods);
    return {
      reconciler: new DeploymentReconciler(dependencies, { deployments, sets, pods }),
      triggers: [
        { informer: deployments, keysOf: (d) => [keyOf(d)] },
        { informer: sets, keysOf: (set: ReplicaSet) => deploymentsOfSet(deployments, set) },
        { informer: pods, keysOf: (pod: Pod) => recreatedByPod(deployments, sets, pod) },
      ],
    };
  },
};

function deploymentsOfSet(deployments: Informer<Deployment>, set: ReplicaSet): readonly string[] {
  const owner = controllerOf(set);
  const { namespace, labels } = set.metadata;
  if (owner) return owner.kind === 'Deployment' ? [joinKey(namespace, owner.name)] : [];
  return deployments.lister.list(namespace).filter((d) => labelSelectorPredicate(d.spec?.selector)(labels)).map(keyOf);
}

/** Only Recreate looks at pods: it waits for the last one of the old. */
function recreatedByPod(deployments: Informer<Deployment>, sets: Informer<ReplicaSet>, pod: Pod): readonly string[] {
  const set = controllerOf(pod)?.kind === 'ReplicaSet' ? sets.lister.get(joinKey(pod.metadata.namespace, controllerOf(pod)?.name ?? '')) : undefined;
  return (set ? deploymentsOfSet(deployments, set) : []).filter((key) => deployments.lister.get(key)?.spec?.strategy?.type === 'Recreate');
}

interface Informers { readonly deployments: Informer<Deployment>; readonly sets: Informer<ReplicaSet>; readonly pods: Informer<Pod> }
interface Round { readonly deployment: Deployment; readonly current: ReplicaSet | undefined; readonly old: readonly ReplicaSet[]; readonly signal: AbortSignal }
interface Found extends Pick<StatusInput, 'current' | 'found' | 'collisionCount' | 'isResizeOnly'> {
  /** The Deployment as this round's own write left it. */
  readonly written?: Deployment;
}

class DeploymentReconciler implements Reconciler {
  readonly #deps: ControllerDependencies;
  readonly #informers: Informers;

  constructor(deps: ControllerDependencies, informers: Informers) {
    this.#deps = deps;
    this.#informers = informers;
  }

  async reconcile(key: string, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const deployment = this.#informers.deployments.lister.get(key);
    if (!deployment) return {};
    const matches = labelSelectorPredicate(deployment.spec?.selector);
    const candidates = claimCandidates(this.#informers.sets, deployment);
    const sets = await claim({ client: this.#deps.client, resource: REPLICA_SETS, ownerResource: DEPLOYMENTS, owner: deployment, matches, candidates, signal });
    const round: Round = { deployment, ...splitSets(deployment, sets), signal };
    const found = await this.#advance(round);
    return this.#finish({ ...round, ...found });
  }

  async #advance(round: Round): Promise<Found> {
    const { deployment, current, old } = round;
    if (deployment.metadata.deletionTimestamp !== undefined) return { current, isResizeOnly: true };
    if (deployment.spec?.paused || isScalingEvent(deployment, current ? [...old, current] : old)) {
      const known = current ? await this.#keepCurrent(round, current) : { current };
      const scaling = planScale(deployment, known.current, old);
      await this.#resizeAll(round, scaling);
      if (deployment.spec?.paused || scaling.length > 0) return { ...known, isResizeOnly: true };
      return this.#rollOut({ ...round, current: known.current });
    }
    return this.#rollOut(round);
  }

  async #rollOut(round: Round): Promise<Found> {
    const { deployment, current, old } = round;
    if (!isRollingUpdate(deployment) && (await this.#clearOld(round))) return { current };
    const found = current ? await this.#keepCurrent(round, current) : await this.#makeCurrent(round);
    if (found.current) await this.#resizeAll(round, planRollingUpdate({ deployment, current: found.current, old }));
    return found;
  }

  /** Recreate: true while something of the old is left. */
  async #clearOld(round: Round): Promise<boolean> {
    const running = round.old.filter((set) => replicasOf(set) > 0);
    await this.#resizeAll(round, running.map((set) => ({ set, replicas: 0 })));
    const pods = round.old.flatMap((set) => ownedBy(this.#informers.pods, set.metadata.uid));
    return running.length > 0 || pods.some((pod) => !isPodTerminal(pod)) || round.old.some(({ status }) => (status?.replicas ?? 0) > 0);
  }

  async #keepCurrent(round: Round, current: ReplicaSet): Promise<Found> {
    return this.#withRevision(round, await this.#annotate(round, current));
  }

  async #makeCurrent(round: Round): Promise<Found> {
    const { deployment, old } = round;
    return this.#withRevision(round, await this.#create(round, newReplicaSet(deployment, currentReplicas(deployment, 0, old), old)));
  }

  async #withRevision(round: Round, found: Found): Promise<Found> {
    return found.current ? { ...found, written: await this.#recordRevision(round, revisionOf(found.current)) } : found;
  }

  async #annotate({ deployment, old, signal }: Round, current: ReplicaSet): Promise<Found> {
    const found = { reason: 'FoundNewReplicaSet' as const, message: `Found new replica set "${current.metadata.name}"` };
    const annotations = wantedAnnotations(deployment, current, old);
    const minReadySeconds = deployment.spec?.minReadySeconds ?? 0;
    const isSame = Object.entries(annotations).every(([key, value]) => current.metadata.annotations?.[key] === value);
    if (isSame && (current.spec?.minReadySeconds ?? 0) === minReadySeconds) return { current, found };
    const updated = { ...current, metadata: { ...current.metadata, annotations }, spec: { ...(current.spec as NonNullable<ReplicaSet['spec']>), minReadySeconds } };
    return { current: await this.#deps.client.update(REPLICA_SETS, updated, { signal }), found };
  }

  async #create({ deployment, signal }: Round, set: ReturnType<typeof newReplicaSet>): Promise<Found> {
    try {
      const current = await this.#deps.client.create(REPLICA_SETS, set, { signal });
      this.#tellResize(deployment, current.metadata.name, 0, replicasOf(current));
      return { current, found: { reason: 'NewReplicaSetCreated', message: `Created new replica set "${current.metadata.name}"` } };
    } catch (error) {
      if (!isStatus(error, 'AlreadyExists')) {
        await this.#tellFailedCreate(deployment, set.metadata.name ?? '', error, signal);
        throw error;
      }
      const live = await this.#deps.client.get(REPLICA_SETS, { namespace: set.metadata.namespace, name: set.metadata.name ?? '' }, { signal });
      // Made by an earlier round that this cache does not show yet; or the hash of another template, which the next hash avoids.
      if (controllerOf(live)?.uid === deployment.metadata.uid && hasTemplateOf(deployment, live)) return { current: live };
      return { current: undefined, collisionCount: (deployment.status?.collisionCount ?? 0) + 1 };
    }
  }

  async #tellFailedCreate(deployment: Deployment, name: string, error: unknown, signal: AbortSignal): Promise<void> {
    if (signal.aborted || isNamespaceTerminating(error)) return;
    const message = `Failed to create new replica set "${name}": ${(error as Error).message}`;
    this.#deps.events.event(deployment, { type: 'Warning', reason: CREATE_ERROR_REASON, message });
    const status = statusOfFailedCreate(deployment, message, this.#deps.clock.now());
    // The failure is what matters; its condition comes with the next attempt if not with this.
    if (status && !isSameStatus(deployment.status, status)) await this.#deps.client.update(DEPLOYMENTS, { ...deployment, status }, { subresource: 'status', signal }).catch(() => undefined);
  }

  async #recordRevision({ deployment, signal }: Round, revision: bigint): Promise<Deployment> {
    const { resourceVersion, annotations } = deployment.metadata;
    if (annotations?.[REVISION_ANNOTATION] === String(revision)) return deployment;
    const body = { metadata: { resourceVersion, annotations: { [REVISION_ANNOTATION]: String(revision) } } };
    // With the status, where annotations leave the generation as it is.
    return this.#deps.client.patch(DEPLOYMENTS, deployment.metadata, { type: 'merge', body }, { subresource: 'status', signal });
  }

  async #resizeAll({ deployment, signal }: Round, resizes: readonly Resize[]): Promise<void> {
    await Promise.all(resizes.map(async ({ set, replicas }) => {
      const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) };
      const resized = { ...set, metadata: { ...set.metadata, annotations }, spec: { ...(set.spec as NonNullable<ReplicaSet['spec']>), replicas } };
      await this.#deps.client.update(REPLICA_SETS, resized, { signal });
      this.#tellResize(deployment, set.metadata.name, replicasOf(set), replicas);
    }));
  }

  #tellResize(deployment: Deployment, name: string, from: number, to: number): void {
    if (from === to) return;
    this.#deps.events.event(deployment, { type: 'Normal', reason: 'ScalingReplicaSet', message: `Scaled ${to > from ? 'up' : 'down'} replica set ${name} from ${from} to ${to}` });
  }

  /** Writes the status when it changed, and removes history once the rollout is complete. */
  async #finish(round: Round & Found): Promise<ReconcileResult> {
    const { deployment, old, signal, written = deployment } = round;
    const nowMs = this.#deps.clock.now();
    const status = deploymentStatus({ ...round, nowMs });
    if (isComplete(deployment, status) || (deployment.spec?.paused && deployment.metadata.deletionTimestamp === undefined)) {
      await Promise.all(planCleanup(deployment, old).map((set) =>
        this.#deps.client.delete(REPLICA_SETS, set.metadata, { preconditions: { uid: set.metadata.uid }, propagationPolicy: 'Background', signal }).catch(ignoreNotFound)));
    }
    if (!isSameStatus(deployment.status, status)) {
      await this.#deps.client.update(DEPLOYMENTS, { ...written, status }, { subresource: 'status', signal });
    }
    const requeueMs = requeueAfterMs(deployment, status, nowMs);
    return requeueMs === undefined ? {} : { requeueAfterMs: requeueMs };
  }
}
