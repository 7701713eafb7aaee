import type { GroupResource } from '#api/resource-type.ts';

/** How far back a store keeps what is not current. */
export interface Retention {
  /** Age up to which `follow` can resume. */
  readonly maxAgeMs: number;
  /** Bound on memory: entries beyond it are dropped even when younger. */
  readonly maxEvents: number;
  /** Bound on the memory of the event log, in bytes, for objects that are large; 128 MiB when absent. */
  readonly maxBytes?: number;
  /** Age after the last write at which Event objects are deleted by `compact`; an hour when absent, as in Kubernetes. */
  readonly eventTtlMs?: number;
}

export const DEFAULT_MAX_BYTES = 128 * 1024 * 1024;
export const DEFAULT_EVENT_TTL_MS = 3_600_000;

const EXPIRING: ReadonlySet<GroupResource> = new Set(['events', 'events.events.k8s.io']);
export const expires = (resource: GroupResource): boolean => EXPIRING.has(resource);
