import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import test, { type ExecutionContext } from 'ava';
import { DecryptionError } from '#sync/secrets/decryption-error.ts';
import { KeyRing } from '#sync/secrets/key-ring.ts';
import { decryptSops } from '#sync/secrets/sops/decrypt-sops.ts';
import { keySecret } from '#test/support/key-secret.ts';
import { encryptYaml } from '#test/support/sops-file.ts';

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'headway-keys-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A key of gpg's own making, and what encrypts for it. */
function pgpKey(t: ExecutionContext) {
  const home = temporaryFolder(t);
  const gpg = (args: readonly string[], input: string | Buffer = ''): Buffer => execFileSync('gpg', ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...args], { input, stdio: ['pipe', 'pipe', 'ignore'] });
  t.teardown(() => execFileSync('gpgconf', ['--homedir', home, '--kill', 'all']));
  gpg(['--quick-generate-key', 'ada@example.org', 'future-default', 'default', 'never']);
  return {
    armored: gpg(['--armor', '--export-secret-keys']).toString(),
    wrap: (dataKey: Buffer) => Promise.resolve({ pgp: [{ fp: 'F00D', created_at: '2026-01-01T00:00:00Z', enc: gpg(['--armor', '--trust-model', 'always', '--recipient', 'ada@example.org', '--encrypt'], dataKey).toString() }] }),
  };
}

test('gpg opens what was encrypted for a PGP key, and leaves nothing behind', async (t) => {
  const { armored, wrap } = pgpKey(t);
  const workDir = temporaryFolder(t);
  const ring = new KeyRing(keySecret({ 'team.asc': armored }), { workDir });
  const text = await encryptYaml({ password: 'geheim' }, { wrap });
  t.is((await decryptSops('a.yaml', Buffer.from(text), (metadata) => ring.dataKey(metadata)))?.content.toString().trim(), 'password: "geheim"');
  t.deepEqual(readdirSync(workDir), []);
  const other = new KeyRing(keySecret({ 'team.asc': pgpKey(t).armored }), { workDir });
  const error = await t.throwsAsync<DecryptionError>(decryptSops('a.yaml', Buffer.from(text), (metadata) => other.dataKey(metadata)), { instanceOf: DecryptionError });
  t.like(error?.data, { reason: 'KeyNotFound' });
  t.regex(error?.message ?? '', /pgp F00D/);
  t.deepEqual(readdirSync(workDir), []);
});

test('a machine without gpg is named as the cause', async (t) => {
  const ring = new KeyRing(keySecret({ 'team.asc': 'a key' }), { workDir: temporaryFolder(t), gpgBinary: '/nowhere/gpg' });
  const error = await t.throwsAsync<DecryptionError>(ring.dataKey({ keys: [{ type: 'pgp', name: 'F00D', wrapped: 'x' }] } as never), { instanceOf: DecryptionError });
  t.like(error, { data: { reason: 'InvalidKey' } });
  t.regex(error?.message ?? '', /install gnupg/);
});

test('the first key that fits opens a file that is for several', async (t) => {
  const [mine, theirs] = await Promise.all([generateIdentity(), generateIdentity()]);
  const text = await encryptYaml({ a: 'b' }, { recipient: await identityToRecipient(theirs) });
  const ring = new KeyRing(keySecret({ 'one.agekey': mine, 'two.agekey': `# two\n\n${theirs}\n`, 'readme.txt': 'no key' }), { workDir: '/nowhere' });
  t.is((await decryptSops('a.yaml', Buffer.from(text), (metadata) => ring.dataKey(metadata)))?.content.toString().trim(), 'a: "b"');
});

test('each version of a Secret has an id of its own, which tells nothing of its keys', (t) => {
  const secret = keySecret({});
  const changed = { ...secret, metadata: { ...secret.metadata, resourceVersion: '2' } };
  t.not(new KeyRing(secret, { workDir: '/nowhere' }).id, new KeyRing(changed, { workDir: '/nowhere' }).id);
});

const { privateKey: ec } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const wrong = [
  { name: 'an age identity', keys: { 'x.agekey': 'AGE-SECRET-KEY-1WRONG' }, message: /key x\.agekey of Secret default\/keys has a line that is no age identity/ },
  { name: 'a key of a controller', keys: { 'tls.key': 'no PEM' }, message: /key tls\.key of Secret default\/keys is no RSA private key/ },
  { name: 'an RSA key', keys: { 'tls.key': ec.export({ type: 'pkcs8', format: 'pem' }).toString() }, message: /no RSA private key/ },
];
for (const { name, keys, message } of wrong) {
  test(`what is not ${name} is named, and not shown`, (t) => {
    const error = t.throws<DecryptionError>(() => new KeyRing(keySecret(keys), { workDir: '/nowhere' }), { instanceOf: DecryptionError, message });
    t.is(error?.data.reason, 'InvalidKey');
    t.false(Object.values(keys).some((text) => error?.message.includes(text)));
  });
}
