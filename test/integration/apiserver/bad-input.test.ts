import { connect as connectHttp2, constants, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import anyTest, { type TestFn } from 'ava';
import { type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { waitFor } from '#test/support/wait.ts';

interface Context {
  readonly plane: ControlPlane;
  readonly session: ClientHttp2Session;
}
interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly status: number;
  readonly body: any;
  readonly text: string;
}
const test = anyTest as TestFn<Context>;
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

test.before(async (t) => {
  const plane = await startControlPlane();
  const session = connectHttp2(plane.url, { ca: plane.pki.ca, ...plane.pki.admin });
  session.on('error', () => undefined);
  (t as { context: Context }).context = { plane, session };
});
test.after.always(async (t) => {
  t.context.session?.destroy();
  await t.context.plane?.stop();
});

function send({ session }: Context, method: string, path: string, body?: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':method': method, ':path': path, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers }, { endStream: body === undefined });
    const chunks: Buffer[] = [];
    let head: IncomingHttpHeaders = {};
    stream.on('response', (h) => void (head = h));
    stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
    stream.on('error', reject);
    stream.on('close', () => {
      const text = Buffer.concat(chunks).toString();
      resolve({ headers: head, status: Number(head[':status']), text, body: parsed(text) });
    });
    if (body !== undefined) stream.end(body);
  });
}

/** Undefined for what is no single document. */
function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const configMap = (name: string, extra = ''): string => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"${name}"}${extra}}`;
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

for (const { why, body, headers, status, reason } of [
  { why: 'invalid UTF-8', body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), status: 400, reason: 'BadRequest' },
  { why: 'no JSON', body: '{"a":', status: 400, reason: 'BadRequest' },
  { why: 'nesting by the hundred thousands', body: deep(200_000), status: 400, reason: 'BadRequest' },
  { why: 'nesting beside a long number', body: `[${deep(200_000)},12345678901234567890]`, status: 400, reason: 'BadRequest' },
  { why: 'a bomb of aliases', body: `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'.split('').map((c, i) => `${c}: &${c} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[i]}`).join(',')}]`).join('\n')}`, headers: { 'content-type': 'application/yaml' }, status: 400, reason: 'BadRequest' },
  { why: 'a member __proto__', body: configMap('proto', ',"__proto__":{"polluted":"yes"}'), status: 400, reason: 'BadRequest' },
  { why: 'a wrong type', body: configMap('typed', ',"data":7'), status: 400, reason: 'BadRequest' },
  { why: 'an unknown media type', body: 'x', headers: { 'content-type': 'text/csv' }, status: 415, reason: 'UnsupportedMediaType' },
  { why: 'no protobuf', body: 'k8s\0\xff\xff\xff', headers: { 'content-type': 'application/vnd.kubernetes.protobuf' }, status: 400, reason: 'BadRequest' },
] as const) {
  test(`refused with a Status: ${why}`, async (t) => {
    const answer = await send(t.context, 'POST', CONFIG_MAPS, body, headers);
    t.is(answer.status, status, answer.text);
    t.is(answer.body.kind, 'Status');
    t.is(answer.body.reason, reason);
    t.is(({} as Record<string, unknown>)['polluted'], undefined);
  });
}

test('a body over 3 MB is answered 413 over HTTP/2, and the connection goes on', async (t) => {
  const answer = await send(t.context, 'POST', CONFIG_MAPS, Buffer.alloc(4 * 1024 * 1024, 0x20));
  t.is(answer.status, 413);
  t.is(answer.body.reason, 'RequestEntityTooLarge');
  t.is((await send(t.context, 'GET', '/version')).status, 200);
});

const tls = ({ plane }: Context, protocols = ['http/1.1']): TLSSocket => {
  const socket = connectTls({ host: '127.0.0.1', port: plane.port, ca: plane.pki.ca, ...plane.pki.admin, ALPNProtocols: protocols });
  socket.on('error', () => undefined);
  return socket;
};
function readAll(socket: TLSSocket, until: (text: string) => boolean): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => void (text += chunk.toString('latin1')));
  return waitFor(() => (until(text) || socket.destroyed ? text : undefined), { what: 'the answer over HTTP/1.1', timeoutMs: 30_000 });
}

test('a body over 3 MB is answered 413 over HTTP/1.1 before the connection ends', async (t) => {
  const socket = tls(t.context);
  socket.write(`POST ${CONFIG_MAPS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`);
  const chunk = Buffer.alloc(1024 * 1024, 0x20);
  for (let i = 0; i < 4; i++) {
    socket.write('100000\r\n');
    socket.write(chunk);
    socket.write('\r\n');
  }
  socket.write('0\r\n\r\n');
  const text = await readAll(socket, (all) => all.includes('RequestEntityTooLarge'));
  t.regex(text, /^HTTP\/1\.1 413 /);
  t.regex(text, /"reason":"RequestEntityTooLarge"/);
  socket.destroy();
});

