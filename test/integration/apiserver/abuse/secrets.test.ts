import { connect } from 'node:http2';
import test from 'ava';
import { WebSocket } from 'ws';
import type { Logger } from '#base/logger.ts';
import { AuditLines, auditPolicy } from '#test/support/audit-lines.ts';
import { ADMIN, startControlPlane } from '#test/support/control-plane.ts';
import { https } from '#test/support/https.ts';
import { waitFor } from '#test/support/wait.ts';

const SECRET = 'sesam-oeffne-dich';
/** However a parameter's name is written. */
const QUERIES = [`access_token=${SECRET}`, `token=${SECRET}`, `x=1&ID_TOKEN=${SECRET}`, `acc%65ss_token=${SECRET}`, `watch=true&timeoutSeconds=1&token=${SECRET}`, `limit=many&token=${SECRET}`];
const PATHS = ['/api/v1/namespaces', '/version', '/none', '/api/v1/namespaces/%zz/pods', '/api/v1/namespaces/default/pods/a/log', '/api/v1/namespaces/default/pods/a/proxy/x', '/apis/none.example.org/v1/things'];

test('a token in a URL or a header is never logged nor recorded', async (t) => {
  const lines: string[] = [];
  const line = (message: string, fields?: object): void => void lines.push(JSON.stringify([message, fields], (_, value: unknown) => (value instanceof Error ? `${value.stack} ${JSON.stringify(value)}` : value)));
  const log: Logger = { debug: line, info: line, warn: line, error: line, child: () => log };
  const sink = new AuditLines();
  const plane = await startControlPlane({ log, audit: { policy: auditPolicy('RequestResponse'), sink } });
  t.teardown(() => plane.stop());
  const tls = { ca: plane.pki.ca, ...plane.pki.admin };
  for (const path of PATHS) {
    for (const query of QUERIES) {
      await https({ url: `${plane.url}${path}?${query}`, ...tls });
      await https({ url: `${plane.url}${path}?${query}`, ca: plane.pki.ca, headers: { authorization: `Bearer ${SECRET}` } });
      await plane.server.handle({ method: 'GET', path, query: { token: SECRET } }, ADMIN);
    }
  }
  const socket = new WebSocket(`${plane.url.replace('https', 'wss')}/api/v1/namespaces/default/pods/a/exec?token=${SECRET}`, ['v5.channel.k8s.io', `base64url.bearer.authorization.k8s.io.${Buffer.from(SECRET).toString('base64url')}`], { ca: plane.pki.ca });
  await new Promise<void>((resolve) => void socket.on('error', () => resolve()));
  const session = connect(plane.url, tls);
  t.teardown(() => session.destroy());
  await new Promise<void>((resolve) => void session.request({ ':path': `/api/v1/pods?access_token=${SECRET}` }).on('close', () => resolve()).resume());
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: SECRET } };
  await https({ url: `${plane.url}/apis/authentication.k8s.io/v1/tokenreviews`, method: 'POST', ...tls, body: review });
  await waitFor(() => sink.events.some((e) => e.requestURI?.startsWith('/api/v1/pods?') && e.stage === 'ResponseComplete'), { what: 'the last event' });
  const recorded = JSON.stringify(sink.events);
  t.true(sink.events.length > 2 * PATHS.length * QUERIES.length);
  for (const hidden of [SECRET, Buffer.from(SECRET).toString('base64'), Buffer.from(SECRET).toString('base64url')]) {
    t.false(recorded.includes(hidden), sink.events.map((e) => JSON.stringify(e)).find((e) => e.includes(hidden)));
    t.deepEqual(lines.filter((text) => text.includes(hidden)), []);
  }
});
