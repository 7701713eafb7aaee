import { readFileSync } from 'node:fs';
import { connect, type TLSSocket } from 'node:tls';
import test from 'ava';
import { type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { https } from '#test/support/https.ts';
import { HTTP2_START } from '#test/support/raw-connection.ts';
import { waitFor } from '#test/support/wait.ts';

/** HEADWAY_CONNECTIONS=8000 for more; both ends live in this process, so each takes two descriptors of `ulimit -n`. */
const WANTED = Number(process.env['HEADWAY_CONNECTIONS'] ?? 2_000);
const descriptors = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1_024);
const COUNT = Math.min(WANTED, Math.floor((descriptors - 500) / 2));
const AT_ONCE = 100;
/** Of both ends together. */
const MAX_BYTES_EACH = 200 * 1024;
/** Of the processor, of both ends. */
const MOST_MS = 2_000;

test('thousands of idle connections take little memory, and others are served meanwhile', async (t) => {
  t.timeout(300_000);
  const plane = await startControlPlane({ listen: { http1Limits: { keepAliveTimeout: 3_600_000 } } });
  const sockets: TLSSocket[] = [];
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy();
    await plane.stop();
  });
  const before = process.memoryUsage().rss;
  let session: Buffer | undefined;
  while (sockets.length < COUNT) {
    const opened = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => open(plane, i % 2 === 0, session)));
    sockets.push(...opened);
    session ??= opened[0]?.getSession();
    const since = process.cpuUsage();
    t.is((await https({ url: `${plane.url}/livez`, ca: plane.pki.ca, ...plane.pki.admin })).text, 'ok');
    const { user, system } = process.cpuUsage(since);
    t.true((user + system) / 1000 < MOST_MS, `answered with ${(user + system) / 1000} ms of work and ${sockets.length} connections`);
  }
  const each = (process.memoryUsage().rss - before) / sockets.length;
  t.log(`${sockets.length} connections, ${Math.round(each / 1024)} KiB each for both ends`);
  t.true(each < MAX_BYTES_EACH, `${each} bytes a connection`);
  t.is(sockets.filter((socket) => socket.destroyed).length, 0, 'none was cut off');
  for (const socket of sockets) socket.destroy();
  t.true(await waitFor(async () => (await https({ url: `${plane.url}/livez`, ca: plane.pki.ca })).text === 'ok', { what: 'the server to go on' }));
});

/** Every other one speaks HTTP/2. */
function open({ port, pki }: ControlPlane, isHttp2: boolean, session: Buffer | undefined): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, ca: pki.ca, ALPNProtocols: [isHttp2 ? 'h2' : 'http/1.1'], ...(session ? { session } : {}) }, () => {
      socket.on('error', () => undefined).once('data', () => resolve(socket));
      // Who never asks for anything over HTTP/1.1 is cut off after some seconds.
      socket.write(isHttp2 ? HTTP2_START : 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
    });
    socket.once('error', reject);
  });
}
