import type { Application } from '#api/headway/v1/types.ts';
import type { TrackedRevision } from '../source/repository-tracker.ts';
import { attemptOf, termsOf } from './attempt.ts';
import type { Target } from './target.ts';

/** What is to be synced now. */
export interface Due {
  readonly tracked: TrackedRevision;
  /** Commit and generation of the spec: under another one, what was refused may pass. */
  readonly attempt: string;
  /** Of the spec; the Application may have another one by the time that the attempt ends. */
  readonly generation: number | undefined;
  /** The attempt without its commit. */
  readonly terms: string;
  /** A person's request for it, if one made it. */
  readonly request: string | undefined;
  /** Names the sync: the attempt, and the request. */
  readonly key: string;
  readonly isManual: boolean;
}

export function dueOf(newest: TrackedRevision, { revision, request }: Target, application: Application): Due {
  const tracked = { ...newest, revision };
  const attempt = attemptOf(tracked, application);
  return { tracked, attempt, generation: application.metadata.generation, terms: termsOf(tracked, application), request, key: `${attempt} ${request ?? ''}`, isManual: request !== undefined };
}
