import test from 'ava';
import type { PullRequestGenerator } from '#api/headway/v1/types.ts';
import { GeneratorError } from '#sync/generators/errors.ts';
import { PullRequestPoll } from '#sync/generators/pull-requests/poll.ts';

const GENERATOR: PullRequestGenerator = { provider: 'GitHub', repository: 'shop/web', pollInterval: '10s' };

function pollAt(time: { now: number }, answer: () => Promise<readonly []> = async () => []) {
  let asked = 0;
  const poll = new PullRequestPoll({ clock: { monotonic: () => time.now }, ask: () => { asked += 1; return answer(); } });
  return { poll, asked: () => asked };
}

test('a provider is asked once each interval, and separately for each namespace', async (t) => {
  const time = { now: 0 };
  const { poll, asked } = pollAt(time);
  await Promise.all([poll.get('a', GENERATOR), poll.get('a', GENERATOR), poll.get('b', GENERATOR)]);
  t.is(asked(), 2);
  time.now = 9_000;
  await poll.get('a', GENERATOR);
  t.is(asked(), 2);
  t.is(poll.dueAfter('a', GENERATOR), 1_000);
  time.now = 10_000;
  await poll.get('a', GENERATOR);
  t.is(asked(), 3);
});

test('a failure stands until its limit is over', async (t) => {
  const time = { now: 0 };
  const { poll, asked } = pollAt(time, () => Promise.reject(new GeneratorError('ProviderFailed', 'limited', { retryAfterMs: 60_000 })));
  await t.throwsAsync(poll.get('a', GENERATOR));
  t.is(poll.dueAfter('a', GENERATOR), 60_000);
  time.now = 30_000;
  await t.throwsAsync(poll.get('a', GENERATOR));
  t.is(asked(), 1);
});

test('what failed for another reason is asked again at once', async (t) => {
  const { poll, asked } = pollAt({ now: 0 }, () => Promise.reject(new Error('the API server is away')));
  await t.throwsAsync(poll.get('a', GENERATOR));
  await t.throwsAsync(poll.get('a', GENERATOR));
  t.is(asked(), 2);
});
