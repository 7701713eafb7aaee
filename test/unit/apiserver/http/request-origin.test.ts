import test from 'ava';
import type { Exchange } from '#apiserver/http/exchange.ts';
import { HttpOrigin } from '#apiserver/http/request-origin.ts';

/** As node:http2 has it: its socket throws whatever it is asked once the session has ended. */
function client() {
  let isGone = false;
  const socket = {
    get remoteAddress(): string {
      if (isGone) throw new Error('ERR_HTTP2_SOCKET_UNBOUND');
      return '10.0.0.1';
    },
  };
  const origin = new HttpOrigin({ method: 'GET', url: '/', headers: { 'x-forwarded-for': '10.0.0.2' }, socket } as unknown as Exchange, () => {});
  return { origin, leave: () => void (isGone = true) };
}

test('where a request came from is still known when the client is gone', (t) => {
  const { origin, leave } = client();
  t.deepEqual(origin.sourceIps(), ['10.0.0.2', '10.0.0.1']);
  leave();
  t.deepEqual(origin.sourceIps(), ['10.0.0.2', '10.0.0.1']);
});

test('a client that is gone before it was asked for leaves what proxies have said', (t) => {
  const { origin, leave } = client();
  leave();
  t.deepEqual(origin.sourceIps(), ['10.0.0.2']);
});
