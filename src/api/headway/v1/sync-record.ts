import type { KubeObject } from '#api/object.ts';
import type { SyncError } from './application.ts';

/** The record of one sync, healing or deletion of an Application that changed or tried to change something; that of a deletion outlives it. Written by Headway only. */
export interface Sync extends KubeObject {
  readonly spec: SyncSpec;
  readonly status?: SyncRecordStatus | undefined;
}
export interface SyncSpec {
  readonly application: string;
  readonly repository: string;
  /** The commit, 40 hex digits. */
  readonly revision: string;
  readonly trigger: SyncTrigger;
}
/** Why it began. */
export interface SyncTrigger {
  readonly type: 'Commit' | 'Spec' | 'Drift' | 'Manual' | 'Retry' | 'Restart' | 'Deletion';
  /** Author of the commit, user who asked, managers who caused the drift. */
  readonly by?: string | undefined;
}
export type SyncPhase = 'Running' | 'Succeeded' | 'Failed' | 'Refused' | 'Superseded';
export interface SyncRecordStatus {
  /** `Refused`: nothing was applied; `Failed`: it had begun; `Superseded`: a newer commit took over. */
  readonly phase: SyncPhase;
  readonly startTime: string;
  readonly completionTime?: string | undefined;
  /** Why it did not succeed. */
  readonly message?: string | undefined;
  /** How many objects. */
  readonly created?: number | undefined;
  readonly updated?: number | undefined;
  readonly deleted?: number | undefined;
  readonly unchanged?: number | undefined;
  /** Of a deletion: how often its hooks were run and failed. Each try after one runs them anew. */
  readonly failedRuns?: number | undefined;
  /** Those that changed or failed, in the order of their waves; at most 500. */
  readonly objects?: readonly SyncedObject[] | undefined;
  readonly errors?: readonly SyncError[] | undefined;
}
export interface SyncedObject {
  readonly group: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly path: string;
  readonly line?: number | undefined;
  /** Number of its wave; hooks have theirs. */
  readonly wave: number;
  /** Set for hooks. */
  readonly hook?: 'PreSync' | 'Sync' | 'PostSync' | 'SyncFail' | 'PreDelete' | 'PostDelete' | undefined;
  readonly outcome: 'Created' | 'Updated' | 'Deleted' | 'Kept' | 'Failed' | 'Completed';
  /** RFC 6902, from before to after, as JSON text; values of Secrets are hidden, long ones cut. */
  readonly patch?: string | undefined;
  readonly message?: string | undefined;
}
