import { readFileSync } from 'node:fs';
import test from 'ava';
import { startControlPlane } from '#test/support/control-plane.ts';
import { https } from '#test/support/https.ts';
import { IdleClients } from '#test/support/idle-clients.ts';
import { waitFor } from '#test/support/wait.ts';

/** HEADWAY_CONNECTIONS=10000 for more; each takes a descriptor of `ulimit -n`. */
const WANTED = Number(process.env['HEADWAY_CONNECTIONS'] ?? 2_000);
const descriptors = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1_024);
const COUNT = Math.min(WANTED, descriptors - 500);
const AT_ONCE = 100;
/** Of the server's memory. */
const MAX_BYTES_EACH = 150 * 1024;
/** Of the processor. */
const MOST_MS = 2_000;

test('thousands of idle connections take little memory, and others are served meanwhile', async (t) => {
  t.timeout(300_000);
  const plane = await startControlPlane({ listen: { http1Limits: { keepAliveTimeout: 3_600_000 } } });
  t.teardown(() => plane.stop());
  const clients = new IdleClients({ port: plane.port, ca: String(plane.pki.ca) });
  t.teardown(() => clients.stop());
  const before = process.memoryUsage().rss;
  let opened = 0;
  while (opened < COUNT) {
    await clients.open(AT_ONCE);
    opened += AT_ONCE;
    const since = process.cpuUsage();
    t.is((await https({ url: `${plane.url}/livez`, ca: plane.pki.ca, ...plane.pki.admin })).text, 'ok');
    const { user, system } = process.cpuUsage(since);
    t.true((user + system) / 1000 < MOST_MS, `answered with ${(user + system) / 1000} ms of work and ${opened} connections`);
  }
  const each = (process.memoryUsage().rss - before) / opened;
  t.log(`${opened} connections, ${Math.round(each / 1024)} KiB of the server each`);
  t.true(each < MAX_BYTES_EACH, `${each} bytes a connection`);
  t.is(await clients.alive(), opened, 'none was cut off');
  await clients.stop();
  t.true(await waitFor(async () => (await https({ url: `${plane.url}/livez`, ca: plane.pki.ca })).text === 'ok', { what: 'the server to go on' }));
});
