import { maxSatisfying, rsort, valid, validRange } from 'semver';
import { SourceError } from '../errors.ts';
import type { GitRepository } from './git-repository.ts';
import { isSafeRef } from './ref-names.ts';

/** What spec.ref stands for at this moment. */
export interface ResolvedRef {
  /** Full commit id. */
  readonly revision: string;
  /** The tag that a range of versions chose, else the ref as it is. */
  readonly name: string;
}

/**
 * A branch, tag or commit of that name goes before a range of versions.
 * @throws SourceError InvalidRef, EmptyRepository, RefNotFound, NoMatchingVersion
 */
export async function resolveRef(repository: Pick<GitRepository, 'resolve' | 'tags'>, ref: string): Promise<ResolvedRef> {
  if (validRange(ref) === null) return { revision: await repository.resolve(ref), name: ref };
  const named = isSafeRef(ref) ? await repository.resolve(ref).catch(ifAbsent) : undefined;
  if (named !== undefined) return { revision: named, name: ref };
  const tags = await repository.tags();
  const tag = chooseVersion(ref, tags);
  if (tag === undefined) throw noMatchingVersion(ref, tags, 'the repository');
  return { revision: await repository.resolve(`refs/tags/${tag}`), name: tag };
}

/** The tag (`1.2.3`, `v1.2.3`) with the highest version in the range. Pre-releases count when the range names one: `>=1.0.0-0`. */
export function chooseVersion(range: string, tags: readonly string[]): string | undefined {
  return maxSatisfying(versions(tags), range, { includePrerelease: /\d-[\w.]+/.test(range.replaceAll(/\s-\s/g, ' ')) }) ?? undefined;
}

/** Of tags with the same version, the one without `v` counts: the order in which git lists them. */
const versions = (tags: readonly string[]): readonly string[] => tags.filter((tag) => valid(tag) !== null);

/** Names the versions that `owner` has. */
export function noMatchingVersion(range: string, names: readonly string[], owner: string): SourceError {
  const found = rsort([...versions(names)]);
  return new SourceError('NoMatchingVersion', `${owner} has no version in ${JSON.stringify(range)}; ${found.length === 0 ? 'none of its tags is a version' : `the newest versions are ${found.slice(0, 5).join(', ')}`}`);
}

function ifAbsent(error: unknown): undefined {
  if (error instanceof SourceError && (error.data.reason === 'RefNotFound' || error.data.reason === 'EmptyRepository')) return undefined;
  throw error;
}
