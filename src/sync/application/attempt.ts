import type { Application } from '#api/headway/v1/types.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';

/** Under what a commit is read: the application's spec, and the ignore rules of its Repository. Under another one every file may mean something else. */
export const termsOf = ({ ignore }: Pick<TrackedRevision, 'ignore'>, { metadata }: Application): string => `${metadata.generation}/${ignore?.id ?? ''}`;

/** A commit under its terms: what a sync tries, applies, or is refused. */
export const attemptOf = (tracked: Pick<TrackedRevision, 'revision' | 'ignore'>, application: Application): string => `${tracked.revision} ${termsOf(tracked, application)}`;

/** Whether an attempt was made under these terms. */
export const isUnder = (attempt: string, terms: string): boolean => attempt.endsWith(` ${terms}`);
