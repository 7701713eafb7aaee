import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import test, { type ExecutionContext } from 'ava';
import { AuditLines, auditPolicy } from '#test/support/audit-lines.ts';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { https } from '#test/support/https.ts';
import { END_HEADERS, END_STREAM, frame, headerBlock, HTTP2_START, rawConnection, readUntil, statusesIn } from '#test/support/raw-connection.ts';
import { waitFor } from '#test/support/wait.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const MIB = 1024 * 1024;
/** Longer than any test waits. */
const NEVER_MS = 300_000;
const sink = new AuditLines();
let plane: ControlPlane;

test.before(async () => {
  plane = await startControlPlane({
    audit: { policy: auditPolicy('Metadata'), sink }, requestTimeoutMs: 1_500,
    listen: { http1Limits: { headersTimeout: 600, requestTimeout: 2_500, connectionsCheckingInterval: 100 }, stallIntervalMs: 500 },
  });
});
test.after.always(() => plane?.stop());

/** A client with HTTP/2's smallest windows. */
function session(t: ExecutionContext): ClientHttp2Session {
  const opened = connect(plane.url, { ca: plane.pki.ca, ...plane.pki.admin });
  opened.on('error', () => undefined);
  t.teardown(() => opened.destroy());
  return opened;
}
function ask(from: ClientHttp2Session, headers: Record<string, string>, endStream = true): { readonly stream: ClientHttp2Stream; readonly answer: Promise<{ readonly status: number; readonly text: string }> } {
  const stream = from.request(headers, { endStream });
  let [status, text] = [0, ''];
  const answer = new Promise<{ readonly status: number; readonly text: string }>((resolve) => {
    stream.on('response', (head) => void (status = Number(head[':status']))).on('data', (data: Buffer) => void (text += data.toString())).on('error', () => undefined).on('close', () => resolve({ status, text }));
  });
  return { stream, answer };
}
const metric = async (pattern: RegExp): Promise<number> => Number(pattern.exec((await https({ url: `${plane.url}/metrics`, ca: plane.pki.ca, ...plane.pki.admin })).text)?.[1] ?? 0);
const endOf = (id: string): Promise<any> => waitFor(() => sink.events.find((e) => e.auditID === id && e.stage === 'ResponseComplete'), { what: `the end of ${id}` });
const TIMED_OUT = { kind: 'Status', status: 'Failure', message: 'Timeout: request did not complete within the allotted timeout', reason: 'Timeout', details: {}, code: 504 };

for (const [name, open] of [
  ['HTTP/2', (t: ExecutionContext) => {
    const stream = session(t).request({ ':path': `${CONFIG_MAPS}?watch=true&resourceVersion=0` });
    stream.on('error', () => undefined).pause();
    return { isOver: () => stream.destroyed || stream.closed, read: () => stream.resume() };
  }],
  ['HTTP/1.1', () => {
    const socket = rawConnection(plane);
    socket.pause();
    socket.write(`GET ${CONFIG_MAPS}?watch=true&resourceVersion=0 HTTP/1.1\r\nHost: x\r\n\r\n`);
    return { isOver: () => socket.destroyed || socket.readableEnded, read: () => socket.resume() };
  }],
] as const) {
  test.serial(`a watch that nobody reads is dropped, and holds little memory: ${name}`, async (t) => {
    t.timeout(120_000);
    const watch = open(t);
    await waitFor(async () => (await metric(/^apiserver_registered_watchers\{resource="configmaps"\} (\d+)$/m)) === 1, { what: 'the watch to start' });
    const before = process.memoryUsage().rss;
    let written = 0;
    for (; written < 200 && (await metric(/^apiserver_registered_watchers\{resource="configmaps"\} (\d+)$/m)) === 1; written += 1) {
      const body = { metadata: { name: `big-${name.replace(/\W/g, '').toLowerCase()}` }, data: { value: `${written}`.padEnd(MIB / 2, 'x') } };
      const path = `${CONFIG_MAPS}/${body.metadata.name}?fieldManager=t&force=true`;
      const { status } = await plane.server.handle({ method: 'PATCH', path: path.split('?')[0] ?? '', query: { fieldManager: 't', force: 'true' }, body: { apiVersion: 'v1', kind: 'ConfigMap', ...body }, contentType: 'application/apply-patch+yaml' }, ADMIN);
      t.true(status < 300, `${path} ${status}`);
    }
    t.true(written < 200, `dropped after ${written} events`);
    const growth = process.memoryUsage().rss - before;
    t.true(growth < 400 * MIB, `${growth} bytes`);
    watch.read();
    await waitFor(watch.isOver, { what: 'the client to see the end' });
  });
}

test.serial('an answer that nobody reads is given up after the time of a request', async (t) => {
  for (let i = 0; i < 6; i++) await plane.server.handle({ method: 'POST', path: CONFIG_MAPS, body: { metadata: { name: `unread-${i}` }, data: { value: 'x'.repeat(MIB / 2) } } }, ADMIN);
  const stream = session(t).request({ ':path': CONFIG_MAPS, 'accept-encoding': 'identity' });
  stream.on('error', () => undefined).pause();
  await new Promise<void>((resolve) => void stream.once('response', () => resolve()));
  await waitFor(() => stream.rstCode === constants.NGHTTP2_CANCEL, { what: 'the answer to be given up' });
  t.pass();
});

