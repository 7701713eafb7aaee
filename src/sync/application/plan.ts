import type { RenderSpec, SyncError } from '#api/headway/v1/types.ts';
import type { DesiredContext, DesiredObject } from '../apply/desired-object.ts';
import type { Provenance } from '../diff/provenance.ts';
import type { ApplicationIndex } from '../inventory/application-index.ts';
import type { Identity } from '../inventory/identity.ts';
import type { FileRenderer } from '../render/renderer.ts';
import type { UnitRendering } from '../render/unit-rendering.ts';
import type { GitRepository } from '../source/git-repository.ts';

export interface PlanRequest extends DesiredContext {
  readonly repository: GitRepository;
  readonly revision: string;
  /** The application's folder. */
  readonly path: string;
  readonly renderer: FileRenderer;
  readonly units: UnitRendering;
  readonly render: RenderSpec;
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
}

export type SyncPlan =
  | ({ readonly ok: true } & GoodPlan)
  | { readonly ok: false; readonly errors: readonly SyncError[] };
