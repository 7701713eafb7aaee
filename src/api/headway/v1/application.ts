import type { Condition } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { LocalReference } from './repository.ts';

/** Folders of a repository whose manifests are kept applied. */
export interface Application extends KubeObject {
  readonly spec: ApplicationSpec;
  readonly status?: ApplicationStatus | undefined;
}
export interface ApplicationSpec {
  /** Name of a Repository in the same namespace. */
  readonly repository: string;
  /** Folder inside the repository, without leading slash; empty is the whole tree. Not together with `paths`. */
  readonly path?: string | undefined;
  /** Several folders, each rendered by itself; an object may stand in one of them only. */
  readonly paths?: readonly string[] | undefined;
  /** Name of a Project in the same namespace, whose rules bind the application. Default: none. */
  readonly project?: string | undefined;
  /** Namespace for objects that name none. Default `default`. */
  readonly destinationNamespace?: string | undefined;
  readonly syncPolicy?: SyncPolicy | undefined;
  /** How files become objects. Default: by what the folder holds, see {@link RenderSpec.type}. */
  readonly render?: RenderSpec | undefined;
  /** Keys for files that SOPS or kubeseal encrypted. */
  readonly decryption?: DecryptionSpec | undefined;
  /** Fields that are set when an object is made, and then left to others. */
  readonly ignoreDifferences?: readonly IgnoreRule[] | undefined;
  /** Nothing is applied before all of these are ready. */
  readonly dependsOn?: readonly Dependency[] | undefined;
  /** Health of kinds by expressions of one's own; they go before the built-in rules. */
  readonly health?: readonly HealthOverride[] | undefined;
  /** The commit to stay at, 40 hex digits, whatever the repository says. Default: follow it. */
  readonly pinnedRevision?: string | undefined;
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
/** Replaces the name, the tag or the digest of an image. */
export interface KustomizeImage {
  readonly name: string;
  readonly newName?: string | undefined;
  readonly newTag?: string | undefined;
  readonly digest?: string | undefined;
}
/** How a chart is rendered, as by `helm template`. */
export interface HelmSpec {
  /** Default: the Application's name. */
  readonly releaseName?: string | undefined;
  /** Relative to the chart's folder, within the repository; later ones win. */
  readonly valueFiles?: readonly string[] | undefined;
  /** Win over all files. */
  readonly values?: Readonly<Record<string, unknown>> | undefined;
}
export type SelfHeal = 'Heal' | 'Report' | 'Off';
/** When commits are applied, and what becomes of objects that differ from Git or left it. */
export interface SyncPolicy {
  /** Sync each new commit. False: only when annotation `headway.dev/sync` names a commit (or a new word). Default true. */
  readonly automated?: boolean | undefined;
  /** Delete what Git no longer names; else it stays in status.inventory, and goes when this is true again. Default true. */
  readonly prune?: boolean | undefined;
  /** `Heal` puts back what others changed or deleted; `Report` tells of it in condition Synced; `Off` does not look. Default `Heal`. */
  readonly selfHeal?: SelfHeal | undefined;
  readonly pruneLimit?: PruneLimit | undefined;
  readonly retry?: RetryPolicy | undefined;
  /** When syncs may begin. With `Allow` windows only inside one of them; never inside a `Deny` window. Manual syncs too, unless the window says otherwise. What is applied is kept so all the time. */
  readonly windows?: readonly SyncWindow[] | undefined;
  /** How long a wave's hooks and health may take before the sync fails, a Go duration. Default `5m`. */
  readonly timeout?: string | undefined;
  readonly history?: HistoryPolicy | undefined;
}
/** A commit that deletes more than either waits until annotation `headway.dev/confirm-prune` names it. */
export interface PruneLimit {
  /** Objects. Default: no limit. */
  readonly count?: number | undefined;
  /** Percent of the application's objects, 1 to 100. Default 50, applied from 10 objects on; 100 is no limit. */
  readonly percent?: number | undefined;
}
/** Of a commit that was refused or failed; a newer commit waits for none of it. */
export interface RetryPolicy {
  /** Tries after the first; -1 is without end. Default -1. */
  readonly limit?: number | undefined;
  /** Before the second try, a Go duration. Default `5s`; doubled each time. */
  readonly interval?: string | undefined;
  /** Default `3m`. */
  readonly maxInterval?: string | undefined;
}
export interface SyncWindow {
  readonly kind: 'Allow' | 'Deny';
  /** When it opens: five fields of cron. */
  readonly schedule: string;
  /** How long it stays open, a Go duration. */
  readonly duration: string;
  /** Default `UTC`. */
  readonly timeZone?: string | undefined;
  /** Manual syncs go through a closed window. Default false. */
  readonly manual?: boolean | undefined;
}
/** Of Sync records: both bounds hold. */
export interface HistoryPolicy {
  /** Default 20. */
  readonly count?: number | undefined;
  /** A Go duration. Default `720h`. */
  readonly maxAge?: string | undefined;
}
export interface DecryptionSpec {
  /** Secret of the same namespace: age identities in keys ending in `.agekey`, armored PGP private keys in `.asc`, keys of a sealed-secrets controller in `.key`. */
  readonly secretRef: LocalReference;
}
/** Selects objects by what is given, and fields by pointers or by who owns them. */
export interface IgnoreRule {
  readonly group?: string | undefined;
  readonly kind?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** RFC 6901: `/spec/replicas`; `*` stands for any item or key. */
  readonly jsonPointers?: readonly string[] | undefined;
  /** Whatever these field managers own. */
  readonly managers?: readonly string[] | undefined;
}
export interface Dependency {
  readonly apiVersion: string;
  readonly kind: string;
  /** Default: the Application's. */
  readonly namespace?: string | undefined;
  readonly name: string;
  /** CEL over `object`; default: healthy by the rules of its kind (an Application: synced and healthy). */
  readonly ready?: string | undefined;
}
/** CEL over `object`, each a boolean: the first that is true decides, in this order; none is `Progressing`. */
export interface HealthOverride {
  readonly group?: string | undefined;
  readonly kind: string;
  readonly degraded?: string | undefined;
  readonly suspended?: string | undefined;
  readonly progressing?: string | undefined;
  readonly healthy?: string | undefined;
  /** CEL that gives the message, a string. */
  readonly message?: string | undefined;
}
export interface ApplicationStatus {
  readonly observedGeneration?: number | undefined;
  /** The commit whose objects are applied in full. Stays at the last good one when a newer commit fails. */
  readonly syncedRevision?: string | undefined;
  /** The commit that was last tried. */
  readonly attemptedRevision?: string | undefined;
  readonly lastSyncTime?: string | undefined;
  /** The last value of annotation `headway.dev/sync` that was acted on. */
  readonly handledRequest?: string | undefined;
  /** `Synced`: attempted = synced, no drift, and nothing to be pruned. `Healthy`: every applied object is. Messages name file, line and reason. */
  readonly conditions?: readonly Condition[] | undefined;
  /** What is applied, and so what prune may delete. */
  readonly inventory?: readonly InventoryEntry[] | undefined;
  /** What is wrong with the commit that was last tried; empty when it was applied. */
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
  /** Git no longer declares it, and it is still there: pruning is off, or its deletion failed. Default false. */
  readonly requiresPruning?: boolean | undefined;
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
