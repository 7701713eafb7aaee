import type { UserInfo } from '#api/transport.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';

interface Named {
  readonly name: string;
  readonly uid: string;
}

export interface Claims {
  readonly aud?: unknown;
  readonly sub?: string | undefined;
  readonly exp?: number | undefined;
  readonly nbf?: number | undefined;
  readonly jti?: string | undefined;
  readonly 'kubernetes.io'?: {
    readonly namespace: string;
    readonly serviceaccount: Named;
    readonly pod?: Named;
    readonly secret?: Named;
    readonly node?: { readonly name: string; readonly uid?: string };
    /** When the token should have been exchanged for a new one, in seconds since the epoch. */
    readonly warnafter?: number;
  };
}

/** An object that the token ends with. */
export interface Reference extends Named {
  readonly resource: string;
  readonly namespace: string;
}

/** After an object's time of grace, its last containers may still need the API; the time of Kubernetes. */
const DELETED_LEEWAY_MS = 60_000;
const INVALIDATED = 'service account token has been invalidated';
const EXTRA = 'authentication.kubernetes.io/';

/** The signature says who wrote it, this whether it is what this server writes. */
export function isWellFormed({ sub, 'kubernetes.io': own }: Claims): boolean {
  if (typeof own !== 'object' || own === null || typeof own.namespace !== 'string' || !isNamed(own.serviceaccount)) return false;
  const isBound = [own.pod, own.secret].every((bound) => bound === undefined || isNamed(bound)) && (own.node === undefined || typeof own.node?.name === 'string');
  return isBound && sub === `system:serviceaccount:${own.namespace}:${own.serviceaccount.name}`;
}

const isNamed = (value: Partial<Named> | null | undefined): boolean => typeof value?.name === 'string' && typeof value.uid === 'string';

/** The account first. A node counts only when nothing else is bound: of a pod's token it only tells where the pod runs. */
export function referencesOf({ 'kubernetes.io': own }: Claims): readonly Reference[] | undefined {
  if (own === undefined) return undefined;
  const { namespace, serviceaccount, pod, secret, node } = own;
  return [
    { resource: 'serviceaccounts', namespace, ...serviceaccount },
    ...(pod ? [{ resource: 'pods', namespace, ...pod }] : []),
    ...(secret ? [{ resource: 'secrets', namespace, ...secret }] : []),
    ...(node && !pod && !secret ? [{ resource: 'nodes', namespace: '', name: node.name, uid: node.uid ?? '' }] : []),
  ];
}

export const areAlive = (cache: Pick<WatchCache, 'get'>, references: readonly Reference[], nowMs: number): boolean => whyEnded(cache, references, nowMs) === undefined;

/** Why a token is not valid any more, in the words of Kubernetes; undefined while it is. */
export function whyEnded(cache: Pick<WatchCache, 'get'>, references: readonly Reference[], nowMs: number): string | undefined {
  for (const { resource, namespace, name, uid: claimed } of references) {
    const metadata = cache.get(resource, namespace, name)?.object.metadata;
    const isDeleted = metadata?.deletionTimestamp !== undefined && Date.parse(metadata.deletionTimestamp) < nowMs - DELETED_LEEWAY_MS;
    if (metadata?.uid === claimed && !isDeleted) continue;
    if (resource !== 'serviceaccounts') return metadata === undefined || isDeleted ? INVALIDATED : `${resource.slice(0, -1)} UID (${metadata.uid ?? ''}) does not match service account ${resource.slice(0, -1)} ref claim (${claimed})`;
    if (metadata === undefined) return `serviceaccounts ${JSON.stringify(name)} not found`;
    return isDeleted ? `service account ${namespace}/${name} has been deleted` : `service account UID (${metadata.uid ?? ''}) does not match claim (${claimed})`;
  }
  return undefined;
}

export function userOf({ jti, 'kubernetes.io': own }: Claims): UserInfo {
  const { namespace = '', serviceaccount, pod, node } = own ?? {};
  const extra = {
    ...(jti ? { [`${EXTRA}credential-id`]: [`JTI=${jti}`] } : {}),
    ...(node ? { [`${EXTRA}node-name`]: [node.name], ...(node.uid ? { [`${EXTRA}node-uid`]: [node.uid] } : {}) } : {}),
    ...(pod ? { [`${EXTRA}pod-name`]: [pod.name], [`${EXTRA}pod-uid`]: [pod.uid] } : {}),
  };
  return {
    name: `system:serviceaccount:${namespace}:${serviceaccount?.name ?? ''}`, uid: serviceaccount?.uid ?? '',
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'], ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}
