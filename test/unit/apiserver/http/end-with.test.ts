import { Writable } from 'node:stream';
import test from 'ava';
import { endWith } from '#apiserver/http/end-with.ts';
import { waitFor } from '#test/support/wait.ts';

const MB = 1024 * 1024;

/** Takes what it is given when it is told to. */
function client() {
  const taken: Buffer[] = [];
  const untaken: (() => void)[] = [];
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      taken.push(chunk);
      untaken.push(done);
    },
  });
  return { output, taken, take: () => untaken.shift()?.() };
}

test('a short body is given at once', (t) => {
  const { output } = client();
  t.true(endWith(output, [Buffer.from('{'), Buffer.from('}')]));
  t.is(output.writableLength, 2);
  t.true(output.writableEnded);
});

test('of a long body no more than the next piece waits for the client', async (t) => {
  const { output, taken, take } = client();
  const body = Buffer.alloc(3 * MB, 'abc');
  t.false(endWith(output, [body.subarray(0, 10), body.subarray(10)]));
  while (!output.writableFinished) {
    t.true(output.writableLength < MB);
    const before = taken.length;
    take();
    await waitFor(() => taken.length > before || output.writableFinished, { intervalMs: 1, what: 'the next piece' });
  }
  t.true(Buffer.concat(taken).equals(body));
});

test('when the client goes away nothing more is given', async (t) => {
  const { output, taken, take } = client();
  endWith(output, [Buffer.alloc(3 * MB)]);
  await waitFor(() => taken.length === 1, { what: 'the first piece' });
  output.destroy();
  take();
  await new Promise((resolve) => setImmediate(resolve));
  t.is(taken.length, 1);
});
