import test from 'ava';
import type { Application, SyncWindow } from '#api/headway/v1/types.ts';
import type { GateQuestion } from '#sync/application/gate.ts';
import { windowGate } from '#sync/policy/window-gate.ts';

const NOW = Date.parse('2026-03-02T12:10:00Z');
const ask = (windows: readonly SyncWindow[] | undefined, isManual = false) => {
  const application: Application = { apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { name: 'web' }, spec: { repository: 'web', syncPolicy: { windows } } };
  return windowGate({ now: () => NOW })({ application, isManual, tracked: {} as GateQuestion['tracked'] }, new AbortController().signal);
};
const deny = (schedule: string, duration: string, manual = false): SyncWindow => ({ kind: 'Deny', schedule, duration, manual });

test('without windows a sync goes on', (t) => t.deepEqual(ask(undefined), { type: 'go' }));

test('a closed window is waited for until it opens', (t) => {
  t.deepEqual(ask([deny('0 12 * * *', '30m')]), { type: 'wait', waitMs: 20 * 60_000, reason: 'SyncWindowClosed', message: 'closed by Deny window "0 12 * * *" (UTC) of 30m; the sync starts at 2026-03-02T12:30:00Z' });
});

test('windows that leave no gap are waited for until something changes', (t) => t.like(ask([deny('0 0 * * *', '48h')]), { type: 'blocked', reason: 'SyncWindowClosed' }));

test('a long wait is looked at again each hour, as the clock may be set', (t) => t.like(ask([{ kind: 'Allow', schedule: '0 22 * * *', duration: '1h' }]), { type: 'wait', waitMs: 3_600_000 }));

test('a window that says so lets a manual sync through', (t) => t.deepEqual(ask([deny('0 12 * * *', '30m', true)], true), { type: 'go' }));
