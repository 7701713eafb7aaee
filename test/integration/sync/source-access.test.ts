import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { startGitServer } from '#test/support/git-server.ts';
import { startSshServer } from '#test/support/ssh-server.ts';
import { startSourceBench } from '#test/support/tracked-source.ts';
import { waitFor } from '#test/support/wait.ts';

test('https: a certificate that nobody vouches for, missing, wrong and right credentials', async (t) => {
  const server = await startGitServer(t);
  const { url, commit } = await server.create();
  const head = commit({ 'a.yaml': '1' });
  server.setCredentials({ username: 'ada', password: 's3cret-word', bearerToken: 't0ken-word' });
  const { secrets, track } = await startSourceBench(t);
  const ca = { 'ca.crt': server.caPem };
  for (const [name, data, reason] of [
    ['none', undefined, 'SecretNotFound'],
    ['empty', {}, 'InvalidCredentials'],
    ['no-ca', { username: 'ada', password: 's3cret-word' }, 'CertificateRefused'],
    ['only-ca', ca, 'AccessDenied'],
    ['wrong', { ...ca, username: 'ada', password: 'wr0ng-word' }, 'AccessDenied'],
    ['both', { ...ca, password: 's3cret-word', bearerToken: 't0ken-word' }, 'InvalidCredentials'],
  ] as const) {
    if (data) secrets.set(name, data);
    const { message } = await track({ url, secret: name }).fails(reason);
    t.notRegex(message, /s3cret|wr0ng|t0ken/, name);
  }
  for (const [name, data] of [['basic', { ...ca, username: 'ada', password: 's3cret-word\n' }], ['bearer', { ...ca, bearerToken: 't0ken-word' }]] as const) {
    secrets.set(name, data);
    await track({ url, secret: name }).reaches(head);
  }
  t.pass();
});

test('https: revoked credentials are an error and the last commit stays; new ones count at the next look', async (t) => {
  const server = await startGitServer(t);
  const { url, commit } = await server.create();
  const first = commit({ 'a.yaml': '1' });
  server.setCredentials({ username: 'ada', password: 'one' });
  const { secrets, track, cacheDir } = await startSourceBench(t);
  secrets.set('git', { 'ca.crt': server.caPem, username: 'ada', password: 'one' });
  const tracked = track({ url, secret: 'git' });
  await tracked.reaches(first);
  server.setCredentials({ username: 'ada', password: 'two' });
  const second = commit({ 'a.yaml': '2' });
  tracked.tracker.look();
  await tracked.fails('AccessDenied');
  t.is(tracked.tracker.current?.revision, first);
  secrets.set('git', { 'ca.crt': server.caPem, username: 'ada', password: 'two' });
  tracked.tracker.look();
  await tracked.reaches(second);
  t.is(readdirSync(cacheDir).filter((name) => name.endsWith('.git')).length, 1, 'no second mirror for new credentials');
});

test('credentials are in no argument and in no file that others may read', async (t) => {
  const server = await startGitServer(t);
  const { url, commit } = await server.create();
  const head = commit({ 'a.yaml': '1' });
  server.setCredentials({ username: 'ada', password: 's3cret-word' });
  const { secrets, track, cacheDir } = await startSourceBench(t);
  secrets.set('git', { 'ca.crt': server.caPem, username: 'ada', password: 's3cret-word' });
  const tracked = track({ url, secret: 'git', pollIntervalMs: 1 });
  await tracked.reaches(head);
  let seen = 0;
  await waitFor(() => {
    const commands = commandLines();
    seen += commands.filter((line) => line.includes('ls-remote')).length;
    t.false(commands.some((line) => line.includes('s3cret-word') || line.includes(Buffer.from('ada:s3cret-word').toString('base64'))));
    return seen > 0;
  }, { what: 'a git process that could have shown them', intervalMs: 1 });
  t.is(statSync(join(cacheDir, 'keys')).mode & 0o077, 0);
  t.false(readFileSync(join(cacheDir, readdirSync(cacheDir).find((name) => name.endsWith('.git')) ?? '', 'config'), 'utf8').includes('s3cret'));
});

test('ssh: a key, a strict check of the host, and what to do without known_hosts', async (t) => {
  const server = await startGitServer(t);
  const ssh = await startSshServer(t);
  const { directory, commit } = await server.create();
  const head = commit({ 'a.yaml': '1' });
  const { secrets, track } = await startSourceBench(t);
  const url = ssh.url(directory);
  secrets.set('good', { identity: ssh.identity.trim(), known_hosts: ssh.knownHosts });
  secrets.set('no-known-hosts', { identity: ssh.identity });
  secrets.set('other-host', { identity: ssh.identity, known_hosts: `[127.0.0.1]:${ssh.port} ${ssh.stranger.publicKey}` });
  secrets.set('unknown-host', { identity: ssh.identity, known_hosts: 'example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl' });
  secrets.set('no-key', { identity: 'secret', known_hosts: ssh.knownHosts });
  secrets.set('stranger', { identity: ssh.stranger.identity, known_hosts: ssh.knownHosts });
  const { message } = await track({ url, secret: 'no-known-hosts' }).fails('KnownHostsMissing');
  t.regex(message, /ssh-keyscan -p \d+ 127\.0\.0\.1/);
  await track({ url, secret: 'other-host' }).fails('HostKeyRefused');
  await track({ url, secret: 'unknown-host' }).fails('HostKeyRefused');
  await track({ url, secret: 'no-key' }).fails('InvalidCredentials');
  await track({ url, secret: 'stranger' }).fails('AccessDenied');
  const tracked = track({ url, secret: 'good' });
  await tracked.reaches(head);
  const second = commit({ 'a.yaml': '2' });
  tracked.tracker.look();
  await tracked.reaches(second);
});

/** Of all processes that are there at this moment. */
function commandLines(): readonly string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((pid) => {
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
    } catch {
      return [];
    }
  });
}
