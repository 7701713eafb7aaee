import { createHmac } from 'node:crypto';
import { Agent, request } from 'node:http';
import test from 'ava';
import { ROOT_NAME, ROOT_NAMESPACE } from '#sync/bootstrap.ts';
import { config, exchanges, startRemoteSyncBench } from '#test/support/remote-sync-bench.ts';
import { waitFor } from '#test/support/wait.ts';

const FLOOD = 10_000;
const CONNECTIONS = 64;
/** Of this process, which is both sides: far more than a request each way costs, far less than to keep them. */
const MAX_GROWTH_BYTES = 192 * 1024 * 1024;
const BODY = JSON.stringify({ ref: 'refs/heads/main', pad: ' '.repeat(2000) });

interface Post {
  readonly agent: Agent;
  readonly port: number;
  readonly token: string;
  readonly repository?: string;
}

function post({ agent, port, token, repository = ROOT_NAME }: Post): Promise<number> {
  const headers = { 'content-type': 'application/json', 'content-length': BODY.length, 'x-github-event': 'push', 'x-hub-signature-256': `sha256=${createHmac('sha256', token).update(BODY).digest('hex')}` };
  return new Promise((resolve, reject) => {
    request({ agent, port, host: '127.0.0.1', path: `/hooks/${ROOT_NAMESPACE}/${repository}`, method: 'POST', headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    }).once('error', reject).end(BODY);
  });
}

/** Sends all of them, so many at a time as there are connections; how often each answer came. */
async function flood(count: number, send: (i: number) => Promise<number>): Promise<Readonly<Record<number, number>>> {
  const answers: Record<number, number> = {};
  let next = 0;
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    while (next < count) {
      const code = await send(next++);
      answers[code] = (answers[code] ?? 0) + 1;
    }
  }));
  return answers;
}

test(`${FLOOD} forged and ${FLOOD} valid webhooks leave memory and exchanges bounded, and a sync goes on`, async (t) => {
  t.timeout(180_000);
  const bench = await startRemoteSyncBench(t, { webhook: { secretRef: { name: 'hook' } } });
  const { server, served, webhookPort: port } = bench;
  await bench.setSecret('hook', { token: 'word' });
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  t.teardown(() => agent.destroy());
  await waitFor(async () => (await post({ agent, port, token: 'word' }).catch(() => 0)) === 202, { what: 'the port, and the token', timeoutMs: 20_000 });
  await flood(500, () => post({ agent, port, token: 'wr0ng' }));
  await waitFor(() => exchanges(server) > 1, { what: 'the first push to be looked at' });
  const rss = process.memoryUsage().rss;

  const quiet = exchanges(server);
  const forged = flood(FLOOD, (i) => post({ agent, port, token: 'wr0ng', ...(i % 2 === 0 ? {} : { repository: `unknown-${i}` }) }));
  const second = served.commit({ 'apps/one.yaml': config('one', '2') });
  await bench.setSpec({ pollInterval: '1s' });
  await bench.synced(second);
  t.deepEqual(await forged, { 401: FLOOD });
  await bench.setSpec({ pollInterval: '1h' });

  const before = exchanges(server);
  const valid = flood(FLOOD, () => post({ agent, port, token: 'word' }));
  const third = served.commit({ 'apps/one.yaml': config('one', '3') });
  await bench.synced(third);
  t.deepEqual(await valid, { 202: FLOOD });
  const asked = exchanges(server) - before;
  t.is(server.mostAtOnce(), 1, 'one exchange at a time');
  t.true(asked <= FLOOD / 10, `${asked} exchanges for ${FLOOD} pushes`);
  const grown = process.memoryUsage().rss - rss;
  t.true(grown < MAX_GROWTH_BYTES, `${Math.round(grown / 2 ** 20)} MiB more`);
  t.log(`forged: ${before - quiet} exchanges (by poll); valid: ${asked}; ${Math.round(grown / 2 ** 20)} MiB more`);

  const metrics = bench.metrics();
  const counted = (labels: string): number => Number(new RegExp(`^headway_webhook_requests_total\\{${labels}\\} (\\d+)$`, 'm').exec(metrics)?.[1]);
  t.true(counted('result="refused",reason="Unauthenticated"') >= FLOOD);
  t.true(counted('result="accepted",reason="Push"') >= FLOOD);
  t.true(metrics.split('\n').length < 12, 'names that strangers choose are no labels');
});
