import type { Commit, GitRepository } from '../source/git-repository.ts';
import type { TreeFile } from './tree-diff.ts';

/** The commit that gave a file its present contents. */
export interface Provenance {
  readonly commit: string;
  /** `Name <address>`. */
  readonly author: string;
}

export interface ProvenanceQuery {
  readonly repository: GitRepository;
  readonly revision: string;
  /** Folder that holds all of `files`. */
  readonly path: string;
  readonly files: readonly TreeFile[];
  /** The revision against which `files` are the changed ones, if any: the usual commit then needs no walk. */
  readonly since?: string;
  readonly signal?: AbortSignal;
}

/** The newest change of any of the files. */
export async function findNewest(query: ProvenanceQuery): Promise<Provenance> {
  const commit = await query.repository.commit(query.revision);
  const own = { commit: commit.oid, author: commit.author };
  if (isNext(commit, query.since)) return own;
  const [newest = own] = (await lastChanges(query, 1)).values();
  return newest;
}

/** The last change of each file, by path. Files whose history is cut off (a shallow clone) get the revision itself. */
export async function findProvenance(query: ProvenanceQuery): Promise<ReadonlyMap<string, Provenance>> {
  if (query.files.length === 0) return new Map();
  const commit = await query.repository.commit(query.revision);
  const own = { commit: commit.oid, author: commit.author };
  if (isNext(commit, query.since)) return new Map(query.files.map((file) => [file.path, own]));
  const found = await lastChanges(query, query.files.length);
  return new Map(query.files.map((file) => [file.path, found.get(file.path) ?? own]));
}

/** What changed since then did so in a commit since then, but for history that was rewritten. */
async function lastChanges({ repository, revision, path, files, since, signal }: ProvenanceQuery, wanted: number): Promise<ReadonlyMap<string, Provenance>> {
  const recent = since === undefined ? undefined : await repository.rawLog(revision, path, { since, signal }).catch(() => undefined);
  const found = recent && readRawLog(recent, files);
  return found && found.size >= wanted ? found : readRawLog(await repository.rawLog(revision, path, { signal }), files);
}

const isNext = ({ parents }: Commit, since: string | undefined): boolean => parents.length <= 1 && (parents.length === 0 || parents[0] === since);

/**
 * Reads `git log --raw -z` (see gitformat "raw output format"), newest first. A commit counts for a file only if it left the
 * file with its present contents, so that the other side of a merge is not named.
 */
export function readRawLog(log: Buffer, files: readonly TreeFile[]): ReadonlyMap<string, Provenance> {
  const wanted = new Map(files.map((file) => [file.path, file.oid]));
  const found = new Map<string, Provenance>();
  let current: Provenance | undefined;
  const fields = log.toString('utf8').split('\0');
  for (let i = 0; i < fields.length && wanted.size > 0; i++) {
    const field = (fields[i] ?? '').replace(/^\n+/, '');
    if (field.startsWith('\x01')) {
      current = { commit: field.slice(1), author: fields[++i] ?? '' };
    } else if (field.startsWith(':') && current) {
      const path = fields[++i] ?? '';
      const oid = field.split(' ').at(-2);
      if (oid === undefined || wanted.get(path) !== oid) continue;
      found.set(path, current);
      wanted.delete(path);
    }
  }
  return found;
}