test('pipelined and chunked requests over HTTP/1.1 are answered in their order', async (t) => {
  const socket = tls(t.context);
  const body = configMap('chunked');
  socket.write(`GET /version HTTP/1.1\r\nHost: x\r\n\r\nPOST ${CONFIG_MAPS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`);
  socket.write(`a\r\n${body.slice(0, 10)}\r\n${(body.length - 10).toString(16)}\r\n${body.slice(10)}\r\n0\r\n\r\n`);
  const text = await readAll(socket, (all) => (all.match(/HTTP\/1\.1 /g) ?? []).length >= 2);
  t.deepEqual([...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((m) => m[1]), ['200', '201']);
  socket.write('BREW / HTTP/1.1\r\nHost: x\r\n\r\n');
  await waitFor(() => socket.destroyed || socket.readableEnded, { what: 'a connection with an unknown method to be ended' });
  socket.destroy();
});

test('a connection that is no TLS, and one that ends in its handshake, harm nobody', async (t) => {
  const plain = connectTcp(t.context.plane.port, '127.0.0.1');
  plain.on('error', () => undefined);
  plain.write('GET / HTTP/1.1\r\n\r\n');
  const closed = new Promise<void>((resolve) => plain.once('close', () => resolve()));
  plain.resume();
  await closed;
  tls(t.context).destroy();
  t.is((await send(t.context, 'GET', '/livez')).text, 'ok');
});

test('thousands of headers are refused', async (t) => {
  const { plane } = t.context;
  const flood = connectHttp2(plane.url, { ca: plane.pki.ca, ...plane.pki.admin });
  flood.on('error', () => undefined);
  const stream = flood.request({ ':path': '/version', ...Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`x-${i}`, 'v'.repeat(50)])) });
  stream.on('error', () => undefined);
  await new Promise<void>((resolve) => stream.once('close', () => resolve()));
  t.not(stream.rstCode, constants.NGHTTP2_NO_ERROR);
  flood.destroy();
  t.is((await send(t.context, 'GET', '/livez')).text, 'ok');
});

const BIG = '9007199254740993';
const CRD_FREE = '/apis/scheduling.k8s.io/v1/priorityclasses';
const pod = (name: string): string => `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"${name}"},"spec":{"terminationGracePeriodSeconds":${BIG},"containers":[{"name":"c","image":"i"}]}}`;

test('what is wrong with a YAML body is told with its line, in Kubernetes\' words', async (t) => {
  const text = 'kind: ConfigMap\nmetadata:\n  name: a\n   b: c\n';
  const fault = 'error converting YAML to JSON: yaml: line 4: mapping values are not allowed in this context';
  const made = await send(t.context, 'POST', CONFIG_MAPS, text, { 'content-type': 'application/yaml' });
  t.like(made.body, { code: 400, message: `the object provided is unrecognized (must be of type ConfigMap): ${fault} (${Buffer.from(text).subarray(0, 30).toString('hex')} ...)` });
  const applied = await send(t.context, 'PATCH', `${CONFIG_MAPS}/a?fieldManager=t`, text, { 'content-type': 'application/apply-patch+yaml' });
  t.like(applied.body, { code: 400, message: `error decoding YAML: ${fault}` });
  const unended = await send(t.context, 'PATCH', `${CONFIG_MAPS}/a?fieldManager=t`, '{"kind": "ConfigMap",\n"metadata": {', { 'content-type': 'application/apply-patch+yaml' });
  t.is(unended.body.message, "error decoding YAML: error converting YAML to JSON: yaml: line 2: did not find expected node content");
});

test('an integer beyond 2^53 stays what it is: create, get, list, patch, apply, watch', async (t) => {
  const pods = '/api/v1/namespaces/default/pods';
  const wanted = `"terminationGracePeriodSeconds":${BIG}`;
  const account = await waitFor(async () => (await send(t.context, 'POST', '/api/v1/namespaces/default/serviceaccounts', '{"metadata":{"name":"default"}}')).status < 500, { what: 'the service account' });
  t.true(account);
  const made = await send(t.context, 'POST', pods, pod('exact'));
  t.is(made.status, 201, made.text);
  t.true(made.text.includes(wanted), 'create');
  for (const path of [`${pods}/exact`, pods]) t.true((await send(t.context, 'GET', path)).text.includes(wanted), path);
  const yaml = await send(t.context, 'GET', `${pods}/exact`, undefined, { accept: 'application/yaml' });
  t.true(yaml.text.includes(`terminationGracePeriodSeconds: ${BIG}`), 'YAML');
  const patched = await send(t.context, 'PATCH', `${pods}/exact`, '{"metadata":{"labels":{"a":"b"}}}', { 'content-type': 'application/merge-patch+json' });
  t.true(patched.text.includes(wanted), 'merge patch');
  const strategic = await send(t.context, 'PATCH', `${pods}/exact`, '{"metadata":{"labels":{"c":"d"}}}', { 'content-type': 'application/strategic-merge-patch+json' });
  t.true(strategic.text.includes(wanted), 'strategic merge patch');
  const applied = await send(t.context, 'PATCH', `${pods}/applied?fieldManager=t`, pod('applied'), { 'content-type': 'application/apply-patch+yaml' });
  t.is(applied.status, 201, applied.text);
  t.true(applied.text.includes(wanted), 'apply');
  const watched = await send(t.context, 'GET', `${pods}?watch=true&timeoutSeconds=1`);
  t.true(watched.text.includes(wanted), 'watch');
  t.is((await send(t.context, 'DELETE', `${pods}/exact`)).status, 200);
});

