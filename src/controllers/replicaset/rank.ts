import type { Pod } from '#api/generated/core/v1.ts';
import { replicaSetDeletionOrder } from '#controller/deletion-order.ts';

export interface DeletionRound {
  readonly pods: readonly Pod[];
  readonly count: number;
  /** Active pods of the ReplicaSets of the same owner: who has many of them on its node goes earlier. */
  readonly related: readonly Pod[];
  readonly nowMs: number;
}

/** The `count` pods whose loss costs least. */
export function podsToDelete({ pods, count, related, nowMs }: DeletionRound): readonly Pod[] {
  if (count >= pods.length) return pods;
  const onNode = new Map<string, number>();
  for (const { spec } of related) onNode.set(spec?.nodeName ?? '', (onNode.get(spec?.nodeName ?? '') ?? 0) + 1);
  return pods.toSorted(replicaSetDeletionOrder((pod) => onNode.get(pod.spec?.nodeName ?? '') ?? 0, nowMs)).slice(0, count);
}
