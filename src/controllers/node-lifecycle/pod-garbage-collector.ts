import type { Node, Pod } from '#api/generated/core/v1.ts';
import { keyOf } from '#api/object.ts';
import { isPodTerminal } from '#api/pods.ts';
import { NODES, PODS } from '#api/resources.ts';
import type { Informer } from '#client/informer.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition, ControllerDependencies, ReconcileContext, ReconcileResult, Reconciler } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { collectPod } from './disrupted-pod.ts';
import { readyStatus } from './health.ts';
import { NODE_INDEX } from './reconciler.ts';

/** A node may register again under its name, and its pods are then still there. */
const QUARANTINE_MS = 40_000;
/** Kubernetes' default: so many ended pods are kept for whoever wants to look at them. */
const MAX_TERMINATED = 12_500;
const TERMINATED_INDEX = 'terminated';
const ORPHANED = { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' } as const;
/** Somebody says that the node is off, and that its pods cannot run any more. */
const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

/** Removes pods whose node is gone for good, those that wait for an end that no node will tell, and the oldest ended pods when there are too many. Keys are pods. */
export const podGarbageCollector: ControllerDefinition = {
  name: CONTROLLER_NAMES.podGarbageCollector,
  concurrency: 4,
  build(dependencies) {
    const { informers } = dependencies;
    const nodes = informers.informer(NODES);
    const pods = informers.informer(PODS);
    informers.addIndex(pods, NODE_INDEX, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
    informers.addIndex(pods, TERMINATED_INDEX, (pod) => (isPodTerminal(pod) ? ['true'] : []));
    return {
      reconciler: new PodGarbageCollector(dependencies, nodes, pods),
      triggers: [
        { informer: pods, keysOf: (pod: Pod, old?: Pod) => (isOfInterest(nodes, pod, old) ? [keyOf(pod)] : []) },
        { informer: nodes, keysOf: ({ metadata }) => (isServing(nodes.lister.get(metadata.name)) ? [] : pods.lister.byIndex(NODE_INDEX, metadata.name).map(keyOf)) },
      ],
    };
  },
};

const hasNoNode = (nodes: Informer<Node>, pod: Pod): boolean => Boolean(pod.spec?.nodeName) && !nodes.lister.get(pod.spec?.nodeName ?? '');
const isServing = (node: Node | undefined): boolean => node !== undefined && (readyStatus(node) === 'True' || !node.spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE));
/** It is to go, and no node is there that would see to it. */
const isStranded = (nodes: Informer<Node>, pod: Pod): boolean =>
  pod.metadata.deletionTimestamp !== undefined && (!pod.spec?.nodeName || !isServing(nodes.lister.get(pod.spec.nodeName)));
const isOfInterest = (nodes: Informer<Node>, pod: Pod, old: Pod | undefined): boolean => hasNoNode(nodes, pod) || isStranded(nodes, pod) || (isPodTerminal(pod) && (!old || !isPodTerminal(old)));

class PodGarbageCollector implements Reconciler {
  readonly #deps: ControllerDependencies;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #missingSinceMs = new Map<string, number>();

  constructor(deps: ControllerDependencies, nodes: Informer<Node>, pods: Informer<Pod>) {
    this.#deps = deps;
    this.#nodes = nodes;
    this.#pods = pods;
  }

  async reconcile(key: string, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const pod = this.#pods.lister.get(key);
    if (!pod) return {};
    if (hasNoNode(this.#nodes, pod)) return this.#collectOrphan(pod, pod.spec?.nodeName ?? '', signal);
    this.#missingSinceMs.delete(pod.spec?.nodeName ?? '');
    if (isStranded(this.#nodes, pod)) await collectPod(this.#deps, pod, undefined, signal);
    await this.#collectTerminated(signal);
    return {};
  }

  async #collectOrphan(pod: Pod, node: string, signal: AbortSignal): Promise<ReconcileResult> {
    const nowMs = this.#deps.clock.monotonic();
    const sinceMs = this.#missingSinceMs.get(node) ?? nowMs;
    this.#missingSinceMs.set(node, sinceMs);
    if (nowMs - sinceMs < QUARANTINE_MS) return { requeueAfterMs: sinceMs + QUARANTINE_MS - nowMs };
    if (await this.#deps.client.get(NODES, { name: node }, { signal }).catch(ignoreNotFound)) return {};
    await collectPod(this.#deps, pod, ORPHANED, signal);
    return {};
  }

  async #collectTerminated(signal: AbortSignal): Promise<void> {
    const ended = this.#pods.lister.byIndex(TERMINATED_INDEX, 'true');
    if (ended.length <= MAX_TERMINATED) return;
    await Promise.all(ended.toSorted(firstToGo).slice(0, ended.length - MAX_TERMINATED).map((pod) => collectPod(this.#deps, pod, undefined, signal)));
  }
}

const isEvicted = ({ status }: Pod): boolean => status?.phase === 'Failed' && status.reason === 'Evicted';

/** Those that a node evicted before those that a controller may still count, and then the oldest. */
export function firstToGo(a: Pod, b: Pod): number {
  return Number(isEvicted(b)) - Number(isEvicted(a)) || (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '') || (a.metadata.name < b.metadata.name ? -1 : 1);
}
