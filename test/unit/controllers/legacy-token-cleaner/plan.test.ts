import test from 'ava';
import type { Secret, ServiceAccount } from '#api/generated/core/v1.ts';
import { fateOf, INVALID_SINCE, LAST_USED, type TokenFate, type TokenState } from '#controllers/legacy-token-cleaner/plan.ts';

const NOW_MS = Date.parse('2026-06-15T12:00:00Z');
const secret = (created: string, labels: Readonly<Record<string, string>> = {}): Secret => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', namespace: 'n', creationTimestamp: created.padEnd(20, 'T00:00:00Z'), labels } }) as Secret;
const account = (...names: readonly string[]): ServiceAccount => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'a', namespace: 'n', uid: 'u' }, secrets: names.map((name) => ({ name })) }) as ServiceAccount;
const unused: TokenState = { secret: secret('2024-01-01'), account: account('s'), trackedSince: '2024-01-01', isNeeded: false, nowMs: NOW_MS };
const invalidate: TokenFate = { type: 'invalidate', day: '2026-06-15' };

for (const [name, change, fate] of [
  ['unused since uses are written down, for more than a year', {}, invalidate],
  ['last used more than a year ago', { secret: secret('2024-01-01', { [LAST_USED]: '2025-06-14' }) }, invalidate],
  ['last used a year ago', { secret: secret('2024-01-01', { [LAST_USED]: '2025-06-15' }) }, { type: 'keep' }],
  ['last used on a day that cannot be read', { secret: secret('2024-01-01', { [LAST_USED]: 'long ago' }) }, { type: 'keep' }],
  ['made within the year', { secret: secret('2025-06-16') }, { type: 'keep' }],
  ['made a year and half a day ago', { secret: secret('2025-06-15T00:00:00Z') }, invalidate],
  ['made a year ago to the hour', { secret: secret('2025-06-15T12:00:00Z') }, { type: 'keep' }],
  ['uses are written down for less than a year', { trackedSince: '2025-06-15' }, { type: 'keep' }],
  ['nobody knows since when uses are written down', { trackedSince: undefined }, { type: 'keep' }],
  ['made by hand', { account: account('other') }, { type: 'keep' }],
  ['of an account that is gone', { account: undefined }, { type: 'keep' }],
  ['of an account that was made anew', { secret: { ...secret('2024-01-01'), metadata: { ...secret('2024-01-01').metadata, annotations: { 'kubernetes.io/service-account.uid': 'old' } } } }, { type: 'keep' }],
  ['in a pod', { isNeeded: true }, { type: 'keep' }],
  ['invalid for less than a year', { secret: secret('2024-01-01', { [INVALID_SINCE]: '2026-06-14' }) }, { type: 'keep' }],
  ['invalid for more than a year', { secret: secret('2024-01-01', { [INVALID_SINCE]: '2025-06-14' }) }, { type: 'delete' }],
  ['invalid since a day that cannot be read', { secret: secret('2024-01-01', { [INVALID_SINCE]: 'x' }) }, invalidate],
  ['invalid since a day that is in no calendar', { secret: secret('2024-01-01', { [INVALID_SINCE]: '2025-02-30' }) }, invalidate],
  ['invalid for long, and used after all', { secret: secret('2024-01-01', { [INVALID_SINCE]: '2025-06-14', [LAST_USED]: '2026-06-14' }) }, { type: 'keep' }],
] as readonly (readonly [string, Partial<TokenState>, TokenFate])[]) {
  test(`a token that is ${name}: ${fate.type}`, (t) => {
    t.deepEqual(fateOf({ ...unused, ...change }), fate);
  });
}
