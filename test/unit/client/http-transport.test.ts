import 'reflect-metadata';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session, type ServerHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import * as x509 from '@peculiar/x509';
import test from 'ava';
import { PODS } from '#api/resources.ts';
import { isStatus, StatusError } from '#api/status-error.ts';
import { createClient } from '#client/create-client.ts';
import { ApiUnreachableError } from '#client/errors.ts';
import { httpTransport } from '#client/http-transport.ts';

interface Identity { readonly cert: string; readonly key: string }
type Handler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

async function identity(): Promise<Identity> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01', name: 'CN=test', notBefore: new Date(0), notAfter: new Date(Date.now() + 3_600_000), signingAlgorithm: algorithm, keys,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }]), new x509.BasicConstraintsExtension(true)],
  });
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  return { cert: cert.toString('pem'), key: `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----` };
}

function listen(id: Identity, port: number, handler: Handler) {
  const server: Http2SecureServer = createSecureServer(id);
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.on('error', () => {});
  });
  server.on('stream', handler);
  return new Promise<{ port: number; sessions: Set<ServerHttp2Session>; stop(): Promise<void> }>((resolve) => {
    server.listen(port, '127.0.0.1', () =>
      resolve({
        port: (server.address() as AddressInfo).port,
        sessions,
        stop: () => new Promise((done) => {
          for (const session of sessions) session.destroy();
          server.close(() => done());
        }),
      }),
    );
  });
}

const json = (stream: ServerHttp2Stream, status: number, body: unknown): void => {
  stream.respond({ ':status': status, 'content-type': 'application/json' });
  stream.end(JSON.stringify(body));
};
const pod = (name: string): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name } });

test('sends the query, body, token and user agent, and decodes the answer', async (t) => {
  const id = await identity();
  let seen: IncomingHttpHeaders = {};
  const server = await listen(id, 0, (stream, headers) => {
    seen = headers;
    json(stream, 200, pod('a'));
  });
  const transport = httpTransport({ server: `https://127.0.0.1:${server.port}`, ca: id.cert, token: () => 'secret', userAgent: 'agent/1' });
  t.teardown(async () => {
    transport.close();
    await server.stop();
  });
  const answer = await createClient(transport).patch(PODS, { namespace: 'default', name: 'a/b' }, { type: 'merge', body: {} }, { fieldManager: 'me' });
  t.is(answer.metadata.name, 'a');
  t.is(seen[':path'], '/api/v1/namespaces/default/pods/a%2Fb?fieldManager=me');
  t.is(seen['content-type'], 'application/merge-patch+json');
  t.is(seen.authorization, 'Bearer secret');
  t.is(seen['user-agent'], 'agent/1');
});

test('a failure is a StatusError, also of a watch', async (t) => {
  const id = await identity();
  const server = await listen(id, 0, (stream) => json(stream, 410, new StatusError('Expired', 'too old').data.status));
  const transport = httpTransport({ server: `https://127.0.0.1:${server.port}`, ca: id.cert, userAgent: 'x' });
  t.teardown(async () => {
    transport.close();
    await server.stop();
  });
  const client = createClient(transport);
  t.true(isStatus(await t.throwsAsync(client.get(PODS, { name: 'a', namespace: 'b' })), 'Expired'));
  const watching = client.watch(PODS, {})[Symbol.asyncIterator]();
  t.true(isStatus(await t.throwsAsync(watching.next()), 'Expired'));
});

test('a watch yields events as lines arrive, whatever the chunks, and an abort ends it', async (t) => {
  const id = await identity();
  const line = `${JSON.stringify({ type: 'ADDED', object: pod('é') })}\n`;
  const server = await listen(id, 0, (stream) => {
    stream.on('error', () => {});
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    for (const byte of Buffer.from(line)) stream.write(Buffer.from([byte]));
    stream.write(line + line);
  });
  const transport = httpTransport({ server: `https://127.0.0.1:${server.port}`, ca: id.cert, userAgent: 'x' });
  t.teardown(async () => {
    transport.close();
    await server.stop();
  });
  const stop = new AbortController();
  const names: string[] = [];
  await t.throwsAsync(async () => {
    for await (const event of createClient(transport).watch(PODS, { signal: stop.signal })) {
      names.push(event.object.metadata.name);
      if (names.length === 3) stop.abort(new Error('enough'));
    }
  }, { message: 'enough' });
  t.deepEqual(names, ['é', 'é', 'é']);
});

