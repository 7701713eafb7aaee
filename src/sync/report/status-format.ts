import type { CommitOutcome } from './commit-outcome.ts';

/** Where statuses of a repository's commits are written and read. */
export interface StatusApi {
  readonly write: (outcome: CommitOutcome) => StatusRequest;
  /** What is written at a commit already; one page of at most {@link PAGE_SIZE}, from 1. */
  readonly read: (revision: string, page: number) => StatusRequest;
  readonly headers: (token: string) => Readonly<Record<string, string>>;
  /** The statuses in an answer to `read`, the newest of each context. */
  readonly parse: (answer: unknown) => readonly WrittenStatus[];
}
export interface StatusRequest {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly body?: object;
}
export interface WrittenStatus {
  readonly context: string;
  readonly state: string;
  readonly description: string;
}

export const PAGE_SIZE = 100;

export const encodeProject = (project: string): string => project.split('/').map(encodeURIComponent).join('/');
export const entries = (value: unknown): readonly Readonly<Record<string, unknown>>[] => (Array.isArray(value) ? (value as readonly unknown[]).filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null) : []);
export const written = (context: unknown, state: unknown, description: unknown): WrittenStatus => ({ context: text(context), state: text(state), description: text(description) });
export const text = (value: unknown): string => (typeof value === 'string' ? value : '');
