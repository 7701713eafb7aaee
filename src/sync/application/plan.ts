import type { RenderSpec, SyncError } from '#api/headway/v1/types.ts';
import type { DesiredContext, DesiredObject } from '../apply/desired-object.ts';
import type { Provenance } from '../diff/provenance.ts';
import type { ApplicationIndex, IndexedFolder } from '../inventory/application-index.ts';
import type { Identity } from '../inventory/identity.ts';
import type { FileRenderer, RenderedObject } from '../render/renderer.ts';
import type { UnitRendering } from '../render/unit-rendering.ts';
import type { Keys } from '../secrets/clear-reader.ts';
import type { GitRepository } from '../source/git-repository.ts';
import type { IgnoreRules } from '../source/ignore-rules.ts';

export interface PlanRequest extends DesiredContext {
  readonly repository: GitRepository;
  readonly revision: string;
  /** The application's folders. */
  readonly paths: readonly string[];
  /** Of the Repository: files that are no manifests. */
  readonly ignore?: IgnoreRules | undefined;
  readonly renderer: FileRenderer;
  readonly units: UnitRendering;
  readonly render: RenderSpec;
  /** For what Git holds encrypted. Absent: the application has none. */
  readonly keys?: Keys | undefined;
  /** Of the Application: what Helm calls the release. */
  readonly name: string;
  /** Whether something may be applied already. */
  readonly hasInventory: boolean;
  /** Commit and author of an object as it is applied, when the same revision and spec are planned again after a restart. */
  readonly recorded: (object: DesiredObject) => Promise<Provenance | undefined>;
  /** What is applied now; undefined plans from nothing. */
  readonly previous: ApplicationIndex | undefined;
  /** The other application that declares an object, if any. */
  readonly otherOwner: (identity: Identity) => string | undefined;
  readonly signal: AbortSignal;
}

export interface GoodPlan {
  readonly index: ApplicationIndex;
  /** Objects of changed files only. */
  readonly changed: readonly DesiredObject[];
  /** Whether other hooks are declared than in the commit before, if that is known. */
  readonly hasNewHooks: boolean;
}

export type SyncPlan =
  | ({ readonly ok: true } & GoodPlan)
  /** `index`: what was read of it, to tell whether another commit is the same. */
  | { readonly ok: false; readonly errors: readonly SyncError[]; readonly index: ApplicationIndex };

/** The part of a plan that is about one folder. */
export interface FolderRequest extends PlanRequest {
  readonly path: string;
  /** The folder as it is applied. */
  readonly before: IndexedFolder | undefined;
  /** Object ids of the commit's root tree, and of the folder in it. */
  readonly root: string;
  readonly oid: string;
}

export interface FolderPlan {
  readonly folder: IndexedFolder;
  readonly changed: readonly DesiredObject[];
  readonly errors: readonly SyncError[];
  readonly hasNewHooks: boolean;
}

/** A folder whose files have been rendered; what comes out of them can be told only when all kinds of the commit are known. */
export interface RenderedFolder {
  /** Definitions among them make kinds known. */
  readonly objects: readonly RenderedObject[];
  readonly errors: readonly SyncError[];
  plan(request: DesiredContext): Promise<FolderPlan>;
}
