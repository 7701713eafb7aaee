import { createHmac } from 'node:crypto';
import { type ClientRequest, request, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { createWebhookServer } from '#sync/source/webhook/webhook-server.ts';
import { waitFor } from '#test/support/wait.ts';

const MEBIBYTE = 2 ** 20;
const SIGNED = { 'x-hub-signature-256': 'sha256=00' };

async function start(t: ExecutionContext) {
  const told: string[] = [];
  const server = createWebhookServer({
    tokenOf: (key) => (key === 'a/broken' ? Promise.reject(new Error('no API')) : Promise.resolve(key === 'a/b' ? 'word' : undefined)),
    onPush: (key, refs) => told.push(`push ${key} ${refs.join()}`), onRefused: (key) => told.push(`refused ${key}`), onAnswer: (outcome) => told.push(outcome),
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  /** Begins a request; what it sends further is the test's. */
  const begin = (headers: OutgoingHttpHeaders, { path = '/hooks/a/b', method = 'POST' } = {}): { readonly sent: ClientRequest; readonly code: Promise<number> } => {
    const sent = request({ host: '127.0.0.1', port: (server.address() as AddressInfo).port, path, method, headers, agent: false });
    const code = new Promise<number>((resolve, reject) => {
      sent.once('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      }).once('error', reject);
    });
    // Tests go away before an answer comes, too.
    code.catch(() => undefined);
    sent.flushHeaders();
    return { sent, code };
  };
  return { told, begin };
}

for (const [name, headers, path, method, code, outcomes] of [
  ['that shows nothing', { 'content-length': 1000 }, '/hooks/a/b', 'POST', 401, ['refused a/b', 'Unauthenticated']],
  ['that shows nothing, for a repository that is not there', { 'content-length': 1000 }, '/hooks/a/c', 'POST', 401, ['refused a/c', 'Unauthenticated']],
  ['that is too large', { ...SIGNED, 'content-length': MEBIBYTE + 1 }, '/hooks/a/b', 'POST', 413, ['TooLarge']],
  ['to another path', { 'content-length': 1000 }, '/other', 'POST', 404, ['NotFound']],
  ['by another method', { ...SIGNED, 'content-length': 1000 }, '/hooks/a/b', 'PUT', 405, ['NotFound']],
] as const) {
  test(`a request ${name} is answered before its body is sent`, async (t) => {
    const { told, begin } = await start(t);
    const { sent, code: answered } = begin(headers, { path, method });
    t.is(await answered, code);
    t.deepEqual(told, outcomes);
    sent.destroy();
  });
}

test('a body without declared length is cut off at the limit', async (t) => {
  const { told, begin } = await start(t);
  const { sent, code } = begin({ ...SIGNED, 'transfer-encoding': 'chunked' });
  sent.write(Buffer.alloc(MEBIBYTE + 1));
  t.is(await code, 413);
  t.deepEqual(told, ['TooLarge']);
  sent.destroy();
});

test('bodies of strangers are held up to a bound of all together, and room that was left is used again', async (t) => {
  const { told, begin } = await start(t);
  const open = Array.from({ length: 24 }, () => begin({ ...SIGNED, 'content-length': MEBIBYTE }));
  for (const { sent } of open) sent.write(Buffer.alloc(MEBIBYTE - 1));
  await waitFor(() => told.filter((outcome) => outcome === 'Busy').length >= 8, { what: 'the bound to be reached' });
  for (const { sent } of open) sent.destroy();
  const body = JSON.stringify({ ref: 'refs/heads/main' });
  const send = (): Promise<number> => {
    const { sent, code } = begin({ 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${createHmac('sha256', 'word').update(body).digest('hex')}`, 'content-length': body.length });
    sent.end(body);
    return code;
  };
  await waitFor(async () => (await send()) === 202, { what: 'room for a valid one' });
  t.true(told.includes('push a/b refs/heads/main'));
});

test('a token that cannot be read now is no refusal', async (t) => {
  const { told, begin } = await start(t);
  const { sent, code } = begin({ ...SIGNED, 'content-length': 2 }, { path: '/hooks/a/broken' });
  sent.end('{}');
  t.is(await code, 503);
  t.deepEqual(told, ['Unavailable']);
});
