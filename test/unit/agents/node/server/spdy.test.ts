import { inflateSync, constants } from 'node:zlib';
import test from 'ava';
import { SpdyDecoder, SpdyEncoder } from '#agents/node/server/spdy.ts';

test('header blocks of a connection are one zlib stream', (t) => {
  const encoder = new SpdyEncoder();
  const blocks = [encoder.synStream(1, { streamtype: 'error' }), encoder.synStream(3, { StreamType: 'stdin' })].map((frame) => frame.subarray(18));
  const plain = inflateSync(Buffer.concat(blocks), { finishFlush: constants.Z_SYNC_FLUSH }).toString('latin1');
  const length = String.fromCharCode(0, 0, 0, 5);
  t.true(plain.includes(`streamtype${length}error`) && plain.includes(`streamtype${length}stdin`));
});

test('data is cut into frames, the last of them closes, and any cut of the bytes reads back the same', (t) => {
  const encoder = new SpdyEncoder();
  const sent = Buffer.alloc(100_000, 'abc');
  const bytes = Buffer.concat([encoder.data(5, sent, true), encoder.ping(2)]);
  for (const size of [1000, 4096, bytes.length]) {
    const decoder = new SpdyDecoder();
    const frames = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => decoder.push(bytes.subarray(i * size, (i + 1) * size))).flat();
    const data = frames.filter((f) => f.type === 'data');
    t.true(Buffer.concat(data.map((f) => f.data)).equals(sent));
    t.deepEqual(data.map((f) => f.isLast), [...data.slice(1).map(() => false), true]);
    t.deepEqual(frames.at(-1), { type: 'ping', id: 2 });
  }
});
