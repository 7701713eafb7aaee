import type { Taint, Toleration } from '#api/generated/core/v1.ts';

/** Effects that keep a pod off a node. */
export const isHard = (taint: Taint): boolean => taint.effect === 'NoSchedule' || taint.effect === 'NoExecute';

/** The taint that an unschedulable node stands for. */
export const UNSCHEDULABLE_TAINT: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

export const toleratesAll = (tolerations: readonly Toleration[], taints: readonly Taint[]): boolean =>
  taints.every((taint) => tolerations.some((toleration) => tolerates(toleration, taint)));

export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator ?? 'Equal') {
    case 'Exists': return true;
    case 'Equal': return Boolean(toleration.key) && (toleration.value ?? '') === (taint.value ?? '');
    case 'Lt': return comparison(toleration, taint) < 0;
    case 'Gt': return comparison(toleration, taint) > 0;
  }
}

/** Taint against toleration as integers; NaN, which is neither less nor greater, when either is none. */
const comparison = (toleration: Toleration, taint: Taint): number => integer(taint.value) - integer(toleration.value);
const integer = (text: string | undefined): number => (text !== undefined && /^-?\d+$/.test(text) ? Number(text) : Number.NaN);
