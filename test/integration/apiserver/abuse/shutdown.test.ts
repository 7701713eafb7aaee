import { connect, constants, type ClientHttp2Session } from 'node:http2';
import test, { type ExecutionContext } from 'ava';
import { AuditLines, auditPolicy } from '#test/support/audit-lines.ts';
import { type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { https } from '#test/support/https.ts';
import { rawConnection, readUntil, statusesIn } from '#test/support/raw-connection.ts';
import { waitFor } from '#test/support/wait.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
/** Longer than any test waits. */
const NEVER_MS = 300_000;
const GRACE_MS = 500;

async function start(t: ExecutionContext, graceMs: number): Promise<{ readonly plane: ControlPlane; readonly sink: AuditLines; readonly session: ClientHttp2Session }> {
  const sink = new AuditLines();
  const plane = await startControlPlane({ audit: { policy: auditPolicy('Metadata'), sink }, listen: { graceMs } });
  const session = connect(plane.url, { ca: plane.pki.ca, ...plane.pki.admin });
  session.on('error', () => undefined);
  t.teardown(async () => {
    session.destroy();
    await plane.stop();
  });
  return { plane, sink, session };
}
const received = (sink: AuditLines, id: string): Promise<boolean> => waitFor(() => sink.events.some((e) => e.auditID === id), { what: `the request ${id}` });

test('a server that ends lets requests finish, ends watches, tells clients to go elsewhere, and takes nothing new', async (t) => {
  const { plane, sink, session } = await start(t, NEVER_MS);
  let isTold = false;
  session.once('goaway', (code) => void (isTold = code === constants.NGHTTP2_NO_ERROR));
  const watch = session.request({ ':path': `${CONFIG_MAPS}?watch=true` });
  await new Promise<void>((resolve) => void watch.once('response', () => resolve()));
  const watchEnded = new Promise<number>((resolve) => void watch.once('close', () => resolve(watch.rstCode)).resume());
  const write = session.request({ ':method': 'POST', ':path': CONFIG_MAPS, 'content-type': 'application/json', 'audit-id': 'h2' }, { endStream: false });
  write.write('{"metadata":');
  const old = rawConnection(plane);
  const idle = rawConnection(plane);
  old.write(`POST ${CONFIG_MAPS} HTTP/1.1\r\nHost: x\r\nAudit-Id: h1\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n{"metadata":`);
  idle.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
  await Promise.all([received(sink, 'h2'), received(sink, 'h1'), readUntil(idle, (text) => text.includes('200'))]);

  const closed = plane.server.close();
  await waitFor(() => isTold, { what: 'GOAWAY' });
  t.is(await watchEnded, constants.NGHTTP2_NO_ERROR, 'the watch ends in peace');
  await waitFor(() => idle.destroyed || idle.readableEnded, { what: 'the idle connection to be ended' });
  await t.throwsAsync(https({ url: `${plane.url}/livez`, ca: plane.pki.ca }), { code: 'ECONNREFUSED' });

  const status = new Promise<number>((resolve) => void write.once('response', (head) => resolve(Number(head[':status']))));
  write.end('{"name":"two"}}');
  write.resume();
  old.write('{"name":"one"}}');
  t.is(await status, 201);
  t.deepEqual(statusesIn(await readUntil(old, () => false)), [201]);
  // As soon as the last request has its answer.
  await closed;
});

test('what does not end within the grace is cut off', async (t) => {
  const { plane, sink, session } = await start(t, GRACE_MS);
  const write = session.request({ ':method': 'POST', ':path': CONFIG_MAPS, 'content-type': 'application/json', 'audit-id': 'stuck' }, { endStream: false });
  write.on('error', () => undefined);
  write.write('{');
  await received(sink, 'stuck');
  const since = performance.now();
  await plane.server.close();
  const took = performance.now() - since;
  t.true(took >= GRACE_MS - 100, `${took} ms`);
  await waitFor(() => session.destroyed, { what: 'the session to end' });
});
