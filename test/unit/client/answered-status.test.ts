import test from 'ava';
import { answeredStatus } from '#client/answered-status.ts';

test('an answer in plain text is a Status of its own', (t) => {
  t.like(answeredStatus(429, 'Too many requests, please try again later.\n'), { reason: 'TooManyRequests', code: 429, details: { retryAfterSeconds: 1 } });
  t.like(answeredStatus(404, '404 page not found\n'), { reason: 'NotFound', code: 404 });
  t.like(answeredStatus(500, 'Internal Server Error: x'), { reason: 'InternalError', code: 500 });
});
