import { mock } from 'node:test';
import test from 'ava';
import { systemClock } from '#base/clock.ts';

const DAY_MS = 86_400_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

test.serial('what is due in a month is not due now', async (t) => {
  const events: string[] = [];
  const cancel = systemClock.after(30 * DAY_MS, () => events.push('due'));
  const end = new AbortController();
  const sleep = systemClock.sleep(Infinity, end.signal).then(() => events.push('awake'), () => events.push('aborted'));
  await systemClock.sleep(20);
  t.deepEqual(events, []);
  cancel();
  end.abort();
  await sleep;
  t.deepEqual(events, ['aborted']);
});

test.serial('a long timer ends when it should, unless it is cancelled on its way', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const due: string[] = [];
  const cancels = ['first', 'second'].map((name) => systemClock.after(2 * LONGEST_TIMER_MS + 5, () => due.push(name)));
  for (const ms of [LONGEST_TIMER_MS, LONGEST_TIMER_MS, 4]) mock.timers.tick(ms);
  t.deepEqual(due, []);
  cancels[1]?.();
  mock.timers.tick(1);
  t.deepEqual(due, ['first']);
});
