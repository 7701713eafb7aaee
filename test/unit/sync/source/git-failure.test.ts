import test from 'ava';
import { failureReason } from '#sync/source/git-failure.ts';

for (const [reason, stderr] of [
  ['Unreachable', "fatal: unable to access 'https://git.example.org/a.git/': Could not resolve host: git.example.org"],
  ['Unreachable', 'ssh: connect to host git.example.org port 22: Connection refused\nfatal: Could not read from remote repository.'],
  ['Unreachable', "fatal: unable to access 'https://git.example.org/a.git/': The requested URL returned error: 503"],
  ['AccessDenied', "fatal: Authentication failed for 'https://git.example.org/a.git/'"],
  ['AccessDenied', "fatal: could not read Username for 'https://git.example.org': terminal prompts disabled"],
  ['AccessDenied', "fatal: unable to access 'https://git.example.org/a.git/': The requested URL returned error: 403"],
  ['AccessDenied', 'git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.'],
  ['AccessDenied', "remote: Repository not found.\nfatal: repository 'https://github.com/a/b.git/' not found"],
  ['HostKeyRefused', 'No ED25519 host key is known for [127.0.0.1]:2222 and you have requested strict checking.\nHost key verification failed.'],
  ['CertificateRefused', "fatal: unable to access 'https://127.0.0.1/': server certificate verification failed. CAfile: none CRLfile: none"],
  ['Redirected', "fatal: unable to access 'https://127.0.0.1/a.git/': The requested URL returned error: 301"],
  ['MirrorDamaged', 'error: object file ./objects/9d/aeafb9 is empty\nfatal: loose object 9daeafb9 is corrupt'],
  ['MirrorDamaged', 'fatal: bad object refs/heads/main'],
  ['GitFailed', 'fatal: something new'],
] as const) {
  test(`${reason}: ${stderr.slice(0, 60)}`, (t) => t.is(failureReason(stderr), reason));
}
