import type { Deployment, ReplicaSet } from '#api/generated/apps/v1.ts';
import type { PodTemplateSpec } from '#api/generated/core/v1.ts';
import { canonicalJson } from '#api/json.ts';
import { controllerReference } from '#api/owner-references.ts';
import { templateHash } from '#api/pods.ts';
import { DEPLOYMENTS } from '#api/resources.ts';
import type { New } from '#client/client.ts';
import { fencepostsOf, wantedReplicas } from './strategy.ts';

export const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY_ANNOTATION = 'deployment.kubernetes.io/revision-history';
export const DESIRED_ANNOTATION = 'deployment.kubernetes.io/desired-replicas';
export const MAX_ANNOTATION = 'deployment.kubernetes.io/max-replicas';
const HASH_LABEL = 'pod-template-hash';
/** Annotations of the Deployment that say nothing about one of its revisions. */
const NOT_COPIED = new Set(['kubectl.kubernetes.io/last-applied-configuration', REVISION_ANNOTATION, REVISION_HISTORY_ANNOTATION, DESIRED_ANNOTATION, MAX_ANNOTATION, 'deprecated.deployment.rollback.to']);

export const replicasOf = (set: ReplicaSet): number => set.spec?.replicas ?? 1;
export const sumReplicas = (sets: readonly ReplicaSet[]): number => sets.reduce((sum, set) => sum + replicasOf(set), 0);
/** An int64 in Kubernetes, and 0 when there is none that can be read. */
export const revisionOf = (set: Pick<ReplicaSet, 'metadata'>): bigint => parseRevision(set.metadata.annotations?.[REVISION_ANNOTATION]);
const REVISION = /^-?\d+$/;
const parseRevision = (text = ''): bigint => (REVISION.test(text) ? BigInt(text) : 0n);
export const byRevision = (a: ReplicaSet, b: ReplicaSet): number => Number(revisionOf(a) - revisionOf(b));
export const oldestFirst = (a: ReplicaSet, b: ReplicaSet): number =>
  (a.metadata.creationTimestamp ?? '').localeCompare(b.metadata.creationTimestamp ?? '') || a.metadata.name.localeCompare(b.metadata.name);

/** Splits a Deployment's sets into the one with its present template (the oldest, should there be several) and the others. */
export function splitSets(d: Deployment, sets: readonly ReplicaSet[]): { readonly current: ReplicaSet | undefined; readonly old: readonly ReplicaSet[] } {
  const sorted = sets.toSorted(oldestFirst);
  const wanted = templateText(d.spec?.template);
  const current = sorted.find((set) => templateText(set.spec?.template) === wanted);
  return { current, old: sorted.filter((set) => set !== current) };
}

export const hasTemplateOf = (d: Deployment, set: ReplicaSet): boolean => templateText(set.spec?.template) === templateText(d.spec?.template);

function templateText(template: PodTemplateSpec | undefined): string {
  const { [HASH_LABEL]: _hash, ...labels } = template?.metadata?.labels ?? {};
  return canonicalJson({ ...template, metadata: { ...template?.metadata, labels } });
}

/** Kubernetes' limit of the history of revisions that one set has had, in characters: what is oldest goes. */
const MAX_HISTORY = 2_000;

/** The annotations that a set should carry for its Deployment; the others on it stay, and so does its size, which goes with its replicas. */
export function wantedAnnotations(d: Deployment, set: Pick<ReplicaSet, 'metadata'> | undefined, old: readonly ReplicaSet[]): Readonly<Record<string, string>> {
  const present = set?.metadata.annotations ?? {};
  const copied = Object.fromEntries(Object.entries(d.metadata.annotations ?? {}).filter(([key]) => !NOT_COPIED.has(key)));
  return { ...present, ...copied, ...revisionAnnotations(present, latestRevision(old) + 1n), ...(set ? {} : sizeAnnotations(d)) };
}

const latestRevision = (sets: readonly ReplicaSet[]): bigint => sets.map(revisionOf).reduce((latest, revision) => (revision > latest ? revision : latest), 0n);

/** A rollback raises the revision of an old set: the numbers that it had before stay in its history. */
function revisionAnnotations(present: Readonly<Record<string, string>>, next: bigint): Readonly<Record<string, string>> {
  const had = present[REVISION_ANNOTATION];
  if (had === undefined || had === '') return { [REVISION_ANNOTATION]: String(next) };
  if (!REVISION.test(had) || parseRevision(had) >= next) return {};
  return { [REVISION_ANNOTATION]: String(next), [REVISION_HISTORY_ANNOTATION]: historyWith(present[REVISION_HISTORY_ANNOTATION] ?? '', had) };
}

function historyWith(history: string, revision: string): string {
  if (history === '') return revision;
  const kept = history.split(',');
  while (kept.length > 0 && [...kept, revision].join(',').length > MAX_HISTORY) kept.shift();
  return [...kept, revision].join(',');
}

/** What a later change of `spec.replicas` is measured against. */
export const sizeAnnotations = (d: Deployment): Readonly<Record<string, string>> => ({
  [DESIRED_ANNOTATION]: String(wantedReplicas(d)),
  [MAX_ANNOTATION]: String(wantedReplicas(d) + fencepostsOf(d).maxSurge),
});

/** The set for the present template. Its name follows from the template, so that making it twice makes one. */
export function newReplicaSet(d: Deployment, replicas: number, old: readonly ReplicaSet[]): New<ReplicaSet> {
  const template = d.spec?.template ?? {};
  const hash = templateHash(template, d.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  return {
    apiVersion: 'apps/v1', kind: 'ReplicaSet',
    metadata: {
      namespace: d.metadata.namespace, name: `${d.metadata.name}-${hash}`, labels,
      annotations: wantedAnnotations(d, undefined, old), ownerReferences: [controllerReference(d, DEPLOYMENTS)],
    },
    spec: {
      replicas,
      ...(d.spec?.minReadySeconds ? { minReadySeconds: d.spec.minReadySeconds } : {}),
      selector: { ...d.spec?.selector, matchLabels: { ...d.spec?.selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
