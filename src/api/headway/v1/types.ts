/** `headway.dev/v1`: the GitOps objects. Built in; kubectl lists, prints and explains them like any other kind. */
import type { KubeObject } from '#api/object.ts';
import type { Condition } from '#api/generated/meta/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';

/** A source of manifests. Namespaced; the one that `headway up --repo` makes is `headway-system/root`. */
export interface Repository extends KubeObject {
  readonly spec: RepositorySpec;
  readonly status?: RepositoryStatus | undefined;
}
export interface RepositorySpec {
  /** `https://…`, `ssh://…`, `git@host:path`, or an absolute local path. */
  readonly url: string;
  /** Branch, tag or full commit id. Default `main`. */
  readonly ref?: string | undefined;
  /** How often a remote is asked for new commits, a Go duration. Default `15s`; local repositories are watched instead. */
  readonly pollInterval?: string | undefined;
}
export interface RepositoryStatus {
  readonly observedGeneration?: number | undefined;
  /** The newest commit seen, 40 hex digits. */
  readonly revision?: string | undefined;
  readonly conditions?: readonly Condition[] | undefined;
}

/** A folder of a repository whose manifests are kept applied. */
export interface Application extends KubeObject {
  readonly spec: ApplicationSpec;
  readonly status?: ApplicationStatus | undefined;
}
export interface ApplicationSpec {
  /** Name of a Repository in the same namespace. */
  readonly repository: string;
  /** Folder inside the repository, without leading slash; empty is the whole tree. */
  readonly path?: string | undefined;
  /** Namespace for objects that name none. Default `default`. */
  readonly destinationNamespace?: string | undefined;
  readonly syncPolicy?: SyncPolicy | undefined;
  /** How files become objects. Default: by what the folder holds, see {@link RenderSpec.type}. */
  readonly render?: RenderSpec | undefined;
}
export type RenderType = 'Plain' | 'Kustomize' | 'Helm';
export interface RenderSpec {
  /** Default: Kustomize where there is a kustomization, Helm where there is a Chart.yaml, else Plain. */
  readonly type?: RenderType | undefined;
  readonly kustomize?: KustomizeSpec | undefined;
  readonly helm?: HelmSpec | undefined;
  /** Plain files only: values for `${NAME}`, `${NAME:-default}`; absent leaves the files as they are. Of one line each. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
}
/** Applied on top of the folder's own kustomization. */
export interface KustomizeSpec {
  readonly namePrefix?: string | undefined;
  readonly nameSuffix?: string | undefined;
  readonly images?: readonly KustomizeImage[] | undefined;
}
export interface KustomizeImage {
  readonly name: string;
  readonly newName?: string | undefined;
  readonly newTag?: string | undefined;
  readonly digest?: string | undefined;
}
export interface HelmSpec {
  /** Default: the Application's name. */
  readonly releaseName?: string | undefined;
  /** Relative to the chart's folder, within the repository; later ones win. */
  readonly valueFiles?: readonly string[] | undefined;
  /** Win over all files. */
  readonly values?: Readonly<Record<string, unknown>> | undefined;
}
export interface SyncPolicy {
  /** Delete what Git no longer names. Default true. */
  readonly prune?: boolean | undefined;
  /** Put back what was changed or deleted by others. Default true. */
  readonly selfHeal?: boolean | undefined;
}
export interface ApplicationStatus {
  readonly observedGeneration?: number | undefined;
  /** The commit whose objects are applied in full. Stays at the last good one when a newer commit fails. */
  readonly syncedRevision?: string | undefined;
  /** The commit that was last tried. */
  readonly attemptedRevision?: string | undefined;
  readonly lastSyncTime?: string | undefined;
  /** `Synced`: attempted = synced and no drift. `Healthy`: every applied object is. Messages name file, line and reason. */
  readonly conditions?: readonly Condition[] | undefined;
  /** What is applied, and so what prune may delete. */
  readonly inventory?: readonly InventoryEntry[] | undefined;
  readonly errors?: readonly SyncError[] | undefined;
}
export interface InventoryEntry {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  /** File inside the repository that declares it. */
  readonly path: string;
}
export interface SyncError {
  readonly path: string;
  /** One-based line in the file; absent when the whole file is at fault. */
  readonly line?: number | undefined;
  readonly object?: string | undefined;
  /** CamelCase, stable: `InvalidYAML`, `UnknownKind`, `InvalidObject`, `DuplicateObject`, `ApplyFailed`, ... */
  readonly reason: string;
  readonly message: string;
}

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
/** On Nodes: the store id for which the node has reported its pods. */
export const RESTORED_ANNOTATION = 'headway.dev/restored-store-id';
/** On pods that a node restored to a new store: when. Their owners may come later. */
export const RESTORED_AT_ANNOTATION = 'headway.dev/restored-at';
/** The field manager of sync. */
export const SYNC_FIELD_MANAGER = 'headway';
