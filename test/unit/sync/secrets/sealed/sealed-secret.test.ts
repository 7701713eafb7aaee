import { constants, createCipheriv, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto';
import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { DecryptionError } from '#sync/secrets/decryption-error.ts';
import { unseal, type SealedSecret } from '#sync/secrets/sealed/sealed-secret.ts';

const keyPair = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const { publicKey, privateKey } = keyPair();

/** As kubeseal does: two bytes of length, the session key by RSA-OAEP with the label, the value by AES-GCM with a nonce of zeros. */
function seal(value: string, label: string): string {
  const session = randomBytes(32);
  const wrapped = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: Buffer.from(label) }, session);
  const cipher = createCipheriv('aes-256-gcm', session, Buffer.alloc(12));
  return Buffer.concat([Buffer.from([wrapped.length >> 8, wrapped.length & 255]), wrapped, cipher.update(value), cipher.final(), cipher.getAuthTag()]).toString('base64');
}
const sealed = (label: string, metadata: object = {}, spec: object = {}): SealedSecret =>
  ({ apiVersion: 'bitnami.com/v1alpha1', kind: 'SealedSecret', metadata: { name: 'db', namespace: 'shop', ...metadata }, spec: { encryptedData: { password: seal('geheim', label) }, ...spec } }) as SealedSecret;
const dataOf = (object: KubeObject): unknown => (object as KubeObject & { readonly data: unknown }).data;
const GEHEIM = { password: Buffer.from('geheim').toString('base64') };

const scopes = [
  { name: 'strict', label: 'shop/db', annotations: {} },
  { name: 'namespace-wide', label: 'shop', annotations: { 'sealedsecrets.bitnami.com/namespace-wide': 'true' } },
  { name: 'cluster-wide', label: '', annotations: { 'sealedsecrets.bitnami.com/cluster-wide': 'true' } },
];
for (const { name, label, annotations } of scopes) {
  test(`a sealed secret of scope ${name} opens at its place`, (t) => {
    t.deepEqual(dataOf(unseal(sealed(label, { annotations }), [keyPair().privateKey, privateKey], 'shop')), GEHEIM);
  });
}

test('the Secret is what its template says, with the annotations that tell the sync', (t) => {
  const object = unseal(
    sealed('shop/db', { labels: { team: 'a' }, annotations: { 'argocd.argoproj.io/sync-wave': '1', 'sealedsecrets.bitnami.com/managed': 'true' } }, { template: { type: 'example.org/x', immutable: true, metadata: { labels: { app: 'db' }, annotations: { note: 'n' } }, data: { host: 'db.local' } } }),
    [privateKey], 'shop',
  );
  t.deepEqual(object as object, {
    apiVersion: 'v1', kind: 'Secret', type: 'example.org/x', immutable: true, data: { ...GEHEIM, host: Buffer.from('db.local').toString('base64') },
    metadata: { name: 'db', namespace: 'shop', labels: { team: 'a', app: 'db' }, annotations: { 'argocd.argoproj.io/sync-wave': '1', note: 'n' } },
  });
});

const flipped = (value: string): string => {
  const bytes = Buffer.from(value, 'base64');
  bytes[bytes.length - 20] = (bytes.at(-20) ?? 0) ^ 1;
  return bytes.toString('base64');
};
const refused: readonly { readonly name: string; readonly object: SealedSecret; readonly reason: string; readonly field: string }[] = [
  { name: 'of another namespace', object: sealed('other/db'), reason: 'KeyNotFound', field: 'spec.encryptedData.password' },
  { name: 'of another name', object: sealed('shop/other'), reason: 'KeyNotFound', field: 'spec.encryptedData.password' },
  { name: 'that was changed', object: sealed('shop/db', {}, { encryptedData: { password: flipped(seal('geheim', 'shop/db')) } }), reason: 'KeyNotFound', field: 'spec.encryptedData.password' },
  { name: 'that is cut off', object: sealed('shop/db', {}, { encryptedData: { password: 'AQ==' } }), reason: 'KeyNotFound', field: 'spec.encryptedData.password' },
  { name: 'of the old form', object: sealed('shop/db', {}, { data: 'AQ==' }), reason: 'UnsupportedEncryption', field: 'spec.data' },
  { name: 'with a template', object: sealed('shop/db', {}, { template: { data: { url: 'x://{{ .password }}' } } }), reason: 'UnsupportedEncryption', field: 'spec.template.data.url' },
];
for (const { name, object, reason, field } of refused) {
  test(`a sealed secret ${name} is refused`, (t) => {
    const error = t.throws<DecryptionError>(() => unseal(object, [privateKey], 'shop'), { instanceOf: DecryptionError });
    t.like(error?.data, { reason, field });
    t.false(error?.message.includes('geheim'));
  });
}
