import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionContext } from 'ava';
import type { GitProvider } from '#api/headway/v1/types.ts';

export interface ServedPull {
  readonly number: number;
  readonly branch: string;
  readonly sha: string;
  readonly labels?: readonly string[];
  readonly isFork?: boolean;
}

/** Answers as the APIs of the providers document it: pages with a Link header, errors with a message. */
export interface PullRequestServer {
  /** As `apiURL`. */
  readonly url: string;
  pulls: readonly ServedPull[];
  /** Asked for; absent or another is refused. */
  token: string | undefined;
  /** Most on a page, whatever is asked for. */
  pageSize: number;
  /** In the place of the answer. */
  failure: { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string } | undefined;
  readonly requests: readonly string[];
}

const LABELLED = (labels: readonly string[] = []) => labels.map((name, id) => ({ id, name }));
const pull = ({ number, branch, sha, labels, isFork }: ServedPull, owner: string) => ({
  number, state: 'open', title: `Pull request ${number}`, user: { login: 'ada' }, labels: LABELLED(labels),
  head: { ref: branch, sha, repo: { full_name: isFork ? 'eve/fork' : owner } }, base: { ref: 'main', repo: { full_name: owner } },
});
const merge = ({ number, branch, sha, labels = [], isFork }: ServedPull) => ({
  id: 1000 + number, iid: number, state: 'opened', title: `Merge request ${number}`, author: { username: 'ada' }, labels, source_branch: branch, sha, source_project_id: isFork ? 2 : 1, target_project_id: 1,
});

interface Route {
  readonly path: RegExp;
  readonly isOpen: (query: URLSearchParams) => boolean;
  readonly size: string;
  item(pull: ServedPull, owner: string): object;
}
const ROUTES: Readonly<Record<GitProvider, Route>> = {
  GitHub: { path: /^\/repos\/([^/]+\/[^/]+)\/pulls$/, isOpen: (query) => query.get('state') === 'open', size: 'per_page', item: pull },
  Gitea: { path: /^\/repos\/([^/]+\/[^/]+)\/pulls$/, isOpen: (query) => query.get('state') === 'open', size: 'limit', item: pull },
  GitLab: { path: /^\/projects\/([^/]+)\/merge_requests$/, isOpen: (query) => query.get('state') === 'opened', size: 'per_page', item: merge },
};

export async function startPullRequestServer(t: Pick<ExecutionContext, 'teardown'>, provider: GitProvider, repository: string): Promise<PullRequestServer> {
  const requests: string[] = [];
  const served: PullRequestServer = { url: '', pulls: [], token: undefined, pageSize: 100, failure: undefined, requests };
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const { status, headers, body } = served.failure ?? answer(served, { route: ROUTES[provider], repository, request });
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return Object.assign(served, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

function answer(served: PullRequestServer, { route, repository, request }: { readonly route: Route; readonly repository: string; readonly request: IncomingMessage }): NonNullable<PullRequestServer['failure']> {
  const { pathname, searchParams } = new URL(request.url ?? '', served.url);
  if (served.token !== undefined && request.headers.authorization !== `Bearer ${served.token}`) return { status: 401, body: '{"message": "Bad credentials"}' };
  if (decodeURIComponent(route.path.exec(pathname)?.[1] ?? '') !== repository || !route.isOpen(searchParams)) return { status: 404, body: '{"message": "Not Found"}' };
  const page = Number(searchParams.get('page') ?? 1);
  const size = Math.min(Number(searchParams.get(route.size) ?? 30), served.pageSize);
  const items = served.pulls.slice((page - 1) * size, page * size);
  const next = page * size < served.pulls.length ? { link: `<${served.url}${pathname}?page=${page + 1}>; rel="next", <${served.url}${pathname}?page=9>; rel="last"` } : {};
  return { status: 200, headers: next, body: JSON.stringify(items.map((item) => route.item(item, repository))) };
}
