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

for (const [why, headers, told] of [
  ['an empty chain', { 'x-forwarded-for': ' ' }, []],
  ['no addresses', { 'x-forwarded-for': 'garbage garbage values!' }, []],
  ['some addresses', { 'x-forwarded-for': 'garbage garbage values!,4.5.6.7' }, ['4.5.6.7']],
  ['who is connected already', { 'x-forwarded-for': '2.2.2.2,10.0.0.1' }, ['2.2.2.2']],
  ['no real address', { 'x-real-ip': 'garbage, just garbage!' }, []],
  ['a real address', { 'x-real-ip': '2.2.2.2' }, ['2.2.2.2']],
  ['a real address after a chain', { 'x-real-ip': '2.2.2.2', 'x-forwarded-for': '120.120.120.126,4.5.6.7' }, ['120.120.120.126', '4.5.6.7', '2.2.2.2']],
  ['a real address that the chain has', { 'x-real-ip': '2.2.2.2', 'x-forwarded-for': '120.120.120.126,2.2.2.2,4.5.6.7' }, ['120.120.120.126', '2.2.2.2', '4.5.6.7']],
  ['a real address that is connected', { 'x-real-ip': '10.0.0.1' }, []],
  ['addresses in another form than Go writes', { 'x-forwarded-for': '01.2.3.4, 1.2.3, 2001:DB8::1, [::2], ::ffff:4.4.4.4, fe80::1%eth0', 'x-real-ip': '2001:0db8:0::1' }, ['1.2.3.4', '2001:db8::1', '4.4.4.4']],
  ['addresses of IPv6', { 'x-forwarded-for': 'abcd:ef01:2345:6789:abcd:ef01:2345:6789,2.2.2.2' }, ['abcd:ef01:2345:6789:abcd:ef01:2345:6789', '2.2.2.2']],
] as const) {
  test(`proxies say ${why}`, (t) => {
    const exchange = { method: 'GET', url: '/', headers, socket: { remoteAddress: '10.0.0.1' } };
    t.deepEqual(new HttpOrigin(exchange as unknown as Exchange, () => {}).sourceIps(), [...told, '10.0.0.1']);
  });
}

test('a client that is gone before it was asked for leaves what proxies have said', (t) => {
  const { origin, leave } = client();
  leave();
  t.deepEqual(origin.sourceIps(), ['10.0.0.2']);
});
