import { createHmac } from 'node:crypto';
import test from 'ava';
import { isConcerned } from '#sync/source/webhook/concerned.ts';
import { isAuthentic, readDelivery } from '#sync/source/webhook/delivery.ts';

const hmac = (body: string, token: string, hash = 'sha256'): string => createHmac(hash, token).update(body).digest('hex');
const BODY = JSON.stringify({ ref: 'refs/heads/main' });

for (const [name, headers, authentic] of [
  ['GitHub', { 'x-hub-signature-256': `sha256=${hmac(BODY, 'token')}` }, true],
  ['Gitea', { 'x-gitea-signature': hmac(BODY, 'token') }, true],
  ['Bitbucket', { 'x-hub-signature': `sha256=${hmac(BODY, 'token')}` }, true],
  ['GitLab', { 'x-gitlab-token': 'token' }, true],
  ['GitHub with both of its signatures', { 'x-hub-signature': `sha1=${hmac(BODY, 'token', 'sha1')}`, 'x-hub-signature-256': `sha256=${hmac(BODY, 'token')}` }, true],
  ['another token', { 'x-hub-signature-256': `sha256=${hmac(BODY, 'other')}` }, false],
  ['another body', { 'x-hub-signature-256': `sha256=${hmac(`${BODY} `, 'token')}` }, false],
  ['SHA-1 alone', { 'x-hub-signature': `sha1=${hmac(BODY, 'token', 'sha1')}` }, false],
  ['a wrong signature beside the right token', { 'x-hub-signature-256': 'sha256=00', 'x-gitlab-token': 'token' }, false],
  ['nothing', {}, false],
] as const) {
  test(`${authentic ? 'authentic' : 'forged'}: ${name}`, (t) => t.is(isAuthentic({ headers, body: Buffer.from(BODY) }, 'token'), authentic));
}

test('without a token nothing is authentic', (t) => t.false(isAuthentic({ headers: { 'x-gitlab-token': '' }, body: Buffer.from(BODY) }, '')));

for (const [name, headers, body, expected] of [
  ['GitHub', { 'x-github-event': 'push' }, BODY, { type: 'push', refs: ['refs/heads/main'] }],
  ['GitHub as a form', { 'x-github-event': 'push', 'content-type': 'application/x-www-form-urlencoded' }, new URLSearchParams({ payload: BODY }).toString(), { type: 'push', refs: ['refs/heads/main'] }],
  ['GitHub ping', { 'x-github-event': 'ping' }, '{"zen":"x"}', { type: 'ping' }],
  ['GitHub, another event', { 'x-github-event': 'issues' }, '{}', { type: 'other' }],
  ['Gitea', { 'x-gitea-event': 'push', 'x-github-event': 'push' }, BODY, { type: 'push', refs: ['refs/heads/main'] }],
  ['GitLab', { 'x-gitlab-event': 'Tag Push Hook' }, '{"object_kind":"tag_push","ref":"refs/tags/v1"}', { type: 'push', refs: ['refs/tags/v1'] }],
  ['GitLab system hook', { 'x-gitlab-event': 'System Hook' }, '{"event_name":"push","ref":"refs/heads/main"}', { type: 'push', refs: ['refs/heads/main'] }],
  ['Bitbucket Cloud', { 'x-event-key': 'repo:push' }, '{"push":{"changes":[{"new":{"type":"branch","name":"main"},"old":{"type":"branch","name":"main"}},{"new":null,"old":{"type":"tag","name":"v1"}}]}}', { type: 'push', refs: ['refs/heads/main', 'refs/tags/v1'] }],
  ['Bitbucket Data Center', { 'x-event-key': 'repo:refs_changed' }, '{"changes":[{"ref":{"id":"refs/heads/main"}}]}', { type: 'push', refs: ['refs/heads/main'] }],
  ['Bitbucket Data Center test', { 'x-event-key': 'diagnostics:ping' }, '{"test":true}', { type: 'ping' }],
  ['no JSON', { 'x-github-event': 'push' }, '{', { type: 'invalid' }],
  ['no object', { 'x-github-event': 'push' }, '[1]', { type: 'invalid' }],
  ['a push that makes no sense', { 'x-event-key': 'repo:push' }, '{"push":{"changes":[null,{"new":7}]}}', { type: 'push', refs: [] }],
] as const) {
  test(`${name} tells ${expected.type}`, (t) => t.deepEqual(readDelivery({ headers, body: Buffer.from(body) }) as unknown, expected));
}

for (const [ref, pushed, expected] of [
  ['main', ['refs/heads/main'], true], ['main', ['refs/heads/side'], false], ['main', ['refs/tags/main'], true], ['refs/heads/main', ['refs/heads/main'], true],
  ['^1', ['refs/tags/v1.0.0'], true], ['^1', ['refs/heads/main'], false], ['a'.repeat(40), ['refs/heads/side'], true], ['main', [], false],
] as const) {
  test(`a push of ${pushed.join()} ${expected ? 'concerns' : 'is nothing for'} ${ref.slice(0, 20)}`, (t) => t.is(isConcerned(ref, pushed), expected));
}
