import test from 'ava';
import { ownBytes, ownText } from '#base/own-memory.ts';

const TEXTS = ['', 'plain', 'größer', '世界 in größer 🌍', 'x'.repeat(100_000)];

test('text and bytes are the same as before', (t) => {
  for (const text of TEXTS) {
    t.is(ownText(text), text);
    t.deepEqual(ownBytes(text), Buffer.from(text));
  }
});

test('bytes share no memory', (t) => {
  const bytes = ownBytes('small');
  t.is(bytes.buffer.byteLength, bytes.length);
});
