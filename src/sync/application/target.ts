import { CONFIRM_DELETION_ANNOTATION, CONFIRM_PRUNE_ANNOTATION, SYNC_REQUEST_ANNOTATION, type Application, type ApplicationStatus } from '#api/headway/v1/types.ts';

/** What an Application shall be at now. */
export interface Target {
  readonly revision: string;
  /** A person's request that has not been acted on, as annotation `headway.dev/sync` has it. */
  readonly request?: string;
}

export interface TargetQuestion {
  readonly application: Pick<Application, 'metadata' | 'spec'>;
  readonly status: Pick<ApplicationStatus, 'handledRequest' | 'attemptedRevision'>;
  /** The newest commit of the repository. */
  readonly newest: string;
}

const ARGO_APPROVAL = 'argocd.argoproj.io/deletion-approved';
const COMMIT = /^[0-9a-f]{40}$/;

/** The commit that is in force; undefined as long as nobody has asked for the first one. */
export function targetOf({ application, status, newest }: TargetQuestion): Target | undefined {
  const { pinnedRevision, syncPolicy } = application.spec;
  const request = requestOf(application);
  const pending = request !== undefined && request !== status.handledRequest ? { request } : {};
  if (pinnedRevision) return { revision: pinnedRevision, ...pending };
  if (syncPolicy?.automated !== false) return { revision: newest, ...pending };
  if (pending.request !== undefined) return { revision: COMMIT.test(pending.request) ? pending.request : newest, ...pending };
  return status.attemptedRevision === undefined ? undefined : { revision: status.attemptedRevision };
}

const requestOf = ({ metadata }: Pick<Application, 'metadata'>): string | undefined => metadata.annotations?.[SYNC_REQUEST_ANNOTATION] || undefined;

export const confirmedPrune = ({ metadata }: Pick<Application, 'metadata'>): string | undefined => metadata.annotations?.[CONFIRM_PRUNE_ANNOTATION];

/** Whether a person agrees to the deletion of what is guarded: by our annotation, or by Argo CD's, whose time must not be from before it was asked for. */
export function confirmsDeletion({ metadata }: Pick<Application, 'metadata'>): boolean {
  const { annotations = {}, deletionTimestamp = '' } = metadata;
  return annotations[CONFIRM_DELETION_ANNOTATION] === metadata.name || Date.parse(annotations[ARGO_APPROVAL] ?? '') >= Date.parse(deletionTimestamp);
}

/** Whether a person has said something since. */
export const hasNewWord = (before: Application, after: Application): boolean =>
  requestOf(before) !== requestOf(after) || confirmedPrune(before) !== confirmedPrune(after) || confirmsDeletion(before) !== confirmsDeletion(after);
