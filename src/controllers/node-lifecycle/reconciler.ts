import { formatTime } from '#base/clock.ts';
import type { Lease } from '#api/generated/coordination/v1.ts';
import type { Node, Pod } from '#api/generated/core/v1.ts';
import { joinKey } from '#api/object.ts';
import { isPodReady } from '#api/pods.ts';
import { LEASES, NODES, PODS } from '#api/resources.ts';
import type { Informer } from '#client/informer.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition, ControllerDependencies, ReconcileContext, ReconcileResult, Reconciler } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { evictPod } from './disrupted-pod.ts';
import { evictionDelayMs } from './eviction.ts';
import { GRACE_MS, readyStatus, silentConditions, wantedTaints } from './health.ts';

const EVICTION = { reason: 'DeletionByTaintManager', message: 'Taint manager: deleting due to NoExecute taint' } as const;
const LEASE_NAMESPACE = 'kube-node-lease';
/** Index of pods by the node that they are bound to. */
export const NODE_INDEX = 'node';

/** Notices silent nodes, taints nodes by their conditions, and evicts pods that do not tolerate that. Keys are node names. */
export const nodeLifecycleController: ControllerDefinition = {
  name: CONTROLLER_NAMES.nodeLifecycle,
  concurrency: 4,
  build(dependencies) {
    const { informers } = dependencies;
    const nodes = informers.informer(NODES);
    const leases = informers.informer(LEASES, { namespace: LEASE_NAMESPACE });
    const pods = informers.informer(PODS);
    informers.addIndex(pods, NODE_INDEX, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
    return {
      reconciler: new NodeLifecycleReconciler(dependencies, { nodes, leases, pods }),
      triggers: [
        { informer: nodes, keysOf: (node) => [node.metadata.name] },
        // A renewal is work only for a node that was given up: healthy ones are looked at when their grace period ends.
        { informer: leases, keysOf: ({ metadata }) => (isGivenUp(nodes.lister.get(metadata.name)) ? [metadata.name] : []) },
        { informer: pods, keysOf: (pod: Pod) => nodeOfEvictable(nodes, pod) },
      ],
    };
  },
};

const isGivenUp = (node: Node | undefined): boolean => node !== undefined && readyStatus(node) === 'Unknown';
const mayEvict = (node: Node | undefined): boolean => node?.spec?.taints?.some((t) => t.effect === 'NoExecute') ?? false;
const nodeOfEvictable = (nodes: Informer<Node>, pod: Pod): readonly string[] => (mayEvict(nodes.lister.get(pod.spec?.nodeName ?? '')) ? [pod.spec?.nodeName ?? ''] : []);

interface Informers { readonly nodes: Informer<Node>; readonly leases: Informer<Lease>; readonly pods: Informer<Pod> }
interface Sign { readonly text: string; readonly atMs: number }

class NodeLifecycleReconciler implements Reconciler {
  readonly #deps: ControllerDependencies;
  readonly #informers: Informers;
  /** The last sign of life, timed by this process: clocks of nodes are not compared, and a restart grants a whole grace period. */
  readonly #signs = new Map<string, Sign>();
  /** By node: UIDs of pods whose time there is running out. */
  readonly #leaving = new Map<string, ReadonlySet<string | undefined>>();

  constructor(deps: ControllerDependencies, informers: Informers) {
    this.#deps = deps;
    this.#informers = informers;
  }

  async reconcile(name: string, { signal }: ReconcileContext): Promise<ReconcileResult> {
    const node = this.#informers.nodes.lister.get(name);
    if (!node) {
      this.#signs.delete(name);
      this.#leaving.delete(name);
      return {};
    }
    const leftMs = this.#observe(node) + GRACE_MS - this.#deps.clock.monotonic();
    const seen = leftMs <= 0 ? await this.#giveUp(node, signal) : node;
    const tainted = await this.#taint(seen, signal);
    if (['False', 'Unknown'].includes(readyStatus(tainted) ?? '')) await this.#markPodsNotReady(name, signal);
    const evictionMs = await this.#evict(tainted, signal);
    const nextMs = Math.min(leftMs > 0 ? leftMs : Infinity, evictionMs);
    return Number.isFinite(nextMs) ? { requeueAfterMs: nextMs } : {};
  }

  /** When the node last gave a sign of life. */
  #observe(node: Node): number {
    const { name } = node.metadata;
    const heartbeat = node.status?.conditions?.find((c) => c.type === 'Ready')?.lastHeartbeatTime;
    const text = `${this.#informers.leases.lister.get(joinKey(LEASE_NAMESPACE, name))?.spec?.renewTime} ${heartbeat}`;
    const last = this.#signs.get(name);
    if (last?.text === text) return last.atMs;
    const atMs = this.#deps.clock.monotonic();
    this.#signs.set(name, { text, atMs });
    return atMs;
  }

  async #giveUp(node: Node, signal: AbortSignal): Promise<Node> {
    const conditions = silentConditions(node, this.#now());
    if (conditions === node.status?.conditions) return node;
    this.#deps.events.event(node, { type: 'Normal', reason: 'NodeNotReady', message: `Node ${node.metadata.name} status is now: NodeNotReady` });
    return this.#deps.client.update(NODES, { ...node, status: { ...node.status, conditions } }, { subresource: 'status', signal });
  }

  async #taint(node: Node, signal: AbortSignal): Promise<Node> {
    const taints = wantedTaints(node, this.#now());
    if (taints === node.spec?.taints || (taints.length === 0 && node.spec?.taints === undefined)) return node;
    return this.#deps.client.update(NODES, { ...node, spec: { ...node.spec, taints } }, { signal });
  }

  /** Otherwise Services would go on sending to pods that nobody watches. */
  async #markPodsNotReady(node: string, signal: AbortSignal): Promise<void> {
    const now = this.#now();
    const ready = this.#informers.pods.lister.byIndex(NODE_INDEX, node).filter(isPodReady);
    await Promise.all(ready.map(async (pod) => {
      const conditions = (pod.status?.conditions ?? []).map((c) => (c.type === 'Ready' ? { ...c, status: 'False', lastTransitionTime: now } : c));
      const marked = await this.#deps.client.update(PODS, { ...pod, status: { ...pod.status, conditions } }, { subresource: 'status', signal }).catch(ignoreNotFound);
      if (marked) this.#deps.events.event(pod, { type: 'Warning', reason: 'NodeNotReady', message: 'Node is not ready' });
    }));
  }

  /** Returns when the next pod is due, Infinity when none is. */
  async #evict(node: Node, signal: AbortSignal): Promise<number> {
    const nowMs = this.#deps.clock.now();
    const pods = this.#informers.pods.lister.byIndex(NODE_INDEX, node.metadata.name).filter((p) => p.metadata.deletionTimestamp === undefined);
    const due = pods.map((pod) => ({ pod, delayMs: evictionDelayMs(pod, node.spec?.taints ?? [], nowMs) }));
    await Promise.all(due.filter(({ delayMs }) => delayMs === 0).map(async ({ pod }) => {
      this.#tellEviction(pod, 'Marking for deletion');
      await evictPod(this.#deps, pod, EVICTION, signal);
    }));
    const left = this.#leaving.get(node.metadata.name);
    for (const { pod, delayMs } of due) if (delayMs === undefined && left?.has(pod.metadata.uid)) this.#tellEviction(pod, 'Cancelling deletion of');
    this.#leaving.set(node.metadata.name, new Set(due.filter(({ delayMs }) => delayMs).map(({ pod }) => pod.metadata.uid)));
    return Math.min(Infinity, ...due.map(({ delayMs }) => delayMs || Infinity));
  }

  #tellEviction(pod: Pod, what: string): void {
    this.#deps.events.event(pod, { type: 'Normal', reason: 'TaintManagerEviction', message: `${what} Pod ${pod.metadata.namespace}/${pod.metadata.name}` });
  }

  #now(): string {
    return formatTime(this.#deps.clock.now());
  }
}
