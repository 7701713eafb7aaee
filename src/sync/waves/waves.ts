import type { KubeObject } from '#api/object.ts';
import { HELM_WEIGHT } from '../hooks/hook.ts';

/** Argo CD's annotation is understood: an integer, lower ones first, default 0. */
export const SYNC_WAVE_ANNOTATION = 'argocd.argoproj.io/sync-wave';
/** The first that is there counts. */
const WAVE_ANNOTATIONS = ['headway.dev/wave', SYNC_WAVE_ANNOTATION, HELM_WEIGHT] as const;

/** What others need comes first; kinds that are not listed, custom resources among them, come last. */
const KIND_PHASES: readonly (readonly string[])[] = [
  ['CustomResourceDefinition'],
  ['Namespace'],
  ['ServiceAccount', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding', 'PriorityClass', 'RuntimeClass', 'StorageClass', 'IngressClass', 'ResourceQuota', 'LimitRange', 'NetworkPolicy'],
  ['ConfigMap', 'Secret', 'PersistentVolume', 'PersistentVolumeClaim'],
  ['Service', 'Endpoints', 'EndpointSlice'],
  ['Pod', 'ReplicationController', 'ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob', 'PodDisruptionBudget', 'HorizontalPodAutoscaler', 'Ingress'],
];
const PHASE_OF = new Map(KIND_PHASES.flatMap((kinds, phase) => kinds.map((kind) => [kind, phase] as const)));
const LAST_PHASE = KIND_PHASES.length;

export interface WavePosition {
  readonly wave: number;
  readonly phase: number;
}

export function wavePosition(object: Pick<KubeObject, 'kind' | 'metadata'>): WavePosition {
  const { annotations = {} } = object.metadata;
  const wave = Number(WAVE_ANNOTATIONS.map((name) => annotations[name]).find((value) => value !== undefined) ?? 0);
  return { wave: Number.isSafeInteger(wave) ? wave : 0, phase: PHASE_OF.get(object.kind) ?? LAST_PHASE };
}

/** Definitions must be served before their objects can be checked: they are a transaction of their own. Namespaces need not be. */
const DEFINITIONS_PHASE = 0;
const NAMESPACES_PHASE = 1;

/**
 * Groups items in the order in which they are applied, each group one transaction. A commit is one group, so that it becomes
 * visible as a whole, but for the definitions before it and for each value of the wave annotation; inside a group, items are ordered by kind.
 * Only where Git declares pods as such do namespaces go before: a pod needs the service account that a controller makes there.
 */
export function planWaves<T>(items: readonly T[], objectOf: (item: T) => Pick<KubeObject, 'kind' | 'metadata'>): readonly (readonly T[])[] {
  const placed = items.map((item) => ({ item, ...wavePosition(objectOf(item)) })).sort((a, b) => a.wave - b.wave || a.phase - b.phase);
  const hasPods = items.some((item) => objectOf(item).kind === 'Pod');
  const isAlone = (phase: number): boolean => phase === DEFINITIONS_PHASE || (hasPods && phase === NAMESPACES_PHASE);
  const groups = Map.groupBy(placed, ({ wave, phase }) => `${wave}/${isAlone(phase) ? phase : 'rest'}`);
  return [...groups.values()].map((members) => members.map(({ item }) => item));
}
