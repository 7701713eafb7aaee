/** `headway.dev/v1`: the GitOps objects. Built in; kubectl lists, prints and explains them like any other kind. */
import type { KubeObject } from '#api/object.ts';
import type { Pod } from '#api/generated/core/v1.ts';
export type * from './application.ts';
export type * from './application-set.ts';
export type * from './project.ts';
export type * from './repository.ts';
export type * from './sync-record.ts';

/**
 * Create-only and never stored, as a SubjectAccessReview is: a node tells a control plane whose store is new what runs on it.
 * The pods are taken over under their names and UIDs; missing namespaces are made; an owner named in `ownerReferences`
 * that is created later gets the UID recorded there, so that nothing is restarted. See docs/design/0003-recovery.md.
 */
export interface NodeRestore extends KubeObject {
  readonly spec: {
    readonly nodeName: string;
    /** The store's id ({@link STORE_ID_ANNOTATION} on namespace kube-system) that the agent saw when it decided to restore. */
    readonly storeID: string;
    readonly pods: readonly Pod[];
  };
  readonly status?: { readonly restored: readonly string[]; readonly rejected: readonly { readonly pod: string; readonly reason: string }[] } | undefined;
}

/** On each object that sync applies: where it came from. */
export const COMMIT_ANNOTATION = 'headway.dev/commit';
export const PATH_ANNOTATION = 'headway.dev/path';
export const AUTHOR_ANNOTATION = 'headway.dev/author';
/** Label on each object that sync applies: `<namespace>.<name>` of its Application. */
export const APPLICATION_LABEL = 'headway.dev/application';
/** On namespace kube-system: random id of the store's data, new whenever the store starts empty. */
export const STORE_ID_ANNOTATION = 'headway.dev/store-id';
/** On Nodes: host where the API server reaches the agent, when it is not the InternalIP. */
export const AGENT_ADDRESS_ANNOTATION = 'headway.dev/agent-address';
/** On Nodes that run no containers: `true`. Their addresses and those of their pods are made up. */
export const SIMULATED_LABEL = 'headway.dev/simulated';
/** On Nodes: the store id for which the node has reported its pods. */
export const RESTORED_ANNOTATION = 'headway.dev/restored-store-id';
/** On pods that a node restored to a new store: when. Their owners may come later. */
export const RESTORED_AT_ANNOTATION = 'headway.dev/restored-at';
/** The field manager of sync. */
export const SYNC_FIELD_MANAGER = 'headway';
/** On Applications: a commit id, or any new word for the newest commit, asks for a sync now. */
export const SYNC_REQUEST_ANNOTATION = 'headway.dev/sync';
/** On Applications: the commit whose deletions may go over the limit. */
export const CONFIRM_PRUNE_ANNOTATION = 'headway.dev/confirm-prune';
/** On the Sync record of a deletion, which no owner takes along: kept by count and age of its namespace. */
export const DELETION_LABEL = 'headway.dev/deletion';
/** On ApplicationSets: the status.pending.revision whose deletions may go over the limit. On Applications that are being deleted: their name, to delete what is annotated `Delete=confirm`. */
export const CONFIRM_DELETION_ANNOTATION = 'headway.dev/confirm-deletion';
/** On Roles and RoleBindings: the Project whose role they are. */
export const PROJECT_LABEL = 'headway.dev/project';
/** On Secrets that name a cluster: found by cluster generators. */
export const CLUSTER_LABEL = 'headway.dev/cluster';
/** On Applications: the ApplicationSet that made it. */
export const APPLICATION_SET_LABEL = 'headway.dev/application-set';
/** On Applications: why spec.pinnedRevision is set, of a rollback that could not reach Git. */
export const PINNED_ANNOTATION = 'headway.dev/pinned';
