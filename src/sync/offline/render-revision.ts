import type { Application } from '#api/headway/v1/types.ts';
import type { Scheme } from '#api/scheme.ts';
import { applicationFolders, labelOf } from '../application/application-names.ts';
import type { SyncPlan } from '../application/plan.ts';
import { planSync } from '../application/sync-plan.ts';
import { plainRenderer } from '../render/plain-renderer.ts';
import type { UnitRendering } from '../render/unit-rendering.ts';
import type { GitRepository } from '../source/git-repository.ts';

export interface RevisionRequest {
  readonly repository: GitRepository;
  /** Full commit id. */
  readonly revision: string;
  readonly application: Application;
  /** The kinds that are known, custom ones included. */
  readonly scheme: Scheme;
  readonly units: UnitRendering;
  readonly signal: AbortSignal;
}

/** All that an application declares at a commit, as a sync would apply it: `changed` holds every object. Asks no cluster. */
export function renderRevision({ repository, revision, application, scheme, units, signal }: RevisionRequest): Promise<SyncPlan> {
  const { spec, metadata } = application;
  return planSync({
    repository, revision, scheme, units, signal, previous: undefined, renderer: plainRenderer, paths: applicationFolders(application),
    label: labelOf(application), destinationNamespace: spec.destinationNamespace || 'default', render: spec.render ?? {}, name: metadata.name,
    hasInventory: false, recorded: () => Promise.resolve(undefined), otherOwner: () => undefined,
  });
}
