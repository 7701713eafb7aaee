import test from 'ava';
import { SourceError } from '#sync/errors.ts';
import { readCredentials } from '#sync/source/credentials.ts';

const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----\r\nc2VjcmV0\r\n-----END OPENSSH PRIVATE KEY-----';
const HTTPS = { secret: 'default/git', protocols: 'https', host: 'git.example.org' } as const;
const SSH = { ...HTTPS, protocols: 'ssh' } as const;

test('what a Secret holds becomes what git needs', (t) => {
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  t.deepEqual(readCredentials({ username: 'ada', password: 'word\n' }, HTTPS), { type: 'https', authorization: basic('ada:word') });
  t.deepEqual(readCredentials({ password: 'word' }, HTTPS), { type: 'https', authorization: basic('git:word') });
  t.deepEqual(readCredentials({ bearerToken: 'abc' }, HTTPS), { type: 'https', authorization: 'Bearer abc' });
  t.deepEqual(readCredentials({ 'ca.crt': '-----BEGIN CERTIFICATE-----' }, HTTPS), { type: 'https', ca: '-----BEGIN CERTIFICATE-----\n' });
  t.deepEqual(readCredentials({ identity: KEY, known_hosts: 'git.example.org ssh-ed25519 AAAA' }, SSH), { type: 'ssh', identity: `${KEY.replaceAll('\r', '')}\n`, knownHosts: 'git.example.org ssh-ed25519 AAAA\n' });
});

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
