import type { CommitStatusSpec, StatusProvider } from '#api/headway/v1/types.ts';
import { bitbucketCloud, bitbucketServer, contextOf } from './bitbucket.ts';
import type { CommitOutcome, OutcomeState } from './commit-outcome.ts';
import { encodeProject, entries, PAGE_SIZE, type StatusApi, written } from './status-format.ts';

/** Undefined when the URL of the repository names no project of a Git provider. */
export function statusApi(repositoryUrl: string, { provider, apiURL }: Pick<CommitStatusSpec, 'provider' | 'apiURL'>): StatusApi | undefined {
  const place = projectOf(repositoryUrl);
  if (!place) return undefined;
  return APIS[provider]((apiURL ?? DEFAULT_URLS[provider](place)).replace(/\/+$/, ''), place.project);
}

/** https://docs.github.com/rest/commits/statuses, https://docs.gitlab.com/api/commits, Gitea's and Forgejo's /api/swagger. */
const APIS: Readonly<Record<StatusProvider, (api: string, project: string) => StatusApi>> = {
  GitHub: (api, project) => ({
    write: (outcome) => ({ method: 'POST', url: `${api}/repos/${encodeProject(project)}/statuses/${outcome.revision}`, body: plain(outcome) }),
    read: (revision, page) => ({ method: 'GET', url: `${api}/repos/${encodeProject(project)}/commits/${revision}/status?per_page=${PAGE_SIZE}&page=${page}` }),
    headers: (token) => ({ authorization: `Bearer ${token}`, accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' }),
    parse: (answer) => entries((answer as { readonly statuses?: unknown } | null)?.statuses).map(({ context, state, description }) => written(context, state, description)),
  }),
  Gitea: (api, project) => ({
    write: (outcome) => ({ method: 'POST', url: `${api}/repos/${encodeProject(project)}/statuses/${outcome.revision}`, body: plain(outcome) }),
    read: (revision, page) => ({ method: 'GET', url: `${api}/repos/${encodeProject(project)}/commits/${revision}/status?limit=${PAGE_SIZE}&page=${page}` }),
    headers: (token) => ({ authorization: `token ${token}`, accept: 'application/json' }),
    parse: (answer) => entries((answer as { readonly statuses?: unknown } | null)?.statuses).map(({ context, status, description }) => written(context, status, description)),
  }),
  GitLab: (api, project) => ({
    write: ({ revision, context, state, description }) => ({ method: 'POST', url: `${api}/projects/${encodeURIComponent(project)}/statuses/${revision}`, body: { name: context, state: GITLAB_STATES[state], description } }),
    read: (revision, page) => ({ method: 'GET', url: `${api}/projects/${encodeURIComponent(project)}/repository/commits/${revision}/statuses?per_page=${PAGE_SIZE}&page=${page}` }),
    headers: (token) => ({ 'private-token': token, accept: 'application/json' }),
    parse: (answer) => entries(answer).map(({ name, status, description }) => written(name, status === 'failed' ? 'failure' : status, description)),
  }),
  Bitbucket: bitbucketCloud,
  BitbucketServer: bitbucketServer,
};

const GITLAB_STATES: Readonly<Record<OutcomeState, string>> = { pending: 'pending', success: 'success', failure: 'failed' };

const DEFAULT_URLS: Readonly<Record<StatusProvider, (place: Place) => string>> = {
  GitHub: ({ host }) => (host === 'github.com' ? 'https://api.github.com' : `https://${host}/api/v3`),
  GitLab: ({ host }) => `https://${host}/api/v4`,
  Gitea: ({ host }) => `https://${host}/api/v1`,
  Bitbucket: () => 'https://api.bitbucket.org/2.0',
  BitbucketServer: ({ host, project }) => `https://${host}${contextOf(project)}`,
};

interface Place {
  readonly host: string;
  readonly project: string;
}

/** `https://host:port/group/name.git`, `ssh://git@host:port/group/name`, `git@host:group/name`. The web interface is on the port of https only. */
function projectOf(url: string): Place | undefined {
  const [, scheme, host, port = '', path] = /^(?:(https?|ssh):\/\/)?(?:[^@/]*@)?([^:/]+)(:\d+)?[:/]\/?(.+?)(?:\.git)?\/*$/.exec(url) ?? [];
  if (!host || !path?.includes('/') || url.startsWith('/') || url.startsWith('file:')) return undefined;
  return { host: `${host}${scheme?.startsWith('http') ? port : ''}`, project: path };
}

const plain = ({ context, state, description }: CommitOutcome): object => ({ context, state, description });
