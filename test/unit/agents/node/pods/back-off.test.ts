import test from 'ava';
import { BackOff } from '#agents/node/pods/back-off.ts';
import { systemClock } from '#base/clock.ts';

test('the first failure costs nothing, later ones 10 s, doubled up to 5 minutes, and a long good time is forgiven', (t) => {
  let now = 0;
  const backOff = new BackOff({ ...systemClock, now: () => now });
  const delays: number[] = [];
  for (let i = 0; i < 8; i++) {
    const readyAt = backOff.readyAt('c', now);
    delays.push((readyAt - now) / 1000);
    now = readyAt;
    backOff.next('c');
  }
  t.deepEqual(delays, [0, 10, 20, 40, 80, 160, 300, 300]);
  now += 601_000;
  t.is(backOff.readyAt('c', now), now);
});
