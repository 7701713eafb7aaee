import type { Commit, GitRepository } from '../source/git-repository.ts';
import type { Change, Provenance } from '../source/last-changes.ts';
import type { TreeFile } from './tree-diff.ts';

export type { Provenance } from '../source/last-changes.ts';

export interface ProvenanceQuery {
  readonly repository: GitRepository;
  readonly revision: string;
  readonly files: readonly TreeFile[];
  /** The revision against which `files` are the changed ones, if any: the usual commit then needs no walk. */
  readonly since?: string;
  readonly signal?: AbortSignal;
}

/** The newest change of any of the files; the revision itself when there is none to be found. */
export async function findNewest({ repository, revision, files, since, signal }: ProvenanceQuery): Promise<Provenance> {
  const commit = await repository.commit(revision);
  const changes = isNext(commit, since) ? [] : [...(await repository.history.lastChanges(revision, files, signal)).values()];
  const newest = changes.toSorted((a, b) => b.time - a.time)[0];
  return newest ? provenanceOf(newest) : ownOf(commit);
}

/** The last change of each file, by path. Files whose history is cut off (a shallow clone) get the revision itself. */
export async function findProvenance({ repository, revision, files, since, signal }: ProvenanceQuery): Promise<ReadonlyMap<string, Provenance>> {
  if (files.length === 0) return new Map();
  const commit = await repository.commit(revision);
  const own = ownOf(commit);
  const found = isNext(commit, since) ? undefined : await repository.history.lastChanges(revision, files, signal);
  // One object a commit: it is kept for each file.
  const ofChange = new Map([...new Set(found?.values())].map((change) => [change, provenanceOf(change)]));
  return new Map(files.map(({ path }) => {
    const change = found?.get(path);
    return [path, (change && ofChange.get(change)) ?? own];
  }));
}

const provenanceOf = ({ commit, author }: Change): Provenance => ({ commit, author });
const ownOf = ({ oid, author }: Commit): Provenance => ({ commit: oid, author });
const isNext = ({ parents }: Commit, since: string | undefined): boolean => parents.length <= 1 && (parents.length === 0 || parents[0] === since);
