import type { Operation } from 'fast-json-patch';
import type { SyncError } from '#api/headway/v1/types.ts';
import type { HookPhase } from '../hooks/hook.ts';

/** What a commit would do, without the means to do it. */
export interface ChangePlan {
  readonly base: RevisionName;
  readonly head: RevisionName;
  /** `git`: what base declares; `live`: what the cluster holds. */
  readonly against: 'git' | 'live';
  /** Those of which something changes or is wrong. */
  readonly applications: readonly ApplicationChange[];
  /** How many others there are. */
  readonly unchanged: number;
  /** What the plan does not know. */
  readonly notes: readonly string[];
}

export interface RevisionName {
  /** As it was asked for. */
  readonly ref: string;
  /** Full commit id. */
  readonly commit: string;
}

export interface ApplicationChange {
  /** `<namespace>/<name>`. */
  readonly name: string;
  readonly change: 'Created' | 'Changed' | 'Deleted';
  readonly objects: readonly ObjectChange[];
  readonly restarts: readonly Restart[];
  /** Pods that go on with what a ConfigMap or a Secret held before. */
  readonly stale: readonly StaleReader[];
  readonly policies: readonly PolicyFailure[];
  /** With one error nothing of the commit is applied to this application. */
  readonly errors: readonly SyncError[];
  /** Why its deletions wait for a confirmation, if so. */
  readonly held?: string;
}

/** `keep`: Git names it no longer, but it is protected from pruning. `run`: it is a hook of the sync. */
export type ObjectAction = 'create' | 'update' | 'prune' | 'keep' | 'run';

export interface ObjectChange {
  readonly action: ObjectAction;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** File and line that declare it; of one that is pruned, where base did. */
  readonly path: string;
  readonly line: number;
  /** When a hook runs. */
  readonly phases?: readonly HookPhase[];
  /** From what is there to what will be; empty unless it is an update. */
  readonly patch: readonly Operation[];
  /** For people: a unified diff, of a new object all of it. Empty for one that is pruned, and for a hook. */
  readonly diff: string;
  /** The cluster's object is not as base declares it: others changed it. Only against a live cluster. */
  readonly hasDrifted?: boolean;
}

export interface Restart {
  /** `Deployment demo/web`. */
  readonly object: string;
  /** `replaced` one after the other, `recreated` all at once, `started`, `stopped`; `scaled` without a restart; `waiting` for somebody to delete or resume. */
  readonly how: 'replaced' | 'recreated' | 'started' | 'stopped' | 'scaled' | 'waiting';
  /** Undefined where the nodes decide. */
  readonly pods: number | undefined;
  readonly reasons: readonly string[];
}

export interface StaleReader {
  readonly object: string;
  /** `ConfigMap demo/web`. */
  readonly reads: string;
}

export interface PolicyFailure {
  readonly action: 'Deny' | 'Warn' | 'Audit';
  readonly policy: string;
  readonly object: string;
  readonly message: string;
  /** Of the object. */
  readonly path: string;
  readonly line: number;
  /** `file:line` of the policy, when the repository holds it. */
  readonly declaredAt?: string;
}
