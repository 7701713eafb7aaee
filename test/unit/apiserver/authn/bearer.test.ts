import type { IncomingHttpHeaders } from 'node:http';
import test from 'ava';
import { bearerOf, isSpacedToken } from '#apiserver/authn/bearer.ts';

const PREFIX = 'base64url.bearer.authorization.k8s.io.';
const webSocket = (protocols?: string): IncomingHttpHeaders => ({ connection: 'upgrade', upgrade: 'websocket', ...(protocols === undefined ? {} : { 'sec-websocket-protocol': protocols }) });

for (const [authorization, token] of [
  ['Bearer token', 'token'], ['bearer token', 'token'], ['Bearer token a', 'token'], ['Bearer token   a', 'token'], [' Bearer token ', 'token'],
  ['', undefined], ['Bearer', undefined], ['Bearer ', undefined], ['bear token', undefined], ['Bearer: token', undefined], ['Basic 123', undefined], ['Bearer  token', undefined],
] as const) {
  test(`Authorization: ${JSON.stringify(authorization.replaceAll(' ', '_'))}`, (t) => {
    t.is(bearerOf({ authorization }), token);
    t.is(isSpacedToken({ authorization }), authorization === 'Bearer  token');
  });
}

for (const [name, headers, token] of [
  ['beside another', webSocket(`${PREFIX}dG9rZW4,dummy`), 'token'],
  ['beside an empty one', webSocket(`${PREFIX}dG9rZW4,`), 'token'],
  ['alone and empty', webSocket(PREFIX), undefined],
  ['of no WebSocket', { ...webSocket(`${PREFIX}dG9rZW4,dummy`), upgrade: 'SPDY/3.1' }, undefined],
  ['of no request at all', webSocket(), undefined],
  ['beside a header that counts first', { ...webSocket(`${PREFIX}dG9rZW4,dummy`), authorization: 'Bearer first' }, 'first'],
  ['beside a header without a token', { ...webSocket(`${PREFIX}dG9rZW4,dummy`), authorization: 'Basic 123' }, 'token'],
] as const) {
  test(`a subprotocol with a token, ${name}`, (t) => {
    t.is(bearerOf(headers), token);
  });
}

for (const [name, protocols] of [
  ['is alone', `${PREFIX}dG9rZW4`], ['is there twice', `${PREFIX}dG9rZW4,${PREFIX}dG9rZW4,dummy`], ['is padded', `${PREFIX}dG9rZQ==,dummy`], ['is in another alphabet', `${PREFIX}a+b/,dummy`],
  ['has a digit too many', `${PREFIX}dG9rZ,dummy`], ['is no text', `${PREFIX}_w,dummy`],
] as const) {
  test(`a token in a subprotocol lets nobody in when it ${name}`, (t) => {
    t.throws(() => bearerOf(webSocket(protocols)), { message: 'Unauthorized' });
  });
}
