import test from 'ava';
import type { SyncWindow } from '#api/headway/v1/types.ts';
import { closedMessage, decideWindows } from '#sync/policy/windows.ts';

const window = (kind: SyncWindow['kind'], schedule: string, duration: string, more: Partial<SyncWindow> = {}): SyncWindow => ({ kind, schedule, duration, ...more });
const NIGHT = window('Allow', '0 22 * * *', '8h');
const NOON = window('Deny', '0 12 * * *', '1h');

for (const { name, windows, at, manual = false, opens } of [
  { name: 'without windows any time is open', windows: [], at: '2026-03-02T10:00:00Z', opens: 'now' },
  { name: 'within an allow window', windows: [NIGHT], at: '2026-03-02T23:00:00Z', opens: 'now' },
  { name: 'at the moment in which an allow window opens', windows: [NIGHT], at: '2026-03-02T22:00:00Z', opens: 'now' },
  { name: 'at the moment in which an allow window closes', windows: [NIGHT], at: '2026-03-02T06:00:00Z', opens: '2026-03-02T22:00:00Z' },
  { name: 'outside of an allow window', windows: [NIGHT], at: '2026-03-02T10:00:00Z', opens: '2026-03-02T22:00:00Z' },
  { name: 'the first of several allow windows opens', windows: [NIGHT, window('Allow', '30 15 * * *', '1h')], at: '2026-03-02T10:00:00Z', opens: '2026-03-02T15:30:00Z' },
  { name: 'within a deny window', windows: [NOON], at: '2026-03-02T12:10:00Z', opens: '2026-03-02T13:00:00Z' },
  { name: 'outside of a deny window', windows: [NOON], at: '2026-03-02T14:00:00Z', opens: 'now' },
  { name: 'deny wins over allow', windows: [window('Allow', '0 11 * * *', '4h'), NOON], at: '2026-03-02T12:10:00Z', opens: '2026-03-02T13:00:00Z' },
  { name: 'deny windows one after the other are followed to the end', windows: [NOON, window('Deny', '0 13 * * *', '30m')], at: '2026-03-02T12:10:00Z', opens: '2026-03-02T13:30:00Z' },
  { name: 'an allow window that is wholly denied is passed over', windows: [window('Allow', '0 12 * * *', '30m'), NOON, window('Allow', '0 20 * * *', '1h')], at: '2026-03-02T11:00:00Z', opens: '2026-03-02T20:00:00Z' },
  { name: 'runs that overlap are one window', windows: [window('Deny', '*/10 * * * *', '15m')], at: '2026-03-02T12:10:00Z', opens: 'never' },
  { name: 'a schedule that never comes', windows: [window('Allow', '0 0 30 2 *', '1h')], at: '2026-03-02T12:10:00Z', opens: 'never' },
  { name: 'time zones count', windows: [window('Allow', '0 9 * * *', '1h', { timeZone: 'America/New_York' })], at: '2026-03-02T10:00:00Z', opens: '2026-03-02T14:00:00Z' },
  { name: 'and their summer time', windows: [window('Allow', '0 9 * * *', '1h', { timeZone: 'America/New_York' })], at: '2026-07-02T10:00:00Z', opens: '2026-07-02T13:00:00Z' },
  { name: 'days of the week count', windows: [window('Deny', '0 0 * * 5', '72h')], at: '2026-03-07T12:00:00Z', opens: '2026-03-09T00:00:00Z' },
  { name: 'a manual sync is denied too', windows: [NOON], at: '2026-03-02T12:10:00Z', manual: true, opens: '2026-03-02T13:00:00Z' },
  { name: 'a manual sync goes through a deny window that says so', windows: [{ ...NOON, manual: true }], at: '2026-03-02T12:10:00Z', manual: true, opens: 'now' },
  { name: 'but every deny window has to say so', windows: [{ ...NOON, manual: true }, window('Deny', '5 12 * * *', '10m')], at: '2026-03-02T12:10:00Z', manual: true, opens: '2026-03-02T12:15:00Z' },
  { name: 'a manual sync goes through a closed allow window that says so', windows: [NIGHT, window('Allow', '0 1 * * *', '1h', { manual: true })], at: '2026-03-02T12:10:00Z', manual: true, opens: 'now' },
  { name: 'an automatic sync does not', windows: [{ ...NIGHT, manual: true }], at: '2026-03-02T12:10:00Z', opens: '2026-03-02T22:00:00Z' },
] as const) {
  test(`${name}: ${opens}`, (t) => {
    const decision = decideWindows(windows, Date.parse(at), manual);
    if (opens === 'now') return t.true(decision.isOpen);
    t.false(decision.isOpen);
    t.is(decision.isOpen ? undefined : decision.opensAt, opens === 'never' ? undefined : Date.parse(opens));
  });
}

test('a closed window is said with its schedule, and when the sync starts', (t) => {
  const said = (windows: readonly SyncWindow[]) => {
    const decision = decideWindows(windows, Date.parse('2026-03-02T12:10:00Z'), false);
    return decision.isOpen ? '' : closedMessage(decision);
  };
  t.is(said([NOON]), 'closed by Deny window "0 12 * * *" (UTC) of 1h; the sync starts at 2026-03-02T13:00:00Z');
  t.is(said([NIGHT]), 'outside of Allow window "0 22 * * *" (UTC) of 8h; the sync starts at 2026-03-02T22:00:00Z');
  t.is(said([window('Deny', '* * * * *', '2m')]), 'closed by Deny window "* * * * *" (UTC) of 2m; no later time is open');
});
