import test from 'ava';
import { HEAL_LIMIT, HEAL_WINDOW_MS, HealGuard } from '#sync/heal/heal-guard.ts';

const clockAt = (time: { now: number }) => ({ now: () => time.now, monotonic: () => time.now, sleep: async () => {}, after: () => () => {} });

test('the same field is healed five times a minute, then waits for the rest of it', (t) => {
  const time = { now: 0 };
  const guard = new HealGuard(clockAt(time));
  for (let i = 0; i < HEAL_LIMIT; i++) {
    time.now = i * 1000;
    t.is(guard.admit('deployments.apps/a/web', ['spec.replicas']).waitMs, 0);
  }
  t.is(guard.admit('deployments.apps/a/web', ['spec.replicas']).waitMs, HEAL_WINDOW_MS - 4000);
  t.is(guard.admit('deployments.apps/a/web', ['spec.paused']).waitMs, 0, 'another field is not held back');
  t.is(guard.admit('deployments.apps/a/other', ['spec.replicas']).waitMs, 0, 'nor is another object');
  time.now = HEAL_WINDOW_MS;
  t.is(guard.admit('deployments.apps/a/web', ['spec.replicas']).waitMs, 0);
});
