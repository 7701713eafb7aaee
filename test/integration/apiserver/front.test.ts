import { once } from 'node:events';
import { connect, type ClientHttp2Session } from 'node:http2';
import test from 'ava';
import { type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { https } from '#test/support/https.ts';

let plane: ControlPlane;
/** What the next requests draw. */
let drawn = 1;
test.before(async () => {
  plane = await startControlPlane({ front: { corsAllowedOrigins: ['^https://console\\.example\\.com(:|$)'], strictTransportSecurity: ['max-age=31536000', 'preload'], goAwayChance: 0.02, random: () => drawn } });
});
test.after.always(() => plane?.stop());

const ORIGIN = 'https://console.example.com:8443';
const ask = (path: string, headers: Readonly<Record<string, string>>, method = 'GET') => https({ url: `${plane.url}${path}`, ca: plane.pki.ca, method, headers });
const CORS = {
  'access-control-allow-origin': ORIGIN, 'access-control-allow-methods': 'POST, GET, OPTIONS, PUT, DELETE, PATCH', 'access-control-expose-headers': 'Date', 'access-control-allow-credentials': 'true',
  'access-control-allow-headers': 'Content-Type, Content-Length, Accept-Encoding, X-CSRF-Token, Authorization, X-Requested-With, If-Modified-Since',
};

test('a browser may ask from an origin that is allowed, and is told so before it shows credentials', async (t) => {
  const before = await ask('/api/v1/pods', { origin: ORIGIN }, 'OPTIONS');
  t.is(before.status, 204);
  t.is(before.text, '');
  t.like(before.headers, { ...CORS, 'strict-transport-security': 'max-age=31536000; preload', 'cache-control': 'no-cache, private' });
  t.truthy(before.headers['audit-id']);
  const refused = await ask('/api/v1/pods', { origin: ORIGIN, authorization: 'Bearer wrong' });
  t.is(refused.status, 401);
  t.like(refused.headers, CORS);
  t.like((await ask('/version', { origin: ORIGIN })).headers, CORS);
});

test('from other origins nothing is said of browsers, and nobody is let in without credentials', async (t) => {
  for (const origin of ['https://console.example.com.evil.org', 'https://evil.org', '']) {
    const answer = await ask('/api/v1/pods', { origin, authorization: 'Bearer wrong' }, 'OPTIONS');
    t.is(answer.status, 401, origin);
    t.false(Object.keys(answer.headers).some((name) => name.startsWith('access-control')));
    t.is(answer.headers['strict-transport-security'], 'max-age=31536000; preload');
  }
});

async function get(session: ClientHttp2Session, path: string): Promise<number> {
  const stream = session.request({ ':path': path });
  const [headers] = (await once(stream, 'response')) as [{ readonly ':status': number }];
  stream.resume();
  await once(stream, 'end');
  return headers[':status'];
}

test('a connection over HTTP/2 ends after its answer when the lot says so, and not before', async (t) => {
  const session = connect(plane.url, { ca: plane.pki.ca });
  let isTold = false;
  session.once('goaway', () => (isTold = true));
  t.is(await get(session, '/version'), 200);
  t.is(await get(session, '/livez'), 200);
  t.false(isTold);
  drawn = 0.01;
  const closed = once(session, 'close');
  t.is(await get(session, '/version'), 200);
  await closed;
  t.true(isTold);
  t.is((await ask('/version', {})).status, 200, 'a connection over HTTP/1.1 is not asked to go');
  drawn = 1;
});