test('after the server was restarted, a broken watch rejects and the next call succeeds', async (t) => {
  const id = await identity();
  const handler: Handler = (stream, headers) => {
    stream.on('error', () => {});
    if (headers[':path']?.includes('watch=true')) {
      stream.respond({ ':status': 200, 'content-type': 'application/json' });
      stream.write(`${JSON.stringify({ type: 'ADDED', object: pod('a') })}\n`);
    } else json(stream, 200, pod('b'));
  };
  const first = await listen(id, 0, handler);
  const transport = httpTransport({ server: `https://127.0.0.1:${first.port}`, ca: id.cert, userAgent: 'x' });
  const client = createClient(transport);
  const watching = client.watch(PODS, {})[Symbol.asyncIterator]();
  t.is((await watching.next()).value?.object.metadata.name, 'a');
  await first.stop();
  await t.throwsAsync(watching.next(), { instanceOf: ApiUnreachableError });
  await t.throwsAsync(client.get(PODS, { name: 'b' }), { instanceOf: ApiUnreachableError });
  const second = await listen(id, first.port, handler);
  t.teardown(async () => {
    transport.close();
    await second.stop();
  });
  t.is((await client.get(PODS, { name: 'b' })).metadata.name, 'b');
});

test('a graceful GOAWAY moves new calls to a new session', async (t) => {
  const id = await identity();
  const server = await listen(id, 0, (stream) => json(stream, 200, pod('a')));
  const transport = httpTransport({ server: `https://127.0.0.1:${server.port}`, ca: id.cert, userAgent: 'x' });
  t.teardown(async () => {
    transport.close();
    await server.stop();
  });
  const client = createClient(transport);
  await client.get(PODS, { name: 'a' });
  for (const session of server.sessions) session.close();
  t.is((await client.get(PODS, { name: 'a' })).metadata.name, 'a');
});

test('a call that is not answered in time rejects', async (t) => {
  const id = await identity();
  const server = await listen(id, 0, (stream) => void stream.on('error', () => {}));
  const transport = httpTransport({ server: `https://127.0.0.1:${server.port}`, ca: id.cert, userAgent: 'x', requestTimeoutMs: 50 });
  t.teardown(async () => {
    transport.close();
    await server.stop();
  });
  await t.throwsAsync(createClient(transport).get(PODS, { name: 'a' }), { instanceOf: ApiUnreachableError, message: /no answer within 50 ms/ });
});

test('answers are whole under load, however head, body and end fall into reads', async (t) => {
  const id = await identity();
  const server = await listen(id, 0, (stream, headers) => json(stream, 200, pod(String(headers[':path']).split('/').at(-1) ?? '')));
  t.teardown(() => server.stop());
  const transport = httpTransport({ server: `https://127.0.0.1:${server.port}`, ca: id.cert, userAgent: 'test' });
  t.teardown(() => transport.close());
  const client = createClient(transport);
  const names = Array.from({ length: 2_000 }, (_, i) => `pod-${i}`);
  const queue = names.values();
  const seen: string[] = [];
  await Promise.all(Array.from({ length: 64 }, async () => {
    for (const name of queue) {
      seen.push((await client.get(PODS, { namespace: 'n', name })).metadata.name);
      // A busy process reads late.
      if (seen.length % 50 === 0) for (const end = performance.now() + 5; performance.now() < end;);
    }
  }));
  t.deepEqual(seen.toSorted(), names.toSorted());
});

test('integers that a double cannot hold are read exactly, in answers and in watches', async (t) => {
  const text = '{"metadata":{"name":"a","generation":9007199254740993}}';
  const id = await identity();
  const server = await listen(id, 0, (stream, headers) => {
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    stream.end(headers[':path']?.includes('watch=') ? `{"type":"ADDED","object":${text}}\n` : text);
  });
  t.teardown(() => server.stop());
  const transport = httpTransport({ server: `https://127.0.0.1:${server.port}`, ca: id.cert, userAgent: 't' });
  t.teardown(() => transport.close());
  t.is(JSON.stringify((await transport.request({ method: 'GET', path: '/x' })).body), text);
  for await (const { object } of transport.watch({ method: 'GET', path: '/x', query: { watch: 'true' } })) {
    t.is(JSON.stringify(object), text);
    break;
  }
});
