import type { LabelSelector } from '#api/generated/meta/v1.ts';
import type { Node } from '#api/generated/core/v1.ts';
import { jsonEqual } from '#api/json.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import { isSamePlacement, type PodInfo } from '../framework/pod-info.ts';
import type { Budget, ClusterSnapshot, Supposition } from '../framework/snapshot.ts';
import { TermIndex, type TermGroup } from '../framework/term-index.ts';
import type { CountQuery, TopologyCounts } from '../framework/topology-counter.ts';
import { CounterRegistry } from './counter-registry.ts';
import { interleaveZones } from './node-order.ts';
import { PlacedNode } from './placed-node.ts';

/** What the cache asks of the rest of the cluster. */
export interface ClusterFacts {
  namespaceLabels(namespace: string): Readonly<Record<string, string>>;
  workloadSelector(pod: PodInfo): LabelSelector | undefined;
  budgets(pod: PodInfo): readonly Budget[];
}

interface Placement { readonly info: PodInfo; readonly nodeName: string; readonly isAssumed: boolean }

/**
 * Nodes and the pods placed on them, assumed ones included. Each change costs as much as what it touches. Assume: a decided pod
 * counts at once, before the API knows; the watch confirms it, or {@link forget} takes it back.
 *
 * ```
 * (absent) -- assume --> assumed -- place (watch) --> placed -- remove (watch) --> (absent)
 *                        assumed -- forget (binding failed) --> (absent)
 * ```
 */
export class ClusterCache implements ClusterSnapshot {
  readonly #facts: ClusterFacts;
  readonly #nodes = new Map<string, PlacedNode>();
  readonly #placements = new Map<string, Placement>();
  /** Pods whose node is not known (yet). */
  readonly #homeless = new Map<string, Map<string, PodInfo>>();
  readonly #terms = new TermIndex();
  readonly #counters = new CounterRegistry();
  readonly #images = new Map<string, number>();
  readonly #freeSlots: number[] = [];
  #order: readonly PlacedNode[] | undefined;

  constructor(facts: ClusterFacts) {
    this.#facts = facts;
  }

