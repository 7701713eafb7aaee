import test from 'ava';
import { msToLive } from '#controllers/token-cleaner/reconciler.ts';

const secret = (expiration: string | undefined, type = 'bootstrap.kubernetes.io/token') =>
  ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, type, data: expiration === undefined ? {} : { expiration: Buffer.from(expiration).toString('base64') } });
const NOW_MS = Date.parse('2026-01-01T00:00:00Z');

test('a token lives until its expiration, for ever without one, and only bootstrap tokens count', (t) => {
  t.is(msToLive(secret('2026-01-01T00:01:00Z'), NOW_MS), 60_000);
  t.is(msToLive(secret('2025-12-31T23:59:59Z'), NOW_MS), -1_000);
  t.is(msToLive(secret(undefined), NOW_MS), undefined);
  for (const unreadable of ['soon', '2030', '2030-01-01']) t.is(msToLive(secret(unreadable), NOW_MS), -Infinity, unreadable);
  t.is(msToLive(secret('2025-01-01T00:00:00Z', 'Opaque'), NOW_MS), undefined);
});
