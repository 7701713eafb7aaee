import type { Node, NodeSpec, Pod, PodSpec } from '#api/generated/core/v1.ts';
import type { LabelSelector } from '#api/generated/meta/v1.ts';
import { ClusterCache } from '#scheduler/cache/cluster-cache.ts';
import { DEFAULT_PROFILE } from '#scheduler/default-profile.ts';
import { podInfo, type PodInfo } from '#scheduler/framework/pod-info.ts';
import type { Budget } from '#scheduler/framework/snapshot.ts';
import { SchedulingAlgorithm, type Nominated } from '#scheduler/scheduling-algorithm.ts';

type Requests = Readonly<Record<string, string>>;

export interface PodOptions {
  readonly labels?: Readonly<Record<string, string>>;
  readonly requests?: Requests;
  readonly namespace?: string;
  readonly spec?: Partial<PodSpec>;
  readonly startTime?: string;
}

export function buildPod(name: string, options: PodOptions = {}): Pod {
  const { labels = {}, requests = {}, namespace = 'default', spec = {}, startTime } = options;
  return {
    apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, uid: `uid-${name}`, labels, creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: { containers: [{ name: 'c', image: 'app', resources: { requests } }], ...spec },
    status: startTime === undefined ? {} : { startTime },
  };
}

export const buildInfo = (name: string, options?: PodOptions): PodInfo => podInfo(buildPod(name, options));

export interface NodeOptions {
  readonly allocatable?: Requests;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: NodeSpec;
  readonly images?: readonly { readonly names: readonly string[]; readonly sizeBytes: number }[];
}

export function buildNode(name: string, options: NodeOptions = {}): Node {
  const allocatable = { cpu: '4', memory: '8Gi', pods: '110', ...options.allocatable };
  return {
    apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name, ...options.labels } }, spec: options.spec ?? {},
    status: { allocatable, images: options.images ?? [] },
  };
}

export interface ClusterOptions {
  readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly workloadSelector?: LabelSelector;
  readonly budgets?: (pod: PodInfo) => readonly Budget[];
}

export function buildCluster(nodes: readonly Node[], options: ClusterOptions = {}): ClusterCache {
  const cache = new ClusterCache({
    namespaceLabels: (namespace) => options.namespaces?.[namespace] ?? {},
    workloadSelector: () => options.workloadSelector,
    budgets: options.budgets ?? (() => []),
  });
  for (const node of nodes) cache.setNode(node);
  return cache;
}

/** Reproducible numbers from 0 up to 1 (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const buildAlgorithm = (seed = 1, nominated: Nominated = () => []): SchedulingAlgorithm =>
  new SchedulingAlgorithm({ profile: DEFAULT_PROFILE, random: seededRandom(seed), nominated });