/** Together more than the kernel takes for a client that reads nothing, each too short to be given up by itself. */
const ANSWERS = 80;
const UNREAD = `${CONFIG_MAPS}/unread`;
const LARGEST_WINDOW = Buffer.from([0x7f, 0xff, 0, 0]);
const get = headerBlock({ ':method': 'GET', ':scheme': 'https', ':path': UNREAD, ':authority': 'x' });

for (const { protocol, asks } of [
  {
    protocol: 'h2',
    asks: [HTTP2_START, frame('SETTINGS', 0, 0, Buffer.concat([Buffer.from([0, 4]), LARGEST_WINDOW])), frame('WINDOW_UPDATE', 0, 0, LARGEST_WINDOW), ...Array.from({ length: ANSWERS }, (_, i) => frame('HEADERS', END_STREAM | END_HEADERS, 2 * i + 1, get))],
  },
  { protocol: 'http/1.1', asks: [Buffer.from(`GET ${UNREAD} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(ANSWERS))] },
] as const) {
  test.serial(`a connection from which nothing is read is ended: ${protocol}`, async (t) => {
    const { status } = await plane.server.handle({ method: 'PATCH', path: UNREAD, query: { fieldManager: 't' }, body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'unread' }, data: { value: 'x'.repeat(MIB / 4) } }, contentType: 'application/apply-patch+yaml' }, ADMIN);
    t.true(status < 300);
    const socket = rawConnection(plane, protocol);
    t.teardown(() => socket.destroy());
    socket.pause();
    socket.write(Buffer.concat(asks));
    await once(socket, 'secureConnect');
    const { localPort = 0 } = socket;
    t.true(isHeld(localPort));
    // Who neither reads nor writes does not learn of it.
    await waitFor(() => !isHeld(localPort), { what: 'the connection to be ended' });
    t.is((await https({ url: `${plane.url}/livez`, ca: plane.pki.ca, ...plane.pki.admin })).text, 'ok');
  });
}

/** Whether the server's end of the connection from that port is open: its line in the kernel's table (proc_pid_net(5)) says ESTABLISHED. */
function isHeld(clientPort: number): boolean {
  const hex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');
  return new RegExp(`:${hex(plane.port)} [0-9A-F]+:${hex(clientPort)} 01 `).test(readFileSync('/proc/net/tcp', 'utf8'));
}

test.serial('a body that never ends is answered 504 over HTTP/2, recorded, and its stream ended', async (t) => {
  const { stream, answer } = ask(session(t), { ':method': 'POST', ':path': CONFIG_MAPS, 'content-type': 'application/json', 'audit-id': 'slow-body' }, false);
  stream.write('{"metadata":');
  const event = await endOf('slow-body');
  t.like(event, { verb: 'create', responseStatus: { status: 'Failure', reason: 'Timeout', code: 504 } });
  const { status, text } = await answer;
  t.is(status, 504);
  t.like(JSON.parse(text), TIMED_OUT);
  t.true((await metric(/^apiserver_request_terminations_total\{[^}]*\} (\d+)$/m)) >= 1);
});

test.serial('a body that never ends is answered over HTTP/1.1, and the connection ended', async (t) => {
  const socket = rawConnection(plane);
  socket.write(`POST ${CONFIG_MAPS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"metadata":`);
  const text = await readUntil(socket, () => false);
  t.deepEqual(statusesIn(text).slice(0, 1), [504]);
  t.regex(text, /"reason":"Timeout"/);
});

test.serial('headers that do not come are not waited for', async (t) => {
  const socket = rawConnection(plane);
  socket.write('GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ');
  t.regex(await readUntil(socket, () => false), /^HTTP\/1\.1 408 |^$/);
});

test.serial('a client may ask for less time than the server would take', async (t) => {
  const patient = await startControlPlane({ audit: { policy: auditPolicy('Metadata'), sink }, requestTimeoutMs: NEVER_MS });
  t.teardown(() => patient.stop());
  const opened = connect(patient.url, { ca: patient.pki.ca, ...patient.pki.admin });
  t.teardown(() => opened.destroy());
  const { stream, answer } = ask(opened, { ':method': 'POST', ':path': `${CONFIG_MAPS}?timeout=100ms`, 'content-type': 'application/json', 'audit-id': 'own-timeout' }, false);
  stream.write('{');
  await endOf('own-timeout');
  stream.end();
  t.is((await answer).status, 504);
  for (const [given, reason] of [['nonsense', 'time: invalid duration "nonsense"'], ['5', 'time: missing unit in duration "5"'], ['5y', 'time: unknown unit "y" in duration "5y"']] as const) {
    const refused = await plane.server.handle({ method: 'GET', path: CONFIG_MAPS, query: { timeout: given } }, ADMIN);
    t.like(refused.body, { code: 400, message: `invalid timeout specified in the request URL - ${reason}` });
  }
  for (const given of ['0s', '1h', '-1s', '1m0.5s']) t.is((await plane.server.handle({ method: 'GET', path: CONFIG_MAPS, query: { timeout: given, limit: '1' } }, ADMIN)).status, 200, given);
});

test.serial('events that watches send are counted', async (t) => {
  t.true((await metric(/^apiserver_watch_events_total\{group="",version="v1",resource="configmaps"\} (\d+)$/m)) > 0);
});
