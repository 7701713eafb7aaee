import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { rm } from 'node:fs/promises';
import { connect as connectTls } from 'node:tls';
import test from 'ava';
import { ensurePki } from '#apiserver/pki/pki.ts';
import { systemClock } from '#base/clock.ts';
import { AuditLines, auditPolicy } from '#test/support/audit-lines.ts';
import { type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { https } from '#test/support/https.ts';
import { rawConnection, readUntil, statusesIn } from '#test/support/raw-connection.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const sink = new AuditLines();
let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane({ audit: { policy: auditPolicy('Metadata'), sink } });
});
test.after.always(() => plane?.stop());

const SMUGGLED = 'GET /api/v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n';
const post = (headers: string, body: string): string => `POST ${CONFIG_MAPS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${headers}\r\n${body}`;

test('a target may name the server', async (t) => {
  const socket = rawConnection(plane);
  socket.write('GET https://elsewhere.example/livez?verbose HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n');
  t.regex(await readUntil(socket, () => false), /^HTTP\/1\.1 200 [\s\S]*livez check passed\n$/);
});

for (const [why, text] of [
  ['a length and chunks', post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${SMUGGLED}`)],
  ['chunks and a length', post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', `0\r\n\r\n${SMUGGLED}`)],
  ['two lengths', post(`Content-Length: 2\r\nContent-Length: ${2 + SMUGGLED.length}\r\n`, `{}${SMUGGLED}`)],
  ['a list of lengths', post('Content-Length: 2, 2\r\n', `{}${SMUGGLED}`)],
  ['a signed length', post('Content-Length: +2\r\n', `{}${SMUGGLED}`)],
  ['chunks that are not the last coding', post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${SMUGGLED}`)],
  ['an unknown coding', post('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${SMUGGLED}`)],
  ['a folded header', post('Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n', `0\r\n\r\n${SMUGGLED}`)],
  ['a space before a colon', post('Transfer-Encoding : chunked\r\n', `0\r\n\r\n${SMUGGLED}`)],
  ['a chunk of no size', post('Transfer-Encoding: chunked\r\n', `z\r\n\r\n${SMUGGLED}`)],
  ['a chunk longer than it says', post('Transfer-Encoding: chunked\r\n', `1\r\n{}\r\n0\r\n\r\n${SMUGGLED}`)],
  ['lines without a return', `GET /livez HTTP/1.1\nHost: x\n\n${SMUGGLED}`],
  ['a NUL in a header', `GET /livez HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n${SMUGGLED}`],
  ['a control character in the path', `GET /livez\x01 HTTP/1.1\r\nHost: x\r\n\r\n${SMUGGLED}`],
  ['another version', `GET /livez HTTP/3.7\r\nHost: x\r\n\r\n${SMUGGLED}`],
] as const) {
  test(`one request cannot hide another: ${why}`, async (t) => {
    const socket = rawConnection(plane);
    const seen = sink.events.length;
    socket.write(text, 'latin1');
    const answer = await readUntil(socket, () => false);
    t.deepEqual(statusesIn(answer), [400], answer);
    t.false(sink.events.slice(seen).some((event) => event.requestURI === '/api/v1/smuggled'));
  });
}

test('a chunked body with extensions and trailers is one request', async (t) => {
  const socket = rawConnection(plane);
  const body = '{"metadata":{"name":"extended"}}';
  socket.write(post('Transfer-Encoding: chunked\r\nTrailer: X-After\r\n', `${body.length.toString(16)};a=b\r\n${body}\r\n0\r\nX-After: y\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));
  t.deepEqual(statusesIn(await readUntil(socket, () => false)), [201, 200]);
});

test('hundreds of pipelined requests are answered in their order', async (t) => {
  const socket = rawConnection(plane);
  const paths = Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? '/livez' : i % 3 === 1 ? '/none' : CONFIG_MAPS));
  socket.write(`${paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join('')}GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  const statuses = statusesIn(await readUntil(socket, () => false));
  t.deepEqual(statuses, [...paths.map((path) => (path === '/none' ? 404 : 200)), 200]);
});

const admin = () => ({ ca: plane.pki.ca, ...plane.pki.admin });
const get = async (path: string, headers: Record<string, string> = {}): Promise<number> => (await https({ url: `${plane.url}${path}`, ...admin(), headers })).status;

test('very long paths and queries are answered, or refused with 431', async (t) => {
  t.is(await get(`/api/v1/${'n'.repeat(30_000)}`), 404);
  t.is(await get(`${CONFIG_MAPS}?labelSelector=${'a'.repeat(30_000)}`), 400);
  t.is(await get(`${CONFIG_MAPS}?x=${'y'.repeat(100_000)}`), 431);
  t.is(await get(`${CONFIG_MAPS}?${Array.from({ length: 5_000 }, (_, i) => `p${i}=1`).join('&')}`), 200);
  t.is(await get(`${CONFIG_MAPS}?${'limit=1&'.repeat(5_000)}`), 200);
  t.is(await get(`${CONFIG_MAPS}?__proto__=1&constructor=2&toString=3&%zz=%zz&=&&`), 200);
  t.is(await get('/'.repeat(10_000)), 404);
  t.is(await get(`/api/v1${'/a%2fb'.repeat(1_000)}`), 404);
  const session = connectHttp2(plane.url, admin());
  t.teardown(() => session.destroy());
  const status = await new Promise<number>((resolve) => {
    const stream = session.request({ ':path': `${CONFIG_MAPS}?x=${'y'.repeat(100_000)}` });
    let code = 0;
    stream.on('response', (head) => void (code = Number(head[':status']))).on('error', () => undefined).on('close', () => resolve(code)).resume();
  });
  t.true(status === 431 || status === 0, `answered ${status}`);
});

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
for (const [why, token] of [
  ['no JWT', 'nonsense'], ['three dots', 'a.b.c'], ['no algorithm', `${part({ alg: 'none' })}.${part({ iss: 'https://kubernetes.default.svc', sub: 'system:serviceaccount:default:default' })}.`],
  ['a shared key', `${part({ alg: 'HS256', kid: 'x' })}.${part({ iss: 'https://kubernetes.default.svc.cluster.local' })}.c2ln`], ['claims that are none', `${part({ alg: 'RS256' })}.${Buffer.from('[1').toString('base64url')}.c2ln`],
  ['a member __proto__', `${Buffer.from('{"alg":"RS256","__proto__":{"kid":"x"}}').toString('base64url')}.e30.c2ln`], ['50 KB', 'x'.repeat(50_000)], ['only dots', '.'.repeat(1_000)],
] as const) {
  test(`a malformed token is answered 401: ${why}`, async (t) => {
    const answer = await https({ url: `${plane.url}${CONFIG_MAPS}`, ca: plane.pki.ca, headers: { authorization: `Bearer ${token}` } });
    t.is(answer.status, 401);
    t.like(JSON.parse(answer.text), { kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized', code: 401 });
  });
}

test('a certificate of another authority is answered 401', async (t) => {
  const directory = temporaryDirectory('headway-other');
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const other = await ensurePki({ directory, addresses: ['127.0.0.1'], serviceAddress: '10.96.0.1', clock: systemClock });
  t.is((await https({ url: `${plane.url}${CONFIG_MAPS}`, ca: plane.pki.ca, ...other.admin })).status, 401);
});

test('handshakes that are none, old, or without a common protocol end, and harm nobody', async (t) => {
  const closed = (socket: ReturnType<typeof connectTcp>): Promise<void> => new Promise((resolve) => void socket.on('error', () => undefined).once('close', () => resolve()).resume());
  const plain = [Buffer.alloc(5_000, 0xff), Buffer.from('16030100050100000100', 'hex'), Buffer.from('8046010301002d0000001000', 'hex'), Buffer.from('16030300ff'.repeat(100), 'hex')];
  await Promise.all(plain.map((bytes) => {
    const socket = connectTcp(plane.port, '127.0.0.1');
    socket.end(bytes);
    return closed(socket);
  }));
  const tls = { host: '127.0.0.1', port: plane.port, ...admin() };
  await closed(connectTls({ ...tls, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' }));
  await closed(connectTls({ ...tls, ALPNProtocols: ['spdy/9'] }));
  t.is(await get('/livez'), 200);
});
