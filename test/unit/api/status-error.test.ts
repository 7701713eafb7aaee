import test from 'ava';
import { badRequest, invalid, plainError, StatusError } from '#api/status-error.ts';

for (const [name, error, isRetryable] of [
  ['a fault of the request', badRequest('a'), false],
  ['too many requests', new StatusError('TooManyRequests', 'a'), true],
  ['a fault of the server', new StatusError('InternalError', 'a'), true],
  ['a refusal that Go calls a fault of the server', plainError('a'), false],
] as const) {
  test(`${name} is ${isRetryable ? '' : 'not '}worth another try, also as it comes over the wire`, (t) => {
    t.is(error.isRetryable, isRetryable);
    const received = StatusError.fromStatus(JSON.parse(JSON.stringify(error.data.status)) as typeof error.data.status);
    t.deepEqual([received.isRetryable, received.reason, received.httpCode, received.message], [isRetryable, error.reason, error.httpCode, 'a']);
  });
}

test('a fault that is found twice is two causes, and told once', (t) => {
  const cause = { reason: 'FieldValueForbidden', field: 'spec.type', message: 'Forbidden: no' };
  const { message, details } = invalid({ group: '', plural: 'services', kind: 'Service' }, 'a', [cause, cause]).data.status;
  t.is(message, 'Service "a" is invalid: spec.type: Forbidden: no');
  t.deepEqual(details?.causes, [cause, cause]);
});
