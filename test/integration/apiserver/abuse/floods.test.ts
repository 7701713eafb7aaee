import { connect, constants } from 'node:http2';
import test from 'ava';
import { type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { END_HEADERS, END_STREAM, frame, headerBlock, HTTP2_START, rawConnection } from '#test/support/raw-connection.ts';
import { https } from '#test/support/https.ts';
import { waitFor } from '#test/support/wait.ts';

let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane({ listen: { stallIntervalMs: 1_000 } });
});
test.after.always(() => plane?.stop());

const GET = headerBlock({ ':method': 'GET', ':scheme': 'https', ':path': '/', ':authority': 'x' });
const FRAMES_AT_ONCE = 500;
/** Their answers are more than a connection takes that nobody reads from: the kernel may give it 36 MiB. */
const MAX_FRAMES = 5_000_000;
const MAX_GROWTH_BYTES = 256 * 1024 * 1024;
const isAlive = async (): Promise<string> => (await https({ url: `${plane.url}/livez`, ca: plane.pki.ca, ...plane.pki.admin })).text;

interface Flood {
  readonly why: string;
  /** Sent first. */
  readonly start?: Buffer;
  frames(n: number): readonly Buffer[];
}

const FLOODS: readonly Flood[] = [
  { why: 'streams that are reset at once', frames: (n) => [frame('HEADERS', END_STREAM | END_HEADERS, 2 * n + 1, GET), frame('RST_STREAM', 0, 2 * n + 1, Buffer.from([0, 0, 0, 8]))] },
  { why: 'headers without an end', start: frame('HEADERS', END_STREAM, 1, GET), frames: () => [frame('CONTINUATION', 0, 1, headerBlock({ a: 'b' }))] },
  { why: 'empty continuations', start: frame('HEADERS', END_STREAM, 1, GET), frames: () => [frame('CONTINUATION', 0, 1)] },
  { why: 'pings whose answers are not read', frames: () => [frame('PING', 0, 0, Buffer.alloc(8))] },
  { why: 'settings whose answers are not read', frames: () => [frame('SETTINGS', 0, 0, Buffer.from([0, 3, 0, 0, 0, 100]))] },
  { why: 'requests that the server cannot take', frames: (n) => [frame('HEADERS', END_STREAM | END_HEADERS, 2 * n + 1, headerBlock({ ':method': 'GET' }))] },
];

/** The frames from the n-th on, {@link FRAMES_AT_ONCE} of them. Those without a number are made once: what is thrown away counts as growth until it is collected. */
function batches({ frames }: Flood): (n: number) => Buffer {
  const from = (n: number): Buffer => Buffer.concat(Array.from({ length: FRAMES_AT_ONCE }, (_, i) => frames(n + i)).flat());
  const first = from(0);
  return from(1).equals(first) ? () => first : from;
}

for (const flood of FLOODS) {
  const { why, start } = flood;
  test.serial(`a client ends its own connection only: ${why}`, async (t) => {
    t.timeout(300_000);
    const before = process.memoryUsage().rss;
    const socket = rawConnection(plane, 'h2');
    // A client that reads nothing, and writes as long as it may.
    socket.pause();
    socket.write(Buffer.concat([HTTP2_START, ...(start ? [start] : [])]));
    const batchFrom = batches(flood);
    let sent = 0;
    for (; sent < MAX_FRAMES && !socket.destroyed && socket.writable; sent += FRAMES_AT_ONCE) {
      await new Promise<void>((resolve) => void socket.write(batchFrom(sent), () => resolve()));
    }
    t.is(await isAlive(), 'ok');
    socket.resume();
    await waitFor(() => socket.destroyed || socket.readableEnded, { what: 'the connection to be ended' });
    socket.destroy();
    const growth = process.memoryUsage().rss - before;
    t.true(growth < MAX_GROWTH_BYTES, `${growth} bytes more are held after ${sent} frames`);
    t.log(`${sent} frames, ${Math.round(growth / 1024)} KiB`);
  });
}

test.serial('headers of more than 64 KiB are refused, and the connection goes on', async (t) => {
  const session = connect(plane.url, { ca: plane.pki.ca, ...plane.pki.admin });
  session.on('error', () => undefined);
  t.teardown(() => session.destroy());
  const code = await new Promise<number>((resolve) => {
    const stream = session.request({ ':path': '/livez', ...Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`x-${i}`, 'v'.repeat(2_000)])) });
    let status = 0;
    stream.on('response', (head) => void (status = Number(head[':status']))).on('error', () => undefined).on('close', () => resolve(status === 0 ? -stream.rstCode : status)).resume();
  });
  t.true(code === 431 || code < 0, `answered ${code}`);
  t.not(code, -constants.NGHTTP2_NO_ERROR);
  t.is(await isAlive(), 'ok');
});

test.serial('a frame where none may be ends the connection', async (t) => {
  const socket = rawConnection(plane, 'h2');
  socket.resume();
  socket.write(Buffer.concat([HTTP2_START, frame('DATA', 0, 0, Buffer.from('x'))]));
  await waitFor(() => socket.destroyed || socket.readableEnded, { what: 'the connection to be ended' });
  t.is(await isAlive(), 'ok');
});
