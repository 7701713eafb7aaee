import { createServer as createPlainServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { issueCertificate, makeAuthority } from '#apiserver/pki/certificates.ts';
import { WebhookCallError, WebhookCaller } from '#apiserver/webhook/client.ts';
import { systemClock as clock } from '#base/clock.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';

interface Hook {
  readonly port: number;
  readonly caBundle: string;
  /** Connections that were opened. */
  connections(): number;
}

interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

async function startHook(t: ExecutionContext, answer: (path: string, body: string, method: string) => Answer | undefined, dnsNames: readonly string[] = ['hook.default.svc'], ipAddresses: readonly string[] = ['127.0.0.1']): Promise<Hook> {
  const authority = await makeAuthority('hooks', Date.now());
  const pair = await issueCertificate(authority, { commonName: 'hook', dnsNames, ipAddresses, usages: ['server'] }, Date.now());
  let connections = 0;
  const server: Server = createServer({ cert: pair.cert, key: pair.key }, (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
      const given = answer(request.url ?? '', Buffer.concat(parts).toString(), request.method ?? '');
      if (given) response.writeHead(given.status ?? 200, given.headers).end(given.body, () => given.headers?.['content-length'] && response.destroy());
    });
  });
  server.on('secureConnection', () => void connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void (server.close(), server.closeAllConnections()));
  return { port: (server.address() as AddressInfo).port, caBundle: Buffer.from(authority.cert).toString('base64'), connections: () => connections };
}

/** A cache that holds what is given. */
function cacheOf(objects: Readonly<Record<string, readonly object[]>>): WatchCache {
  const items = (resource: string) => (objects[resource] ?? []).map((object) => ({ object }));
  return {
    get: (resource: string, _: string, name: string) => items(resource).find((i) => (i.object as { metadata: { name: string } }).metadata.name === name),
    list: (resource: string) => ({ items: items(resource) }),
  } as unknown as WatchCache;
}

function callerOf(t: ExecutionContext, objects: Readonly<Record<string, readonly object[]>> = {}): WebhookCaller {
  const caller = new WebhookCaller({ cache: cacheOf(objects), clock });
  t.teardown(() => caller.close());
  return caller;
}

const service = { metadata: { name: 'hook', namespace: 'default' }, spec: { clusterIP: '10.96.1.1', ports: [{ name: 'https', port: 443 }] } };
const sliceAt = (port: number, ready: boolean) => ({
  metadata: { name: 'hook-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'hook' } }, ports: [{ name: 'https', port }],
  endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready } }],
});

test('posts a review to a URL and keeps the connection', async (t) => {
  const hook = await startHook(t, (path, body) => ({ body: JSON.stringify({ path, sent: JSON.parse(body) }) }));
  const caller = callerOf(t);
  const config = { url: `https://127.0.0.1:${hook.port}/convert`, caBundle: hook.caBundle };
  t.deepEqual(await caller.call({ config, body: { a: 1 }, timeoutMs: 10_000 }), { path: '/convert?timeout=10s', sent: { a: 1 } });
  await caller.call({ config, body: {}, timeoutMs: 10_000 });
  t.is(hook.connections(), 1);
});

test('reaches a service at a ready endpoint, under the name of the service', async (t) => {
  const hook = await startHook(t, (path) => ({ body: JSON.stringify({ path }) }));
  const caller = callerOf(t, { services: [service], 'endpointslices.discovery.k8s.io': [sliceAt(hook.port, true)] });
  t.deepEqual(await caller.call({ config: { service: { namespace: 'default', name: 'hook', path: '/x' }, caBundle: hook.caBundle }, body: {}, timeoutMs: 5_000 }), { path: '/x?timeout=5s' });
});

const REFUSED: readonly { readonly title: string; readonly objects: Readonly<Record<string, readonly object[]>>; readonly message: string }[] = [
  { title: 'service is absent', objects: {}, message: 'service "hook" not found' },
  { title: 'no endpoint is ready', objects: { services: [service], 'endpointslices.discovery.k8s.io': [sliceAt(1, false)] }, message: 'no endpoints available for service "hook"' },
  { title: 'port is not served', objects: { services: [{ ...service, spec: { ports: [{ port: 80 }] } }] }, message: 'no service port 443 found for service "hook"' },
];
for (const { title, objects, message } of REFUSED) {
  test(`fails when the ${title}`, async (t) => {
    const error = await t.throwsAsync(callerOf(t, objects).call({ config: { service: { namespace: 'default', name: 'hook' } }, body: {}, timeoutMs: 1_000 }), { instanceOf: WebhookCallError });
    t.is(error.message, message);
    t.is(error.data.kind, 'unreachable');
  });
}

test('tells an authority that is not known, in the words of Go', async (t) => {
  const hook = await startHook(t, () => ({ body: '{}' }));
  const error = await t.throwsAsync(callerOf(t).call({ config: { url: `https://127.0.0.1:${hook.port}/` }, body: {}, timeoutMs: 5_000 }), { instanceOf: WebhookCallError });
  t.is(error.message, `Post "https://127.0.0.1:${hook.port}/?timeout=5s": tls: failed to verify certificate: x509: certificate signed by unknown authority`);
});

test('a webhook that does not answer in time is a deadline', async (t) => {
  const hook = await startHook(t, () => undefined);
  const error = await t.throwsAsync(callerOf(t).call({ config: { url: `https://127.0.0.1:${hook.port}/`, caBundle: hook.caBundle }, body: {}, timeoutMs: 100 }), { instanceOf: WebhookCallError });
  t.is(error.message, `Post "https://127.0.0.1:${hook.port}/?timeout=1s": context deadline exceeded`);
  t.is(error.data.kind, 'timeout');
});

