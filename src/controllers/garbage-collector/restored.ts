import { type Application, RESTORED_AT_ANNOTATION } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';

/** After a sync the controllers make what Git does not name itself: ReplicaSets of Deployments. */
const AFTER_SYNC_MS = 30_000;
/** Without any Application nobody will declare the owners again. */
const WITHOUT_APPLICATIONS_MS = 300_000;

/**
 * Whether the owners of an object that a node restored may yet come back: the store was lost, and Git is not applied again, or
 * only just. Until then their absence says nothing. See docs/design/0003-recovery.md.
 */
export function mayOwnersReturn(object: KubeObject, applications: readonly Application[], nowMs: number): boolean {
  const restoredAt = Date.parse(object.metadata.annotations?.[RESTORED_AT_ANNOTATION] ?? '');
  if (Number.isNaN(restoredAt)) return false;
  if (applications.length === 0) return nowMs - restoredAt < WITHOUT_APPLICATIONS_MS;
  if (applications.some((a) => !a.status?.syncedRevision)) return true;
  const lastSync = Math.max(restoredAt, ...applications.map((a) => Date.parse(a.status?.lastSyncTime ?? '') || 0));
  return nowMs - lastSync < AFTER_SYNC_MS;
}
