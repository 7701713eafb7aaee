import test from 'ava';
import { webRequest, type WebRequest } from '#sync/web/web-request.ts';
import { startHttpServer, startHttpsServer, startProxy } from '#test/support/web-server.ts';

const NO_PROXIES = {};

const ask = (request: Partial<WebRequest> & { readonly url: string }) => webRequest({ headers: {}, signal: new AbortController().signal, timeoutMs: 20_000, maxBytes: 1000, environment: NO_PROXIES, ...request });

test('method, headers and body arrive; status, headers and body come back', async (t) => {
  const url = await startHttpServer(t, (request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => { body += chunk.toString(); }).on('end', () => response.writeHead(201, { 'x-a': '1' }).end(`${request.method} ${request.url} ${request.headers['x-b']} ${request.headers['content-length']} ${body}`));
  });
  const { status, headers, body } = await ask({ url: `${url}/p?q`, method: 'POST', headers: { 'x-b': '2' }, body: 'ü' });
  t.deepEqual([status, headers.get('x-a'), body.toString()], [201, '1', 'POST /p?q 2 2 ü']);
});

test('https goes through the tunnel of the proxy, whose end is checked as without one', async (t) => {
  const { url, ca } = await startHttpsServer(t, (_request, response) => response.end('there'));
  const { url: proxyUrl, asked } = await startProxy(t, Number(new URL(url).port));
  const environment = { HTTPS_PROXY: proxyUrl.replace('http://', 'http://ada:word@') };
  t.is((await ask({ url: 'https://web.test/', ca, environment })).body.toString(), 'there');
  t.deepEqual(asked, [`CONNECT web.test:443 Basic ${Buffer.from('ada:word').toString('base64')}`]);
  await t.throwsAsync(ask({ url: 'https://web.test/', environment }), { message: /certificate/ });
  await t.throwsAsync(ask({ url: 'https://other.test/', ca, environment }), { message: /altnames/ });
});

test('http goes to the proxy as a whole URL; NO_PROXY and small letters count', async (t) => {
  const url = await startHttpServer(t, (_request, response) => response.end('direct'));
  const { url: proxyUrl, asked } = await startProxy(t, 1);
  t.is((await ask({ url: 'http://web.test/a', environment: { http_proxy: proxyUrl } })).body.toString(), 'by proxy');
  t.deepEqual(asked, ['GET http://web.test/a']);
  for (const name of ['NO_PROXY', 'no_proxy']) t.is((await ask({ url, environment: { HTTP_PROXY: proxyUrl, [name]: 'web.test,127.0.0.1' } })).body.toString(), 'direct');
});

test('a proxy that is away is an error without its credentials', async (t) => {
  const error = await t.throwsAsync(ask({ url: 'https://web.test/', environment: { https_proxy: 'http://ada:s3cret@127.0.0.1:1' } }));
  t.regex(error?.message ?? '', /ECONNREFUSED/);
  t.notRegex(error?.message ?? '', /s3cret/);
});

test('redirections are followed as often as is said, and credentials stay at their origin', async (t) => {
  const seen: (string | undefined)[] = [];
  const other = await startHttpServer(t, (request, response) => {
    seen.push(request.headers.authorization);
    response.end('arrived');
  });
  const url = await startHttpServer(t, (request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(302, { location: request.url === '/1' ? '/2' : other }).end();
  });
  const headers = { authorization: 'Bearer word' };
  t.is((await ask({ url: `${url}/1`, headers, maxRedirects: 2 })).body.toString(), 'arrived');
  t.deepEqual(seen, ['Bearer word', 'Bearer word', undefined]);
  t.is((await ask({ url: `${url}/1`, headers, maxRedirects: 1 })).status, 302);
  t.is((await ask({ url: `${url}/1`, headers })).status, 302);
});

test('no redirection leads away from https', async (t) => {
  const plain = await startHttpServer(t, (_request, response) => response.end());
  const { url, ca } = await startHttpsServer(t, (_request, response) => response.writeHead(301, { location: plain }).end());
  await t.throwsAsync(ask({ url, ca, maxRedirects: 5 }), { message: /from https to http/ });
});

test('an answer that is too large, that does not come, or that nobody wants any more', async (t) => {
  const url = await startHttpServer(t, (request, response) => { if (request.url === '/large') response.end(Buffer.alloc(1001)); });
  await t.throwsAsync(ask({ url: `${url}/large` }), { message: 'the answer has more than 1000 bytes' });
  await t.throwsAsync(ask({ url, timeoutMs: 50 }), { message: 'no answer within 0.05 s' });
  const abort = new AbortController();
  const asked = ask({ url, signal: abort.signal });
  abort.abort(new Error('no longer wanted'));
  await t.throwsAsync(asked, { message: 'no longer wanted' });
});
