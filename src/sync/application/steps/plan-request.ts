import { AUTHOR_ANNOTATION, COMMIT_ANNOTATION } from '#api/headway/v1/types.ts';
import { isStatus } from '#api/status-error.ts';
import type { DesiredObject } from '../../apply/desired-object.ts';
import type { Provenance } from '../../diff/provenance.ts';
import type { ApplicationIndex } from '../../inventory/application-index.ts';
import type { TrackedRevision } from '../../source/repository-tracker.ts';
import { applicationFolders } from '../application-names.ts';
import type { ApplicationState } from '../application-state.ts';
import type { PlanRequest } from '../plan.ts';

export function planRequest(state: ApplicationState, { repository, revision, ignore }: TrackedRevision, previous: ApplicationIndex | undefined, signal: AbortSignal): PlanRequest {
  const { application, context } = state;
  const { spec, metadata } = application;
  return {
    repository, revision, ignore, previous, signal, label: state.label, scheme: context.scheme, renderer: context.renderer, units: context.units,
    paths: applicationFolders(application), destinationNamespace: spec.destinationNamespace || 'default', ignoreDifferences: spec.ignoreDifferences ?? [],
    render: spec.render ?? {}, name: metadata.name ?? '', hasInventory: state.inventory.size > 0,
    keys: context.keys.source(application),
    recorded: (object) => recorded(state, object, revision),
    otherOwner: (identity) => context.owners.other(state.key, identity),
  };
}

/** Where an applied object says that it comes from, if what is planned is what was applied before a restart. */
async function recorded({ status, application, context }: ApplicationState, { resource, object }: DesiredObject, revision: string): Promise<Provenance | undefined> {
  const { syncedRevision, observedGeneration } = status.status;
  if (revision !== syncedRevision || observedGeneration !== application.metadata.generation) return undefined;
  const live = context.live.get(resource, object) ?? await context.client.get(resource, { namespace: object.metadata.namespace, name: object.metadata.name ?? '' }).catch((error: unknown) => {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  });
  const { [COMMIT_ANNOTATION]: commit, [AUTHOR_ANNOTATION]: author } = live?.metadata.annotations ?? {};
  return commit === undefined ? undefined : { commit, author: author ?? '' };
}
