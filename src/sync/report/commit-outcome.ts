import type { Application } from '#api/headway/v1/types.ts';
import { amount } from '#base/amount.ts';
import { findCondition } from '#controller/conditions.ts';

export type OutcomeState = 'pending' | 'success' | 'failure';

/** How an Application fares with a commit, for people who look at the commit. */
export interface CommitOutcome {
  readonly revision: string;
  /** `headway/<namespace>/<application>`: one line at the commit for each. */
  readonly context: string;
  readonly state: OutcomeState;
  /** One line of at most {@link MAX_DESCRIPTION} characters. */
  readonly description: string;
}

/** GitHub refuses longer ones. */
export const MAX_DESCRIPTION = 140;

/** Undefined when the status says nothing of a commit: none was tried, or what is wrong is not of its making. */
export function commitOutcome({ metadata, status }: Application): CommitOutcome | undefined {
  const revision = status?.attemptedRevision;
  const synced = findCondition(status?.conditions, 'Synced');
  if (!revision || !synced) return undefined;
  const verdict = revision === status.syncedRevision ? appliedVerdict(status) : refusedVerdict(synced);
  return verdict && { revision, context: `headway/${metadata.namespace}/${metadata.name}`, state: verdict.state, description: shorten(verdict.description) };
}

type Verdict = Pick<CommitOutcome, 'state' | 'description'>;
type Status = NonNullable<Application['status']>;

/** All of the commit is applied; what drifts afterwards or a source that is away does not change what the commit was worth. */
function appliedVerdict({ conditions, inventory = [] }: Status): Verdict {
  const healthy = findCondition(conditions, 'Healthy');
  if (healthy?.status === 'True') return { state: 'success', description: `${amount(inventory.filter(({ requiresPruning }) => !requiresPruning).length, 'object')} applied and healthy` };
  if (healthy?.reason === 'Degraded') return { state: 'failure', description: healthy.message };
  return { state: 'pending', description: healthy?.message || 'applied; waiting until all objects are healthy' };
}

/** A wait between waves or for a hook is no verdict yet; only a refusal fails the commit. */
function refusedVerdict({ status, reason, message }: { readonly status: string; readonly reason: string; readonly message: string }): Verdict | undefined {
  if (reason === 'SourceNotReady' || reason === 'Drifted' || status === 'True') return undefined;
  return { state: status === 'Unknown' || /^(?:Waiting|Progressing|Syncing)/.test(reason) ? 'pending' : 'failure', description: message };
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= MAX_DESCRIPTION ? line : `${line.slice(0, MAX_DESCRIPTION - 1)}…`;
}
