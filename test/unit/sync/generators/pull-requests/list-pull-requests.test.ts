import test, { type ExecutionContext } from 'ava';
import type { GitProvider, PullRequestGenerator } from '#api/headway/v1/types.ts';
import { GeneratorError } from '#sync/generators/errors.ts';
import { listPullRequests } from '#sync/generators/pull-requests/list-pull-requests.ts';
import { type PullRequestServer, startPullRequestServer } from '#test/support/pull-request-server.ts';

const REPOSITORY: Readonly<Record<GitProvider, string>> = { GitHub: 'shop/web', Gitea: 'shop/web', GitLab: 'shop/front/web' };
const NOW = Date.parse('2026-03-01T00:00:00Z');
const signal = new AbortController().signal;

async function served(t: ExecutionContext, provider: GitProvider) {
  const server = await startPullRequestServer(t, provider, REPOSITORY[provider]);
  const ask = (more: Partial<PullRequestGenerator> = {}, token?: string) =>
    listPullRequests({ generator: { provider, repository: REPOSITORY[provider], apiURL: `${server.url}/`, ...more }, token, clock: { now: () => NOW }, signal });
  return { server, ask };
}

for (const provider of ['GitHub', 'GitLab', 'Gitea'] as const) {
  test(`${provider}: open pull requests come in the order of their numbers`, async (t) => {
    const { server, ask } = await served(t, provider);
    server.pulls = [{ number: 2, branch: 'b', sha: 's2', labels: ['preview'] }, { number: 1, branch: 'a', sha: 's1' }];
    const [first, second] = await ask();
    t.deepEqual(first, { number: 1, branch: 'a', headSha: 's1', author: 'ada', title: first?.title ?? '', labels: [], isFork: false });
    t.like(second, { number: 2, labels: ['preview'] });
  });

  test(`${provider}: all pages are read, however few the server puts on one`, async (t) => {
    const { server, ask } = await served(t, provider);
    server.pageSize = 2;
    server.pulls = [1, 2, 3, 4, 5].map((number) => ({ number, branch: `b${number}`, sha: `s${number}` }));
    t.deepEqual((await ask()).map(({ number }) => number), [1, 2, 3, 4, 5]);
    t.is(server.requests.length, 3);
  });

  test(`${provider}: labels select, and forks count only with them`, async (t) => {
    const { server, ask } = await served(t, provider);
    server.pulls = [{ number: 1, branch: 'a', sha: 's', labels: ['preview', 'ready'] }, { number: 2, branch: 'b', sha: 's', isFork: true }, { number: 3, branch: 'c', sha: 's', labels: ['preview'], isFork: true }];
    t.deepEqual((await ask()).map(({ number }) => number), [1]);
    t.deepEqual((await ask({ labels: ['preview'] })).map(({ number }) => number), [1, 3]);
    t.deepEqual((await ask({ labels: ['preview', 'ready'] })).map(({ number }) => number), [1]);
  });

  test(`${provider}: the token is sent, and a refusal is told without it`, async (t) => {
    const { server, ask } = await served(t, provider);
    server.token = 'sesame';
    t.deepEqual(await ask({}, 'sesame'), []);
    const error = await t.throwsAsync(ask({}, 'secret-guess'), { instanceOf: GeneratorError, message: `${server.url} answered 401: Bad credentials` });
    t.is(error?.data.reason, 'ProviderRefused');
  });
}

const refusedWith = async (t: ExecutionContext, failure: NonNullable<PullRequestServer['failure']>): Promise<GeneratorError | undefined> => {
  const { server, ask } = await served(t, 'GitHub');
  server.failure = failure;
  return t.throwsAsync(ask(), { instanceOf: GeneratorError });
};

for (const { name, failure, reason, retryAfterMs } of [
  { name: 'a server error', failure: { status: 502, body: '<html>' }, reason: 'ProviderFailed', retryAfterMs: undefined },
  { name: 'a repository that is not there', failure: { status: 404, body: '{"message":"Not Found"}' }, reason: 'ProviderRefused', retryAfterMs: undefined },
  { name: 'a rate limit that is used up', failure: { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 90) } }, reason: 'ProviderFailed', retryAfterMs: 90_000 },
  { name: 'too many requests', failure: { status: 429, headers: { 'retry-after': '30' } }, reason: 'ProviderFailed', retryAfterMs: 30_000 },
  { name: 'an answer that is no JSON', failure: { status: 200, body: '<html>' }, reason: 'ProviderFailed', retryAfterMs: undefined },
  { name: 'an answer that is no list', failure: { status: 200, body: '{}' }, reason: 'ProviderFailed', retryAfterMs: undefined },
  { name: 'items that are no pull requests', failure: { status: 200, body: '[{}]' }, reason: 'ProviderFailed', retryAfterMs: undefined },
]) {
  test(`${name} is an error`, async (t) => {
    const error = await refusedWith(t, failure);
    t.is(error?.data.reason as string, reason);
    t.is(error?.data.retryAfterMs, retryAfterMs);
  });
}

test('a server that is away is an error that says so', async (t) => {
  const generator = { provider: 'GitHub', repository: 'shop/web', apiURL: 'http://127.0.0.1:1' } as const;
  const error = await t.throwsAsync(listPullRequests({ generator, clock: { now: () => NOW }, signal }), { instanceOf: GeneratorError });
  t.regex(error?.message ?? '', /^http:\/\/127\.0\.0\.1:1 cannot be asked for pull requests: \S/);
});
