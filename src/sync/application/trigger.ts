import { SYNC_REQUEST_ANNOTATION, type Application, type ApplicationStatus, type SyncTrigger } from '#api/headway/v1/types.ts';
import type { Refusal } from './application-state.ts';

export interface TriggerQuestion {
  readonly application: Application;
  readonly status: Pick<ApplicationStatus, 'syncedRevision'>;
  readonly revision: string;
  readonly author: string;
  readonly isManual: boolean;
  /** What is applied is applied again, as after a restart. */
  readonly isAgain: boolean;
  /** Of the same commit under the same spec. */
  readonly refusal: Refusal | undefined;
}

/** Why a sync begins, and because of whom. */
export function triggerOf({ application, status, revision, author, isManual, isAgain, refusal }: TriggerQuestion): SyncTrigger {
  if (isManual) return { type: 'Manual', ...byOf(requestedBy(application)) };
  if (isAgain) return { type: 'Restart' };
  if (refusal) return { type: 'Retry', ...byOf(author) };
  return { type: status.syncedRevision === revision ? 'Spec' : 'Commit', ...byOf(status.syncedRevision === revision ? undefined : author) };
}

const byOf = (by: string | undefined): { readonly by?: string } => (by ? { by } : {});

/** The manager that owns the annotation: `kubectl-annotate`. */
function requestedBy({ metadata }: Application): string | undefined {
  return metadata.managedFields?.find(({ fieldsV1 }) => JSON.stringify(fieldsV1 ?? {}).includes(`"f:${SYNC_REQUEST_ANNOTATION}"`))?.manager;
}
