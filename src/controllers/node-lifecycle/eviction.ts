import type { Pod, Taint, Toleration } from '#api/generated/core/v1.ts';

/** When the pod must leave its node because of NoExecute taints: milliseconds from now, zero for at once; undefined when it may stay. */
export function evictionDelayMs(pod: Pod, taints: readonly Taint[], nowMs: number): number | undefined {
  const executing = taints.filter((t) => t.effect === 'NoExecute');
  if (executing.length === 0) return undefined;
  const tolerations = pod.spec?.tolerations ?? [];
  const used = executing.map((taint) => ({ taint, toleration: tolerations.find((t) => tolerates(t, taint)) }));
  if (used.some(({ toleration }) => toleration === undefined)) return 0;
  const limits = used.flatMap(({ taint, toleration }) => {
    const seconds = toleration?.tolerationSeconds;
    return seconds === undefined ? [] : [(Date.parse(taint.timeAdded ?? '') || nowMs) + Math.max(0, Number(seconds)) * 1_000 - nowMs];
  });
  return limits.length === 0 ? undefined : Math.max(0, Math.min(...limits));
}

function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if (toleration.operator === 'Exists') return true;
  return Boolean(toleration.key) && (toleration.value ?? '') === (taint.value ?? '');
}
