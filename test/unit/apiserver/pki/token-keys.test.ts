import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { PkiBrokenError } from '#apiserver/pki/pki-error.ts';
import { TokenKeys } from '#apiserver/pki/token-keys.ts';

async function open(t: ExecutionContext) {
  const directory = await mkdtemp(join(tmpdir(), 'headway-keys-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  let tick = 0;
  /** The folder's time moves on however fast the test is. */
  const changed = () => utimes(directory, new Date(), new Date(Date.now() + ++tick * 1000));
  const write = async (name: string, text: string): Promise<void> => {
    await writeFile(join(directory, name), text);
    await changed();
  };
  const remove = async (name: string): Promise<void> => {
    await rm(join(directory, name));
    await changed();
  };
  return { directory, write, remove };
}
const rsa = (): string => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const ec = (namedCurve: string): string => generateKeyPairSync('ec', { namedCurve }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

test('the first key is made once and kept', async (t) => {
  const { directory } = await open(t);
  t.is(new TokenKeys(directory).signing().id, new TokenKeys(directory).signing().id);
});

test('a newer key signs without a restart, the older ones verify until they are removed', async (t) => {
  const { directory, write, remove } = await open(t);
  const keys = new TokenKeys(directory);
  const first = keys.signing();
  await write('service-account-2.key', ec('P-384'));
  await write('service-account-10.key', rsa());
  const newest = keys.signing();
  t.is(newest.algorithm, 'RS256');
  t.deepEqual(keys.all().map((k) => k.algorithm), ['ES256', 'ES384', 'RS256']);
  t.deepEqual(keys.find(first.id).map((k) => k.id), [first.id]);
  t.is(keys.find(undefined).length, 3);
  t.deepEqual(keys.find('unknown'), []);
  await remove('service-account.key');
  t.deepEqual(keys.find(first.id), []);
});

test('a public key verifies and never signs', async (t) => {
  const { directory, write } = await open(t);
  const keys = new TokenKeys(directory);
  const own = keys.signing().id;
  await write('service-account-5.pub', createPublicKey(ec('prime256v1')).export({ type: 'spki', format: 'pem' }).toString());
  t.is(keys.all().length, 2);
  t.is(keys.signing().id, own);
});

test('a broken key is named at the start, and later leaves the others at work', async (t) => {
  const { directory, write } = await open(t);
  const keys = new TokenKeys(directory);
  const { id } = keys.signing();
  await write('service-account-2.key', 'no key');
  t.is(keys.signing().id, id);
  const error = t.throws(() => new TokenKeys(directory), { instanceOf: PkiBrokenError });
  t.regex(error?.message ?? '', /service-account-2\.key is no key/);
  t.regex(await readFile(join(directory, 'service-account.key'), 'utf8'), /PRIVATE KEY/);
});