const UNTYPED = 'into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
const json = { 'content-type': 'application/json' };
const ANSWERS: Readonly<Record<string, Answer & { readonly problem?: string; readonly read?: unknown }>> = {
  text: { body: 'hello', problem: `couldn't get version/kind; json parse error: json: cannot unmarshal string ${UNTYPED}` },
  list: { body: '[]', problem: `couldn't get version/kind; json parse error: json: cannot unmarshal array ${UNTYPED}` },
  cut: { body: '{"kind"', problem: "couldn't get version/kind; json parse error: unexpected end of JSON input" },
  empty: { body: '', headers: json, problem: '0-length response with status code: 200 and content type: application/json' },
  none: { status: 204, body: '', problem: '0-length response with status code: 204 and content type: ' },
  yaml: { body: 'kind: Foo\n', headers: json, read: { kind: 'Foo' } },
  many: { status: 207, body: '{}', problem: 'the server responded with the status code 207 but did not return more information' },
  forbidden: { status: 403, body: 'no', headers: json, problem: 'unknown' },
  forbiddenText: { status: 403, body: 'no\n', problem: 'no' },
  acceptable: { status: 406, body: 'x', headers: json, problem: 'the server was unable to respond with a content type that the client supports' },
  entity: { status: 422, body: 'x', problem: 'the server rejected our request due to an error in our request' },
  fail: { status: 500, body: 'boom\n', problem: 'an error on the server ("boom") has prevented the request from succeeding' },
  failJson: { status: 502, body: '{}', headers: json, problem: 'an error on the server ("unknown") has prevented the request from succeeding' },
  status: { status: 500, body: '{"kind":"Status","apiVersion":"v1","status":"Failure","message":"their words"}', headers: json, problem: 'their words' },
  moved: { status: 308, body: '', headers: { location: '/yaml?x=y' }, read: { kind: 'Foo' } },
  found: { status: 302, body: '', headers: { location: '/asked' }, read: { method: 'GET', sent: '' } },
  lost: { status: 307, body: '', problem: 'the server responded with the status code 307 but did not return more information' },
};
for (const [name, { problem, read }] of Object.entries(ANSWERS)) {
  test(`an answer that is ${problem ? 'a failure or no object is refused' : 'an object is read'}: ${name}`, async (t) => {
    const hook = await startHook(t, (path, sent, method) => (path === '/asked' ? { body: JSON.stringify({ method, sent }) } : ANSWERS[/\w+/.exec(path)?.[0] ?? '']));
    const call = () => callerOf(t).call({ config: { url: `https://127.0.0.1:${hook.port}/${name}`, caBundle: hook.caBundle }, body: {}, timeoutMs: 5_000 });
    if (problem === undefined) t.deepEqual(await call(), read);
    else t.is((await t.throwsAsync(call())).message, problem);
  });
}

test('paths are joined as client-go joins them', async (t) => {
  const hook = await startHook(t, (path) => ({ body: JSON.stringify({ path }) }));
  const called = async (path: string): Promise<unknown> => callerOf(t).call({ config: { url: `https://127.0.0.1:${hook.port}${path}`, caBundle: hook.caBundle }, body: {}, timeoutMs: 5_000 });
  t.deepEqual(await called(''), { path: '/?timeout=5s' });
  t.deepEqual(await called('/a//b%2Fc/'), { path: '/a/b/c?timeout=5s' });
  t.deepEqual(await called('/%61(b)/c%20d'), { path: '/a%28b%29/c%20d?timeout=5s' });
});

for (const caBundle of ['eA==', 'Cg==']) {
  test(`a bundle without a certificate is told before the connection: ${caBundle}`, async (t) => {
    const hook = await startHook(t, () => ({ body: '{}' }));
    const error = await t.throwsAsync(callerOf(t).call({ config: { url: `https://127.0.0.1:${hook.port}/`, caBundle }, body: {}, timeoutMs: 5_000 }), { instanceOf: WebhookCallError });
    t.is(error.message, 'unable to load root certificates: unable to parse bytes as PEM block');
    t.is(error.data.kind, 'config');
  });
}

test('tells of an answer that ends too early', async (t) => {
  const hook = await startHook(t, () => ({ headers: { 'content-length': '100' }, body: '{' }));
  const error = await t.throwsAsync(callerOf(t).call({ config: { url: `https://127.0.0.1:${hook.port}/`, caBundle: hook.caBundle }, body: {}, timeoutMs: 5_000 }));
  t.is(error.message, 'unexpected error when reading response body. Please retry. Original error: unexpected EOF');
});

for (const [what, names, problem] of [
  ['without an address', [], "cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs"],
  ['of another address', ['10.0.0.1', '10.0.0.2'], 'certificate is valid for 10.0.0.1, 10.0.0.2, not 127.0.0.1'],
] as const) {
  test(`tells of a certificate ${what}, in the words of Go`, async (t) => {
    const hook = await startHook(t, () => ({ body: '{}' }), ['hook.default.svc'], names);
    const error = await t.throwsAsync(callerOf(t).call({ config: { url: `https://127.0.0.1:${hook.port}/`, caBundle: hook.caBundle }, body: {}, timeoutMs: 5_000 }));
    t.is(error.message, `Post "https://127.0.0.1:${hook.port}/?timeout=5s": tls: failed to verify certificate: x509: ${problem}`);
  });
}

test('tells of a server without TLS', async (t) => {
  const server = createPlainServer((_, answer) => answer.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void (server.close(), server.closeAllConnections()));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  t.is((await t.throwsAsync(callerOf(t).call({ config: { url }, body: {}, timeoutMs: 5_000 }))).message, `Post "${url}?timeout=5s": http: server gave HTTP response to HTTPS client`);
});
