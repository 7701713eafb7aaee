import { createHash } from 'node:crypto';
import test from 'ava';
import type { CommitOutcome } from '#sync/report/commit-outcome.ts';
import { statusApi } from '#sync/report/status-api.ts';
import { readResult } from '#sync/report/status-client.ts';

const REVISION = 'c'.repeat(40);
const OUTCOME: CommitOutcome = { revision: REVISION, context: 'headway/team/shop', state: 'failure', description: 'no' };

for (const [provider, repository, apiURL, url, body] of [
  ['GitHub', 'https://github.com/acme/shop.git', undefined, `https://api.github.com/repos/acme/shop/statuses/${REVISION}`, { context: 'headway/team/shop', state: 'failure', description: 'no' }],
  ['GitHub', 'git@github.com:acme/shop.git', undefined, `https://api.github.com/repos/acme/shop/statuses/${REVISION}`, { context: 'headway/team/shop', state: 'failure', description: 'no' }],
  ['GitHub', 'https://git.example.org/acme/shop', undefined, `https://git.example.org/api/v3/repos/acme/shop/statuses/${REVISION}`, { context: 'headway/team/shop', state: 'failure', description: 'no' }],
  ['GitLab', 'https://gitlab.com/acme/web/shop.git', undefined, `https://gitlab.com/api/v4/projects/acme%2Fweb%2Fshop/statuses/${REVISION}`, { name: 'headway/team/shop', state: 'failed', description: 'no' }],
  ['Gitea', 'ssh://git@git.example.org:2222/acme/shop.git', undefined, `https://git.example.org/api/v1/repos/acme/shop/statuses/${REVISION}`, { context: 'headway/team/shop', state: 'failure', description: 'no' }],
  ['Gitea', 'https://git.example.org:3000/acme/shop', undefined, `https://git.example.org:3000/api/v1/repos/acme/shop/statuses/${REVISION}`, { context: 'headway/team/shop', state: 'failure', description: 'no' }],
  ['Gitea', 'https://user:word@git.example.org/acme/shop', 'http://gitea:3000/api/v1/', `http://gitea:3000/api/v1/repos/acme/shop/statuses/${REVISION}`, { context: 'headway/team/shop', state: 'failure', description: 'no' }],
] as const) {
  test(`${provider} for ${repository}`, (t) => t.deepEqual(statusApi(repository, { provider, apiURL })?.write(OUTCOME) as unknown, { method: 'POST', url, body }));
}

const BUILD = { key: createHash('sha1').update('headway/team/shop').digest('hex'), name: 'headway/team/shop', state: 'FAILED', description: 'no' };
for (const [provider, repository, apiURL, url, page] of [
  ['Bitbucket', 'https://bitbucket.org/acme/shop.git', undefined, `https://api.bitbucket.org/2.0/repositories/acme/shop/commit/${REVISION}/statuses/build`, `https://bitbucket.org/acme/shop/commits/${REVISION}`],
  ['BitbucketServer', 'https://git.example.org/scm/SHOP/web.git', undefined, `https://git.example.org/rest/api/latest/projects/SHOP/repos/web/commits/${REVISION}/builds`, `https://git.example.org/projects/SHOP/repos/web/commits/${REVISION}`],
  ['BitbucketServer', 'https://git.example.org:8443/bitbucket/scm/~ada/web.git', undefined, `https://git.example.org:8443/bitbucket/rest/api/latest/projects/~ada/repos/web/commits/${REVISION}/builds`, `https://git.example.org:8443/bitbucket/projects/~ada/repos/web/commits/${REVISION}`],
  ['BitbucketServer', 'ssh://git@git.example.org:7999/SHOP/web.git', 'https://git.example.org/bitbucket/', `https://git.example.org/bitbucket/rest/api/latest/projects/SHOP/repos/web/commits/${REVISION}/builds`, `https://git.example.org/bitbucket/projects/SHOP/repos/web/commits/${REVISION}`],
] as const) {
  test(`${provider} for ${repository}`, (t) => t.deepEqual(statusApi(repository, { provider, apiURL })?.write(OUTCOME) as unknown, { method: 'POST', url, body: { ...BUILD, url: page } }));
}

test('what Bitbucket holds is read in our words', (t) => {
  const parse = statusApi('https://bitbucket.org/acme/shop', { provider: 'Bitbucket' })?.parse;
  t.deepEqual(parse?.({ values: [{ key: 'x', name: 'headway/team/shop', state: 'SUCCESSFUL', description: 'well' }, { key: 'ci', state: 'STOPPED' }, null] }), [{ context: 'headway/team/shop', state: 'success', description: 'well' }, { context: '', state: 'STOPPED', description: '' }]);
  t.deepEqual(parse?.({ errors: [] }), []);
});

for (const url of ['/srv/git/acme/shop', 'file:///srv/git/acme/shop', 'https://git.example.org/shop']) {
  test(`no project of a provider: ${url}`, (t) => t.is(statusApi(url, { provider: 'GitHub' }), undefined));
}

const NOW = Date.parse('2026-01-01T00:00:00Z');
for (const [name, status, headers, body, expected] of [
  ['created', 201, {}, '{}', { type: 'done' }],
  ['GitLab, as it was', 400, {}, 'Cannot transition status via :enqueue from :pending', { type: 'done' }],
  ['a token that may not', 403, {}, 'Resource not accessible', { type: 'refused', why: 'HTTP 403: Resource not accessible' }],
  ['no such commit', 422, {}, '', { type: 'refused', why: 'HTTP 422' }],
  ['a redirection', 301, {}, '', { type: 'refused', why: 'HTTP 301' }],
  ['a server that fails', 502, {}, '', { type: 'later', why: 'HTTP 502' }],
  ['a limit in seconds', 429, { 'retry-after': '7' }, '', { type: 'later', why: 'HTTP 429', waitMs: 7000 }],
  ['a limit until a date', 429, { 'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT' }, '', { type: 'later', why: 'HTTP 429', waitMs: 9000 }],
  ["GitHub's limit", 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW / 1000 + 60) }, '', { type: 'later', why: 'HTTP 403', waitMs: 60_000 }],
  ["GitHub's second limit", 403, { 'retry-after': '30' }, 'secondary rate limit', { type: 'later', why: 'HTTP 403: secondary rate limit', waitMs: 30_000 }],
] as const) {
  test(`${name}: ${expected.type}`, (t) => t.deepEqual(readResult({ status, headers: new Headers(headers) }, body, NOW) as unknown, expected));
}
