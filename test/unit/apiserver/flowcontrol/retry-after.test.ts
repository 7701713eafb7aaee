import test from 'ava';
import { RetryAfter } from '#apiserver/flowcontrol/retry-after.ts';

const START = 1_800_000_000;
const refuse = (retry: RetryAfter, second: number, times: number): number => {
  for (let i = 0; i < times; i++) retry.refused((START + second) * 1000 + i);
  return retry.seconds;
};

test('who is refused stays away for longer while many are, and for less when few are', (t) => {
  const retry = new RetryAfter();
  t.is(retry.seconds, 1);
  // After how many seconds how many are refused, and what they are told then.
  for (const [second, refused, told] of [
    [0, 5, 1], [1, 11, 2], [2, 1, 2], [3, 11, 4], [4, 1, 4], [7, 1, 8], [11, 1, 8], [15, 1, 7], [17, 1, 6], [21, 14, 5], [22, 1, 10],
  ] as const) t.is(refuse(retry, second, refused), told, `after ${second} s`);
});

test('nobody is sent away for more than 32 seconds', (t) => {
  const retry = new RetryAfter();
  for (let second = 0; second < 100; second++) refuse(retry, second, 100);
  t.is(retry.seconds, 32);
});
