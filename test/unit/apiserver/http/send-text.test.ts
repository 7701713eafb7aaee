import test from 'ava';
import { seatRefused, StatusError, unserved } from '#api/status-error.ts';
import { textRefusal } from '#apiserver/http/send-text.ts';

test('who is refused a seat is told so in a line of text', (t) => {
  t.deepEqual(textRefusal(seatRefused(2)), { contentType: 'text/plain; charset=utf-8', headers: { 'x-content-type-options': 'nosniff' }, status: 429, body: 'Too many requests, please try again later.\n' });
});

test('all else is told as a Status', (t) => {
  for (const error of [new StatusError('TooManyRequests', 'Cannot evict pod'), new StatusError('InternalError', 'a fault'), unserved(), new Error('x')]) t.is(textRefusal(error), undefined);
});
