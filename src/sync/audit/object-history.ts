import type { Operation } from 'fast-json-patch';
import { PATH_ANNOTATION, type Application } from '#api/headway/v1/types.ts';
import { jsonEqual } from '#api/json.ts';
import type { Identity } from '../inventory/identity.ts';
import { outsideOf } from './application-units.ts';
import { changeRecord } from './change-record.ts';
import { declaredAt, declaredIn, fingerprintAt, unitsAt, type Declared, type DeclaredContext } from './declared.ts';
import type { CommitSummary, GitHistory } from './git-history.ts';

/** A commit that changed what Git declares of an object. */
export interface DeclaredChange extends CommitSummary {
  readonly change: 'Added' | 'Changed' | 'Removed';
  /** Where it is declared, or was. */
  readonly path: string;
  readonly line: number;
  /** Of `Changed`; RFC 6902, values of Secrets hidden. */
  readonly patch: readonly Operation[];
}

export interface HistoryQuery {
  readonly context: DeclaredContext;
  readonly history: GitHistory;
  readonly identity: Identity;
  /** From which commit to go back. */
  readonly revision: string;
  /** The file that declares the object there, or did last. */
  readonly path: string;
  readonly maxCount: number;
}

/** Newest first. Follows the object through renames of its file, and from one plain file of its application to another. */
export async function objectHistory(query: HistoryQuery): Promise<readonly DeclaredChange[]> {
  const { context, revision, path } = query;
  const unit = (await unitsAt(context, revision)).find(({ inputs }) => inputs.has(path));
  return unit ? unitHistory(query, [unit.folder || '.', ...outsideOf(unit), ...manifestOf(context.application)]) : fileHistory(query);
}

async function fileHistory({ context, history, identity, maxCount, ...start }: HistoryQuery): Promise<readonly DeclaredChange[]> {
  const changes: DeclaredChange[] = [];
  let at: FilePlace | undefined = start;
  while (at && changes.length < maxCount) {
    const revisions = await history.log({ revision: at.revision, paths: [at.path], follow: true, signal: context.signal });
    at = undefined;
    for (const [i, { path, ...commit }] of revisions.entries()) {
      const parent = await parentOf(context, commit.commit);
      const after = (await declaredIn(context, commit.commit, path))?.get(identity);
      const before = parent === undefined ? undefined : (await declaredIn(context, parent, revisions[i + 1]?.path ?? path))?.get(identity);
      // From another file of the application, or made anew.
      const moved = after && !before && parent !== undefined ? await declaredAt(context, { revision: parent, identity }) : undefined;
      changes.push(...changeBetween(commit, before ?? moved, after));
      if (moved && parent !== undefined) at = { revision: parent, path: moved.path };
      if (moved || changes.length === maxCount) break;
    }
  }
  return changes;
}

/** Where the application itself stands: what it is rendered with may be said there. */
const manifestOf = ({ metadata }: Application): readonly string[] => [metadata.annotations?.[PATH_ANNOTATION] ?? ''].filter((path) => path !== '');

interface FilePlace {
  readonly revision: string;
  readonly path: string;
}

const parentOf = async ({ repository }: DeclaredContext, commit: string): Promise<string | undefined> => (await repository.commit(commit)).parents[0];

/** Renders on both sides of each commit that touched an input; equal inputs are rendered once. */
async function unitHistory({ context, history, identity, revision, maxCount }: HistoryQuery, paths: readonly string[]): Promise<readonly DeclaredChange[]> {
  const changes: DeclaredChange[] = [];
  const commits = new Map((await history.log({ revision, paths, signal: context.signal })).map((entry) => [entry.commit, entry]));
  const known = new Map<string, Promise<Declared | undefined>>();
  const at = async (commit: string): Promise<Declared | undefined> => {
    const key = await fingerprintAt(context, commit);
    const found = known.get(key) ?? declaredAt(context, { revision: commit, identity });
    known.set(key, found);
    return found;
  };
  for (const commit of commits.values()) {
    const parent = await parentOf(context, commit.commit);
    changes.push(...changeBetween(commit, parent === undefined ? undefined : await at(parent), await at(commit.commit)));
    if (changes.length >= maxCount) break;
  }
  return changes;
}

/** Nothing when the object is the same on both sides. */
export function changeBetween({ commit, author, date, subject }: CommitSummary, before: Declared | undefined, after: Declared | undefined): readonly DeclaredChange[] {
  const place = after ?? before;
  if (!place || (before && after && jsonEqual(before.object, after.object))) return [];
  const base = { commit, author, date, subject, path: place.path, line: place.line };
  return [{ ...base, change: !before ? 'Added' : after ? 'Changed' : 'Removed', patch: before && after ? changeRecord(before.object, after.object) : [] }];
}
