import { COMMIT_ANNOTATION, type Application } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import type { GitRepository } from '../source/git-repository.ts';
import type { GitHistory } from './git-history.ts';

export interface AppliedObject {
  readonly live: KubeObject;
  readonly application: Application;
  readonly repository: Pick<GitRepository, 'hasCommit'>;
  readonly history: Pick<GitHistory, 'isAncestor'>;
}

/**
 * The commit as whose state a live object was applied: the application's, unless a newer one was applied to this object only (a sync that
 * is under way, or failed at a later wave). Undefined when the repository has neither.
 */
export async function appliedRevision({ live, application: { status }, repository, history }: AppliedObject): Promise<string | undefined> {
  const own = live.metadata.annotations?.[COMMIT_ANNOTATION];
  const synced = status?.syncedRevision;
  const isSettled = synced !== undefined && (status?.attemptedRevision ?? synced) === synced;
  const known = async (commit: string | undefined): Promise<string | undefined> => (commit !== undefined && (await repository.hasCommit(commit)) ? commit : undefined);
  if (isSettled || own === undefined || synced === undefined) return (await known(synced)) ?? known(own);
  return (await history.isAncestor(own, synced)) ? synced : known(own);
}
