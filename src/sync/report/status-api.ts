import type { CommitStatusSpec, GitProvider } from '#api/headway/v1/types.ts';
import type { CommitOutcome, OutcomeState } from './commit-outcome.ts';

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

/** Undefined when the URL of the repository names no project of a Git provider. */
export function statusApi(repositoryUrl: string, { provider, apiURL }: Pick<CommitStatusSpec, 'provider' | 'apiURL'>): StatusApi | undefined {
  const place = projectOf(repositoryUrl);
  if (!place) return undefined;
  return APIS[provider]((apiURL ?? defaultUrl(provider, place.host)).replace(/\/+$/, ''), place.project);
}

/** https://docs.github.com/rest/commits/statuses, https://docs.gitlab.com/api/commits, Gitea's and Forgejo's /api/swagger. */
const APIS: Readonly<Record<GitProvider, (api: string, project: string) => StatusApi>> = {
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
};

const GITLAB_STATES: Readonly<Record<OutcomeState, string>> = { pending: 'pending', success: 'success', failure: 'failed' };

function defaultUrl(provider: GitProvider, host: string): string {
  if (provider === 'GitLab') return `https://${host}/api/v4`;
  if (provider === 'Gitea') return `https://${host}/api/v1`;
  return host === 'github.com' ? 'https://api.github.com' : `https://${host}/api/v3`;
}

/** `https://host:port/group/name.git`, `ssh://git@host:port/group/name`, `git@host:group/name`. The web interface is on the port of https only. */
function projectOf(url: string): { readonly host: string; readonly project: string } | undefined {
  const [, scheme, host, port = '', path] = /^(?:(https?|ssh):\/\/)?(?:[^@/]*@)?([^:/]+)(:\d+)?[:/]\/?(.+?)(?:\.git)?\/*$/.exec(url) ?? [];
  if (!host || !path?.includes('/') || url.startsWith('/') || url.startsWith('file:')) return undefined;
  return { host: `${host}${scheme?.startsWith('http') ? port : ''}`, project: path };
}

const encodeProject = (project: string): string => project.split('/').map(encodeURIComponent).join('/');
const plain = ({ context, state, description }: CommitOutcome): object => ({ context, state, description });
const entries = (value: unknown): readonly Readonly<Record<string, unknown>>[] => (Array.isArray(value) ? (value as readonly unknown[]).filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null) : []);
const written = (context: unknown, state: unknown, description: unknown): WrittenStatus => ({ context: text(context), state: text(state), description: text(description) });
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
