import test from 'ava';
import { retryDelay } from '#sync/policy/retry-delay.ts';

test('tries follow each other at twice the time, up to the longest, without end by default', (t) => {
  t.deepEqual([1, 2, 3, 6, 7, 1000].map((failures) => retryDelay({}, failures)), [5000, 10_000, 20_000, 160_000, 180_000, 180_000]);
  t.deepEqual([1, 2, 3].map((failures) => retryDelay({ interval: '1s', maxInterval: '3s' }, failures)), [1000, 2000, 3000]);
});

test('a limit counts the tries after the first', (t) => {
  t.deepEqual([1, 2, 3].map((failures) => retryDelay({ limit: 2, interval: '1s' }, failures)), [1000, 2000, undefined]);
  t.is(retryDelay({ limit: 0 }, 1), undefined);
});
