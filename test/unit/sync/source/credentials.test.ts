import test from 'ava';
import { SourceError } from '#sync/errors.ts';
import { readCredentials } from '#sync/source/credentials.ts';
import { hostOf } from '#sync/source/source-url.ts';

const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\r\nc2VjcmV0\r\n-----END OPENSSH PRIVATE KEY-----';
const HTTPS = { secret: 'default/git', protocols: 'https', at: { host: 'git.example.org' } } as const;
const SSH = { ...HTTPS, protocols: 'ssh' } as const;

test('what a Secret holds becomes what git needs', (t) => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  t.deepEqual(readCredentials({ username: 'ada', password: 'word\n' }, HTTPS), { type: 'https', authorization: basic('ada:word') });
  t.deepEqual(readCredentials({ password: 'word' }, HTTPS), { type: 'https', authorization: basic('git:word') });
  t.deepEqual(readCredentials({ bearerToken: 'abc' }, HTTPS), { type: 'https', authorization: 'Bearer abc' });
  t.deepEqual(readCredentials({ 'ca.crt': '-----BEGIN CERTIFICATE-----' }, HTTPS), { type: 'https', ca: '-----BEGIN CERTIFICATE-----\n' });
  t.deepEqual(readCredentials({ identity: KEY, known_hosts: 'git.example.org ssh-ed25519 AAAA' }, SSH), { type: 'ssh', identity: `${KEY.replaceAll('\r', '')}\n`, knownHosts: 'git.example.org ssh-ed25519 AAAA\n' });
});

for (const [url, at] of [
  ['git@git.example.org:team/shop.git', { host: 'git.example.org' }], ['ssh://git@git.example.org:2222/shop', { host: 'git.example.org', port: '2222' }],
  ['ssh://git@[::1]:22/shop', { host: '::1', port: '22' }], ['https://ada:word@git.example.org/shop', { host: 'git.example.org' }],
] as const) {
  test(`the host of ${url}`, (t) => t.deepEqual<object, object>(hostOf(url), at));
}

for (const [reason, data, where, message] of [
  ['InvalidCredentials', {}, HTTPS, /none of username and password, bearerToken, ca\.crt/],
  ['InvalidCredentials', { username: 'ada' }, HTTPS, /username but no password/],
  ['InvalidCredentials', { username: 'a:b', password: 'x' }, HTTPS, /colon/],
  ['InvalidCredentials', { password: 'x', bearerToken: 'y' }, HTTPS, /both/],
  ['InvalidCredentials', { bearerToken: 'hush\r\nX-Other: 1' }, HTTPS, /control characters in bearerToken/],
  ['InvalidCredentials', { 'ca.crt': 'hush' }, HTTPS, /no PEM certificate in ca\.crt/],
  ['InvalidCredentials', { password: 'x' }, SSH, /no identity/],
  ['InvalidCredentials', { identity: 'hush', known_hosts: 'x' }, SSH, /no private key in identity/],
  ['KnownHostsMissing', { identity: KEY }, SSH, /ssh-keyscan git\.example\.org/],
] as const) {
  test(`refused: ${message}`, (t) => {
    const error = t.throws(() => readCredentials(data, where), { instanceOf: SourceError, message });
    t.is(error.data.reason, reason);
    t.notRegex(error.message, /hush/);
  });
}