  get nodes(): readonly NodeInfo[] {
    return (this.#order ??= interleaveZones(this.#nodes.values()));
  }

  node(name: string): NodeInfo | undefined {
    return this.#nodes.get(name);
  }

  count(query: CountQuery): TopologyCounts {
    return this.#counters.count(query, this.#nodes.values());
  }

  termGroups(): Iterable<TermGroup> {
    return this.#terms.groups();
  }

  nodesWithImage(image: string): number {
    return this.#images.get(image) ?? 0;
  }

  readonly namespaceLabels = (namespace: string): Readonly<Record<string, string>> => this.#facts.namespaceLabels(namespace);

  workloadSelector(pod: PodInfo): LabelSelector | undefined {
    return this.#facts.workloadSelector(pod);
  }

  budgets(pod: PodInfo): readonly Budget[] {
    return this.#facts.budgets(pod);
  }

  /** Adds a node or takes its new state. */
  setNode(node: Node): void {
    const name = node.metadata.name ?? '';
    const known = this.#nodes.get(name);
    if (known === undefined) this.#addNode(new PlacedNode(node, this.#freeSlots.pop() ?? this.#nodes.size));
    else if (isSameTopology(known.node, node)) this.#refresh(known, node);
    else this.#move(known, node);
  }

  removeNode(name: string): void {
    const node = this.#nodes.get(name);
    if (node === undefined) return;
    const pods = [...node.pods.values()];
    for (const pod of pods) this.#displace(node, pod);
    if (pods.length > 0) this.#homeless.set(name, new Map(pods.map((pod) => [pod.uid, pod])));
    this.#counters.removeNode(node);
    this.#countImages(node, -1);
    this.#nodes.delete(name);
    this.#freeSlots.push(node.slot);
    this.#order = undefined;
  }

  /** Counts a decided pod as placed until the watch tells, or {@link forget}. */
  assume(pod: PodInfo, nodeName: string): void {
    this.#put(pod, nodeName, true);
  }

  forget(pod: PodInfo): void {
    if (this.#placements.get(pod.uid)?.isAssumed) this.remove(pod.uid);
  }

  isPlaced(uid: string): boolean {
    return this.#placements.has(uid);
  }

  /** A pod as the API has it on its node: new, changed, or the confirmation of an assumed one. */
  place(pod: PodInfo, nodeName: string): void {
    const known = this.#placements.get(pod.uid);
    if (known && known.nodeName === nodeName && isSamePlacement(known.info, pod)) {
      this.#placements.set(pod.uid, { info: known.info, nodeName, isAssumed: false });
      return;
    }
    if (known) this.remove(pod.uid);
    this.#put(pod, nodeName, false);
  }

  remove(uid: string): void {
    const placement = this.#placements.get(uid);
    if (placement === undefined) return;
    this.#placements.delete(uid);
    const node = this.#nodes.get(placement.nodeName);
    if (node) this.#displace(node, placement.info);
    else this.#dropHomeless(placement.nodeName, uid);
  }

  supposing<R>(node: NodeInfo, change: Supposition, task: () => R): R {
    const placed = this.#nodes.get(node.name) as PlacedNode;
    const { absent = [], present = [] } = change;
    for (const pod of absent) this.#displace(placed, pod);
    for (const pod of present) this.#place(placed, pod);
    try {
      return task();
    } finally {
      for (const pod of present) this.#displace(placed, pod);
      for (const pod of absent) this.#place(placed, pod);
    }
  }

  /** Counts again what depends on the labels of namespaces. */
  namespacesChanged(): void {
    this.#counters.clear();
  }

  #put(pod: PodInfo, nodeName: string, isAssumed: boolean): void {
    this.#placements.set(pod.uid, { info: pod, nodeName, isAssumed });
    const node = this.#nodes.get(nodeName);
    if (node) return this.#place(node, pod);
    const homeless = this.#homeless.get(nodeName) ?? new Map<string, PodInfo>();
    this.#homeless.set(nodeName, homeless.set(pod.uid, pod));
  }

  #dropHomeless(nodeName: string, uid: string): void {
    const homeless = this.#homeless.get(nodeName);
    homeless?.delete(uid);
    if (homeless?.size === 0) this.#homeless.delete(nodeName);
  }

  #addNode(node: PlacedNode): void {
    this.#nodes.set(node.name, node);
    this.#counters.addNode(node);
    this.#countImages(node, 1);
    for (const pod of this.#homeless.get(node.name)?.values() ?? []) this.#place(node, pod);
    this.#homeless.delete(node.name);
    this.#order = undefined;
  }

  #refresh(known: PlacedNode, node: Node): void {
    this.#countImages(known, -1);
    known.set(node);
    this.#countImages(known, 1);
  }

  /** Labels or taints changed: every counter may see the node in another domain, or no more. */
  #move(known: PlacedNode, node: Node): void {
    const pods = [...known.pods.values()];
    for (const pod of pods) this.#displace(known, pod);
    this.#counters.removeNode(known);
    this.#refresh(known, node);
    this.#counters.addNode(known);
    for (const pod of pods) this.#place(known, pod);
    this.#order = undefined;
  }

  #place(node: PlacedNode, pod: PodInfo): void {
    node.place(pod);
    this.#terms.add(node, pod);
    this.#counters.addPod(node, pod);
  }

  #displace(node: PlacedNode, pod: PodInfo): void {
    node.displace(pod);
    this.#terms.remove(node, pod);
    this.#counters.removePod(node, pod);
  }

  #countImages(node: NodeInfo, change: 1 | -1): void {
    for (const image of node.images.keys()) {
      const count = (this.#images.get(image) ?? 0) + change;
      if (count > 0) this.#images.set(image, count);
      else this.#images.delete(image);
    }
  }
}

const isSameTopology = (a: Node, b: Node): boolean =>
  jsonEqual(a.metadata.labels, b.metadata.labels) && jsonEqual(a.spec?.taints, b.spec?.taints);
