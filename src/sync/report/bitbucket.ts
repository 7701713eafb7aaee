import { createHash } from 'node:crypto';
import type { CommitOutcome, OutcomeState } from './commit-outcome.ts';
import { encodeProject, entries, PAGE_SIZE, type StatusApi, text, written } from './status-format.ts';

const STATES: Readonly<Record<OutcomeState, string>> = { pending: 'INPROGRESS', success: 'SUCCESSFUL', failure: 'FAILED' };
const STATE_OF: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(STATES).map(([ours, theirs]) => [theirs, ours]));

const headers = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}`, accept: 'application/json' });
/** Bitbucket takes no status without an address: that of the commit. A key has at most 40 characters in the Cloud; people see the name. */
const build = ({ context, state, description }: CommitOutcome, url: string): object => ({ key: createHash('sha1').update(context).digest('hex'), name: context, state: STATES[state], description, url });
const parse = (answer: unknown): ReturnType<StatusApi['parse']> =>
  entries((answer as { readonly values?: unknown } | null)?.values).map(({ name, state, description }) => written(name, STATE_OF[text(state)] ?? state, description));

/** https://developer.atlassian.com/cloud/bitbucket/rest/api-group-commit-statuses. */
export const bitbucketCloud = (api: string, project: string): StatusApi => ({
  write: (outcome) => ({ method: 'POST', url: `${api}/repositories/${encodeProject(project)}/commit/${outcome.revision}/statuses/build`, body: build(outcome, `https://bitbucket.org/${encodeProject(project)}/commits/${outcome.revision}`) }),
  read: (revision, page) => ({ method: 'GET', url: `${api}/repositories/${encodeProject(project)}/commit/${revision}/statuses?pagelen=${PAGE_SIZE}&page=${page}` }),
  headers, parse,
});

/**
 * https://developer.atlassian.com/server/bitbucket/rest: of Server and Data Center. `api` is where the web interface is. Clone URLs are
 * `<api>/scm/<key>/<name>.git` over https, `/<key>/<name>.git` over ssh; statuses are listed by the older of its two APIs only.
 */
export function bitbucketServer(api: string, project: string): StatusApi {
  const [key = '', name = ''] = project.split('/').slice(-2).map(encodeURIComponent);
  const repository = `projects/${key}/repos/${name}`;
  return {
    write: (outcome) => ({ method: 'POST', url: `${api}/rest/api/latest/${repository}/commits/${outcome.revision}/builds`, body: build(outcome, `${api}/${repository}/commits/${outcome.revision}`) }),
    read: (revision, page) => ({ method: 'GET', url: `${api}/rest/build-status/latest/commits/${revision}?limit=${PAGE_SIZE}&start=${(page - 1) * PAGE_SIZE}` }),
    headers, parse,
  };
}

/** The part of a clone URL's path that a Bitbucket Server has before `/scm/`, with its slash. */
export const contextOf = (project: string): string => /^(.*?)\/?\bscm\/[^/]+\/[^/]+$/.exec(project)?.[1]?.replace(/^(?=.)/, '/') ?? '';
