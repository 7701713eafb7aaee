import type { PruneLimit } from '#api/headway/v1/types.ts';

const DEFAULT_PERCENT = 50;
/** Half of a few objects is nothing unusual. */
const PERCENT_FROM_OBJECTS = 10;
/** What a person types of a commit id. */
const SHORTEST_COMMIT = 7;

export interface PruneQuestion {
  readonly limit: PruneLimit;
  /** Objects that are applied now. */
  readonly total: number;
  /** Those that would be deleted, each as people name it. */
  readonly deletions: readonly string[];
  /** Of the deletions, those whose own annotation asks for a confirmation. */
  readonly confirmable: readonly string[];
  /** Objects that the commit declares. */
  readonly remaining: number;
  readonly revision: string;
  /** Value of the annotation that confirms. */
  readonly confirmed: string | undefined;
}

/** Why the deletions of a commit must be confirmed; undefined when they may be done. */
export function pruneRefusal(question: PruneQuestion): string | undefined {
  const { deletions, confirmable, revision, confirmed } = question;
  if (deletions.length === 0 || isConfirmed(revision, confirmed)) return undefined;
  const over = overLimit(question);
  if (over) return `${over}: ${listed(deletions)}`;
  return confirmable.length > 0 ? `the commit deletes what is annotated to be deleted only after a confirmation: ${listed(confirmable)}` : undefined;
}

const isConfirmed = (revision: string, confirmed = ''): boolean => confirmed.length >= SHORTEST_COMMIT && revision.startsWith(confirmed.toLowerCase());

function overLimit({ limit: { count, percent = DEFAULT_PERCENT }, total, deletions, remaining }: PruneQuestion): string | undefined {
  const share = `the commit deletes ${deletions.length} of ${total} objects`;
  if (count !== undefined && deletions.length > count) return `${share}, more than ${count}`;
  if (percent >= 100) return undefined;
  // Files that vanish by mistake leave nothing at all.
  if (remaining === 0) return `${share}, and leaves none`;
  return total >= PERCENT_FROM_OBJECTS && deletions.length * 100 > percent * total ? `${share}, more than ${percent} percent` : undefined;
}

const SHOWN = 20;
const listed = (names: readonly string[]): string => `${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''}`;
