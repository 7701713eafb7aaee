import type { Application, Repository } from '#api/headway/v1/types.ts';
import type { Excuse } from './survey.ts';

export interface RepositoryHere {
  /** Addresses under which the repository is known: its folder, and those of its remotes. */
  readonly urls: readonly string[];
  /** Names of the branch that the commit is to be merged into; empty when base is no branch. */
  readonly branch: string;
}

/** An Application that follows another repository, another branch or a fixed commit does not change by this one. */
export function excuseFor({ urls, branch }: RepositoryHere): Excuse {
  const known = new Set(urls.map(normalUrl));
  return (application: Pick<Application, 'spec'>, repository: Repository | undefined) => {
    const { pinnedRevision } = application.spec;
    if (pinnedRevision) return `it is pinned to ${pinnedRevision.slice(0, 12)}`;
    if (!repository) return undefined;
    const { url, ref = 'main', chart } = repository.spec;
    if (chart) return `it follows chart ${chart} of ${withoutCredentials(url)}; --charts fetches what is published`;
    if (!known.has(normalUrl(url))) return `it follows ${withoutCredentials(url)}, another repository`;
    return branch === '' || ref === branch || ref === `refs/heads/${branch}` ? undefined : `it follows ${ref}, not ${branch}`;
  };
}

/** `https://user@host/team/app.git`, `ssh://git@host:22/team/app` and `git@host:team/app` are one repository. */
function normalUrl(url: string): string {
  const [, host = '', path = ''] = /^(?:[a-z+]+:\/\/)?(?:[^@/]*@)?([^/:]*)(?::\d+(?=\/))?[:/](.*)$/i.exec(url) ?? [];
  return `${host.toLowerCase()}/${(host === '' && path === '' ? url : path).replace(/^\/+|(?:\.git)?\/*$/g, '')}`;
}

const withoutCredentials = (url: string): string => url.replace(/\/\/[^@/]*@/, '//');
