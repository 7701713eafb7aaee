import test from 'ava';
import { takesGzip } from '#apiserver/http/encode.ts';

for (const [header, isTaken] of [
  ['gzip', true],
  ['deflate, , gzip,', true],
  ['deflate', false],
  [', ,  other, nothing, what, ', false],
  ['xgzip', false],
  ['identity, gzip;q=0', false],
  [undefined, false],
] as const) {
  test(`Accept-Encoding: ${header ?? 'absent'} ${isTaken ? 'takes' : 'does not take'} gzip`, (t) => t.is(takesGzip(header), isTaken));
}
