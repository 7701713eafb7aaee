import type { GitProvider } from '#api/headway/v1/types.ts';
import type { PullRequest } from './pull-request.ts';

/** How one provider's API is asked for open pull requests, page by page. */
export interface Provider {
  /** Of the public service; undefined when there is none. */
  readonly defaultUrl: string | undefined;
  /** Below the API's URL, with query. `page` counts from one. */
  pathOf(repository: string, page: number): string;
  readonly headers: Readonly<Record<string, string>>;
  read(item: unknown): PullRequest;
}

const PAGE = 100;
const encodedPath = (repository: string): string => repository.split('/').map(encodeURIComponent).join('/');

interface GitHubPull {
  readonly number: number;
  readonly title: string;
  readonly user: { readonly login: string } | null;
  readonly head: { readonly ref: string; readonly sha: string; readonly repo: { readonly full_name: string } | null };
  readonly base: { readonly repo: { readonly full_name: string } };
  readonly labels?: readonly { readonly name: string }[] | null;
}
interface GitLabMerge {
  readonly iid: number;
  readonly title: string;
  readonly author: { readonly username: string } | null;
  readonly source_branch: string;
  readonly sha: string;
  readonly source_project_id: number | null;
  readonly target_project_id: number;
  readonly labels: readonly string[];
}

/** Gitea answers as GitHub does. */
function readPull(item: unknown): PullRequest {
  const { number, title, user, head, base, labels } = item as GitHubPull;
  return {
    number, title, branch: head.ref, headSha: head.sha, author: user?.login ?? '',
    labels: (labels ?? []).map(({ name }) => name), isFork: head.repo?.full_name !== base.repo.full_name,
  };
}

function readMerge(item: unknown): PullRequest {
  const merge = item as GitLabMerge;
  return {
    number: merge.iid, title: merge.title, branch: merge.source_branch, headSha: merge.sha, author: merge.author?.username ?? '',
    labels: merge.labels, isFork: merge.source_project_id !== merge.target_project_id,
  };
}

export const PROVIDERS: Readonly<Record<GitProvider, Provider>> = {
  GitHub: {
    defaultUrl: 'https://api.github.com',
    pathOf: (repository, page) => `/repos/${encodedPath(repository)}/pulls?state=open&per_page=${PAGE}&page=${page}`,
    headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
    read: readPull,
  },
  GitLab: {
    defaultUrl: 'https://gitlab.com/api/v4',
    pathOf: (repository, page) => `/projects/${encodeURIComponent(repository)}/merge_requests?state=opened&per_page=${PAGE}&page=${page}`,
    headers: { accept: 'application/json' },
    read: readMerge,
  },
  Gitea: {
    defaultUrl: undefined,
    pathOf: (repository, page) => `/repos/${encodedPath(repository)}/pulls?state=open&limit=${PAGE}&page=${page}`,
    headers: { accept: 'application/json' },
    read: readPull,
  },
};
