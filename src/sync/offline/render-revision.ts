import type { Application } from '#api/headway/v1/types.ts';
import type { Scheme } from '#api/scheme.ts';
import { labelOf } from '../application/application-names.ts';
import type { SyncPlan } from '../application/plan.ts';
import { planSync } from '../application/sync-plan.ts';
import { plainRenderer } from '../render/plain-renderer.ts';
import type { UnitRendering } from '../render/unit-rendering.ts';
import type { GitRepository } from '../source/git-repository.ts';
import type { IgnoreRules } from '../source/ignore-rules.ts';

export interface RevisionRequest {
  readonly repository: GitRepository;
  /** Full commit id. */
  readonly revision: string;
  readonly application: Application;
  /** Of the application's folders those that are rendered. Each must be there. */
  readonly paths: readonly string[];
  /** Of the Repository: files that are no manifests. */
  readonly ignore?: IgnoreRules | undefined;
  /** The kinds that are known, custom ones included. */
  readonly scheme: Scheme;
  readonly units: UnitRendering;
  readonly signal: AbortSignal;
}

/** All that an application declares at a commit, as a sync would apply it: `changed` holds every object but hooks. Asks no cluster. */
export function renderRevision({ repository, revision, application, paths, ignore, scheme, units, signal }: RevisionRequest): Promise<SyncPlan> {
  const { spec, metadata } = application;
  return planSync({
    repository, revision, scheme, units, signal, previous: undefined, renderer: plainRenderer, paths, ignore,
    label: labelOf(application), destinationNamespace: spec.destinationNamespace || 'default', render: spec.render ?? {}, name: metadata.name,
    ...(spec.decryption ? { keys: 'Unavailable' as const } : {}), hasInventory: false, recorded: () => Promise.resolve(undefined), otherOwner: () => undefined,
  });
}
