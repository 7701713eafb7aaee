import { validRange } from 'semver';
import { isCommitId, refNames } from '../ref-names.ts';

/** Whether a push of full ref names may move what spec.ref stands for. A commit id may have come with any of them. */
export function isConcerned(ref: string, pushed: readonly string[]): boolean {
  if (isCommitId(ref)) return pushed.length > 0;
  const names = refNames(ref);
  return pushed.some((name) => names.includes(name) || (name.startsWith('refs/tags/') && validRange(ref) !== null));
}
