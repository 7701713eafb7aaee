import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type ClientHttp2Session } from 'node:http2';
import { join } from 'node:path';
import test from 'ava';
import { WebSocket } from 'ws';
import type { Held, MeasuredServer } from '#test/support/measured-server.ts';

/** HEADWAY_LEAK_SCALE=50 opens 25,000 watches and 2,500 upgraded connections, and asks 100,000 times. */
const SCALE = Number(process.env['HEADWAY_LEAK_SCALE'] ?? 1);
/** Of one connection: who cuts off many more streams at once is cut off itself, with GOAWAY. */
const [WATCHES, UPGRADES, REQUESTS] = [500, 50, 2_000];
/** What a process holds moves by itself; 500 watches that are kept hold more. */
const MAX_GROWTH_BYTES = 1.5 * 1024 * 1024;
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

test('watches, upgraded connections and requests leave nothing behind when they are over', async (t) => {
  t.timeout(SCALE * 120_000);
  const child = fork(join(import.meta.dirname, '../../../support/measured-server.ts'), [], { execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning'], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  t.teardown(async () => {
    if (child.connected) child.send('end');
    await exited;
  });
  const [server] = (await once(child, 'message')) as [MeasuredServer];
  const round = async (): Promise<void> => {
    for (let i = 0; i < SCALE; i++) await oneConnection(server);
    await inTurns(UPGRADES * SCALE, 10, (i) => exec(server, i));
  };
  await round();
  const before = await held(child);
  await round();
  const after = await held(child);
  t.log(`${after.heapBytes - before.heapBytes} bytes, ${after.handles - before.handles} handles more after ${WATCHES * SCALE} watches, ${UPGRADES * SCALE} upgrades, ${REQUESTS * SCALE} requests`);
  t.true(after.heapBytes - before.heapBytes < MAX_GROWTH_BYTES, `${before.heapBytes} bytes, then ${after.heapBytes}`);
  t.true(after.handles <= before.handles + 2, `${before.handles} handles, then ${after.handles}`);
});

async function oneConnection(server: MeasuredServer): Promise<void> {
  const session = connect(server.url, { ca: server.pki.ca, ...server.pki.admin });
  await inTurns(WATCHES, 100, () => watch(session));
  await inTurns(REQUESTS, 50, (i) => request(session, i));
  session.close();
  await once(session, 'close');
}

async function held(child: ChildProcess): Promise<Held> {
  child.send('measure');
  const [answer] = (await once(child, 'message')) as [Held];
  return answer;
}

async function inTurns(count: number, atOnce: number, run: (i: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i += atOnce) await Promise.all(Array.from({ length: Math.min(atOnce, count - i) }, (_, k) => run(i + k)));
}

/** Opened, and cut off by the client. */
async function watch(session: ClientHttp2Session): Promise<void> {
  const stream = session.request({ ':path': `${CONFIG_MAPS}?watch=true&resourceVersion=0&allowWatchBookmarks=true` });
  // A stream with unread events is never closed.
  stream.resume();
  const closed = once(stream, 'close');
  await once(stream, 'response');
  stream.close();
  await closed;
}

const REQUEST_PATHS = [CONFIG_MAPS, `${CONFIG_MAPS}/none`, '/version', '/api/v1/namespaces/default/pods?limit=1&timeout=30s', '/none', `${CONFIG_MAPS}?labelSelector=a%20in%20(`];

async function request(session: ClientHttp2Session, i: number): Promise<void> {
  const stream = session.request({ ':path': REQUEST_PATHS[i % REQUEST_PATHS.length] });
  stream.resume();
  await once(stream, 'close');
}

/** Ended by the client: in peace, or cut off. */
function exec({ url, pki }: MeasuredServer, i: number): Promise<void> {
  const socket = new WebSocket(`${url.replace('https', 'wss')}/api/v1/namespaces/default/pods/echo/exec?command=true`, ['v5.channel.k8s.io'], { ca: pki.ca, ...pki.admin });
  return new Promise((resolve, reject) => {
    socket.on('open', () => (i % 2 === 0 ? socket.close() : socket.terminate())).on('close', () => resolve()).on('error', reject);
  });
}
