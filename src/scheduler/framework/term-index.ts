import type { AffinityTerm } from './affinity-term.ts';
import type { NodeInfo } from './node-info.ts';
import type { PodInfo } from './pod-info.ts';

export type TermKind = 'required-affinity' | 'preferred-affinity' | 'required-anti-affinity' | 'preferred-anti-affinity';

/** A term that placed pods carry, and where they are. */
export interface TermGroup {
  readonly kind: TermKind;
  readonly term: AffinityTerm;
  /** Pods that carry the term, by value of its topology key. */
  readonly byValue: ReadonlyMap<string, number>;
}

interface MutableGroup extends TermGroup { readonly byValue: Map<string, number> }

/** The affinity terms of placed pods: thousands of pods of one workload share one group. */
export class TermIndex {
  readonly #groups = new Map<string, MutableGroup>();

  groups(): Iterable<TermGroup> {
    return this.#groups.values();
  }

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  add(node: NodeInfo, pod: PodInfo): void {
    this.#change(node, pod, 1);
  }

  remove(node: NodeInfo, pod: PodInfo): void {
    this.#change(node, pod, -1);
  }

  #change(node: NodeInfo, pod: PodInfo, change: 1 | -1): void {
    const { affinity, antiAffinity } = pod;
    for (const term of affinity.required) this.#count('required-affinity', term, node, change);
    for (const term of affinity.preferred) this.#count('preferred-affinity', term, node, change);
    for (const term of antiAffinity.required) this.#count('required-anti-affinity', term, node, change);
    for (const term of antiAffinity.preferred) this.#count('preferred-anti-affinity', term, node, change);
  }

  #count(kind: TermKind, term: AffinityTerm, node: NodeInfo, change: 1 | -1): void {
    const value = node.labels[term.topologyKey];
    if (value === undefined) return;
    const id = `${kind} ${term.weight} ${term.signature}`;
    const group = this.#groups.get(id) ?? { kind, term, byValue: new Map<string, number>() };
    const count = (group.byValue.get(value) ?? 0) + change;
    if (count > 0) group.byValue.set(value, count);
    else group.byValue.delete(value);
    if (group.byValue.size > 0) this.#groups.set(id, group);
    else this.#groups.delete(id);
  }
}
