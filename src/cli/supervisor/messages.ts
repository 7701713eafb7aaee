/** What Headway's processes tell their supervisor, and it them, over the channel that Node opens between parent and child. */
export type ChildMessage =
  /** Certificates and keys are in place; the agent may start. */
  | { readonly type: 'pki-ready' }
  /** The API answers on its port. */
  | { readonly type: 'api-ready' }
  | { readonly type: 'recovering'; readonly waitingFor: readonly string[] }
  | { readonly type: 'status'; readonly summary: ClusterSummary }
  /** The process cannot work and ends; `message` says why and what to do. */
  | { readonly type: 'fatal'; readonly message: string }
  /** Answer to `stop-pods`. */
  | { readonly type: 'pods-stopped' };

export type ParentMessage = { readonly type: 'stop-pods' };

/** What the live line and the closing table show. Of many rows the first ones, and how many there are. */
export interface ClusterSummary {
  readonly nodes: { readonly ready: number; readonly total: number };
  readonly pods: { readonly ready: number; readonly total: number };
  readonly applications: ApplicationsSummary;
  readonly workloads: WorkloadsSummary;
}

export interface ApplicationsSummary {
  readonly total: number;
  readonly synced: number;
  /** Synced, too. */
  readonly healthy: number;
  /** Not synced, for a reason that is known. */
  readonly refused: number;
  /** Those with a problem first, then those that are not healthy. */
  readonly shown: readonly ApplicationSummary[];
}

export interface WorkloadsSummary {
  readonly total: number;
  readonly shown: readonly WorkloadSummary[];
}

export interface ApplicationSummary {
  readonly name: string;
  readonly attemptedRevision: string;
  readonly syncedRevision: string;
  readonly isSynced: boolean;
  readonly isHealthy: boolean;
  /** The first error, when there is one: file, line and reason. */
  readonly problem: string;
}

export interface WorkloadSummary {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** `2/2`, `Complete`, an address. */
  readonly state: string;
}