test('an integer beyond int64 is refused in the words of Kubernetes', async (t) => {
  const answer = await send(t.context, 'POST', '/api/v1/namespaces/default/pods', pod('over').replace(BIG, '9223372036854775808'));
  t.is(answer.status, 400);
  t.regex(answer.body.message, /json: cannot unmarshal number 9223372036854775808 into Go struct field PodSpec\.spec\.terminationGracePeriodSeconds of type int64/);
});

for (const [why, query, status, pattern] of [
  ['a continue token that is none', 'continue=%00', 400, /continue key is not valid/],
  ['a token of wrong content', `continue=${Buffer.from('{"v":"meta.k8s.io/v1","rv":-1.5,"start":7}').toString('base64url')}`, 400, /continue key is not valid/],
  ['a field that cannot be selected by', 'fieldSelector=spec.nope%3D1', 400, /"spec\.nope" is not a known field selector/],
  ['a label selector that is none', 'labelSelector=a%20in%20(', 400, /unable to parse requirement/],
  ['a resourceVersion that is no number', 'resourceVersion=abc', 400, /Invalid value: "abc"/],
  ['a resourceVersion in the future', 'resourceVersion=9000000000000000', 504, /^Timeout: Too large resource version: 9000000000000000, current: /],
  ['a limit that is no number', 'limit=many', 400, /invalid syntax/],
  ['a broken escape in the path', '', 400, /invalid URL escape/],
] as const) {
  test(`refused with a Status: ${why}`, async (t) => {
    const answer = await send(t.context, 'GET', query === '' ? '/api/v1/namespaces/%zz/configmaps' : `${CONFIG_MAPS}?${query}`);
    t.is(answer.status, status, answer.text);
    t.regex(answer.body.message, pattern);
  });
}

test('a wrong method is answered 405', async (t) => {
  t.is((await send(t.context, 'OPTIONS', CONFIG_MAPS)).status, 405);
  t.is((await send(t.context, 'PUT', CRD_FREE, '{}')).status, 405);
  const reviews = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  t.is((await send(t.context, 'GET', reviews)).status, 405);
  t.is((await send(t.context, 'POST', `${reviews}/a`, '{}')).status, 404, 'nobody is there under a name');
});

test('every answer names its request, its flow schema and its priority level', async (t) => {
  const { headers } = await send(t.context, 'GET', CONFIG_MAPS, undefined, { 'audit-id': 'given' });
  t.is(headers['audit-id'], 'given');
  const long = 'of several servers '.repeat(8).trim();
  t.is((await send(t.context, 'GET', CONFIG_MAPS, undefined, { 'audit-id': long })).headers['audit-id'], long);
  t.regex(String(headers['x-kubernetes-pf-flowschema-uid']), /^[0-9a-f-]{36}$/);
  t.regex(String(headers['x-kubernetes-pf-prioritylevel-uid']), /^[0-9a-f-]{36}$/);
});

test('metrics have the names and labels of Kubernetes', async (t) => {
  await send(t.context, 'GET', CONFIG_MAPS);
  const { text } = await send(t.context, 'GET', '/metrics');
  t.regex(text, /^apiserver_request_total\{verb="LIST",group="",version="v1",resource="configmaps",subresource="",scope="namespace",component="apiserver",code="200"\} \d+$/m);
  for (const name of ['apiserver_request_duration_seconds_bucket', 'apiserver_current_inflight_requests', 'apiserver_flowcontrol_dispatched_requests_total', 'etcd_request_duration_seconds_count', 'apiserver_storage_objects', 'authentication_attempts', 'nodejs_eventloop_lag_seconds']) {
    t.true(text.includes(`\n${name}`), name);
  }
});

test('a level that refuses can be looked into', async (t) => {
  const { text, headers } = await send(t.context, 'GET', '/debug/api_priority_and_fairness/dump_priority_levels');
  t.is(headers['content-type'], 'text/plain; charset=utf-8');
  t.regex(text, /^PriorityLevelName, +ActiveQueues, /);
});
