import test from 'ava';
import { statusApi } from '#sync/report/status-api.ts';
import type { StatusApi } from '#sync/report/status-format.ts';
import { StatusClient } from '#sync/report/status-client.ts';
import { startHttpsServer, startProxy } from '#test/support/web-server.ts';

const OUTCOME = { revision: 'a'.repeat(40), context: 'headway/default/shop', state: 'success', description: '3 objects applied and healthy' } as const;
const { signal } = new AbortController();
const clientOf = (ca: string): StatusClient => new StatusClient({ api: statusApi('https://web.test/acme/shop.git', { provider: 'Gitea' }) as StatusApi, token: 'word', ca, now: () => 0 });

test.serial('a provider is reached by the proxy of the environment, and one whose proxy is away is asked later', async (t) => {
  const bodies: string[] = [];
  const { url, ca } = await startHttpsServer(t, (request, response) => {
    let body = `${request.url} ${request.headers.authorization} `;
    request.on('data', (chunk: Buffer) => { body += chunk.toString(); }).on('end', () => {
      bodies.push(body);
      response.writeHead(201).end('{}');
    });
  });
  const proxy = await startProxy(t, Number(new URL(url).port));
  t.teardown(() => delete process.env['HTTPS_PROXY']);
  process.env['HTTPS_PROXY'] = proxy.url;
  t.deepEqual(await clientOf(ca).write(OUTCOME, signal), { type: 'done' });
  t.deepEqual(proxy.asked, ['CONNECT web.test:443']);
  t.deepEqual(bodies, [`/api/v1/repos/acme/shop/statuses/${OUTCOME.revision} token word ${JSON.stringify({ context: OUTCOME.context, state: 'success', description: OUTCOME.description })}`]);
  process.env['HTTPS_PROXY'] = 'http://127.0.0.1:1';
  t.like(await clientOf(ca).write(OUTCOME, signal), { type: 'later', why: 'connect ECONNREFUSED 127.0.0.1:1' });
});
