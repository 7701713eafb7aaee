import type { Parameters } from '../parameters.ts';

/** An open pull (or merge) request. */
export interface PullRequest {
  readonly number: number;
  readonly branch: string;
  /** The newest commit of its branch. */
  readonly headSha: string;
  readonly author: string;
  readonly title: string;
  readonly labels: readonly string[];
  /** Its commits are of another repository, to which others may write. */
  readonly isFork: boolean;
}

/** So long that a name made of it stays one. */
const MAX_SLUG = 50;
const SHORT_SHA = 8;

export const pullRequestParameters = ({ number, branch, headSha, author, title }: PullRequest): Parameters => ({
  number: String(number), branch, branch_slug: slugOf(branch), head_sha: headSha, head_short_sha: headSha.slice(0, SHORT_SHA), author, title,
});

/** The branch as a part of a DNS name. */
const slugOf = (branch: string): string => branch.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').slice(0, MAX_SLUG).replaceAll(/^-+|-+$/g, '');

/**
 * Those that have all labels. Anybody may open a pull request from a fork, and its commits would be applied: without labels, which only members
 * of the project can give, they do not count.
 */
export const selectPullRequests = (all: readonly PullRequest[], labels: readonly string[] = []): readonly PullRequest[] =>
  all.filter((one) => labels.every((label) => one.labels.includes(label)) && (!one.isFork || labels.length > 0)).toSorted((a, b) => a.number - b.number);
