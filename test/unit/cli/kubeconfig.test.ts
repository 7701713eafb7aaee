import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { kubeconfigFor } from '#apiserver/pki/kubeconfig.ts';
import { readKubeconfig } from '#cli/kubeconfig.ts';
import { UsageError } from '#cli/usage-error.ts';

const directory = mkdtempSync(join(tmpdir(), 'headway-kubeconfig-'));
test.after.always(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

test('what Headway writes is read back', (t) => {
  const path = file('own', kubeconfigFor({ server: 'https://127.0.0.1:6443', ca: 'CA', user: { name: 'admin', cert: 'CERT', key: 'KEY' } }));
  t.deepEqual(readKubeconfig(path), { server: 'https://127.0.0.1:6443', credentials: { ca: 'CA', cert: 'CERT', key: 'KEY' } });
});

test('the current context counts, and files are relative to the kubeconfig', (t) => {
  for (const name of ['ca.pem', 'cert.pem', 'key.pem']) file(name, name);
  const path = file('files', `
current-context: b
contexts: [{ name: a, context: { cluster: a, user: u } }, { name: b, context: { cluster: b, user: u } }]
clusters: [{ name: a, cluster: { server: 'https://a' } }, { name: b, cluster: { server: 'https://b', certificate-authority: ca.pem } }]
users: [{ name: u, user: { client-certificate: cert.pem, client-key: key.pem } }]
`);
  t.deepEqual(readKubeconfig(path), { server: 'https://b', credentials: { ca: 'ca.pem', cert: 'cert.pem', key: 'key.pem' } });
});

for (const { name, content, message } of [
  { name: 'no YAML', content: '{', message: /cannot be read as a kubeconfig/ },
  { name: 'no current context', content: 'clusters: []', message: /current context names no cluster/ },
  { name: 'a token instead of a certificate', content: 'current-context: a\ncontexts: [{ name: a, context: { cluster: a, user: u } }]\nclusters: [{ name: a, cluster: { server: s, certificate-authority-data: eA== } }]\nusers: [{ name: u, user: { token: t } }]', message: /has no client-certificate/ },
]) {
  test(`a kubeconfig with ${name} is refused`, (t) => {
    t.regex(t.throws(() => readKubeconfig(file(name, content)), { instanceOf: UsageError }).message, message);
  });
}
