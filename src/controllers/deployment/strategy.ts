import type { Deployment } from '#api/generated/apps/v1.ts';

/** How far a rollout may go above and below the wanted number, in pods. */
export interface Fenceposts {
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

export const isRollingUpdate = (d: Deployment): boolean => d.spec?.strategy?.type !== 'Recreate';
export const wantedReplicas = (d: Deployment): number => d.spec?.replicas ?? 1;

/** Percentages of the wanted number: surge is rounded up, unavailability down. Never both zero, or nothing could move. */
export function fencepostsOf(d: Deployment): Fenceposts {
  if (!isRollingUpdate(d)) return { maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = d.spec?.strategy?.rollingUpdate ?? {};
  const total = wantedReplicas(d);
  const surge = scaled(maxSurge, total, Math.ceil);
  const unavailable = scaled(maxUnavailable, total, Math.floor);
  return { maxSurge: surge, maxUnavailable: Math.min(surge === 0 && unavailable === 0 ? 1 : unavailable, total) };
}

function scaled(value: string | number, total: number, round: (n: number) => number): number {
  if (typeof value === 'number') return value;
  return value.endsWith('%') ? round((Number(value.slice(0, -1)) * total) / 100) : Number(value);
}
