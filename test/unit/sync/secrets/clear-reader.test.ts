import { generateIdentity, identityToRecipient } from 'age-encryption';
import test from 'ava';
import type { Secret } from '#api/generated/core/v1.ts';
import { plainRenderer } from '#sync/render/plain-renderer.ts';
import type { RenderResult } from '#sync/render/renderer.ts';
import { InputError } from '#sync/render/unit/input-error.ts';
import { ClearReader, type Keys } from '#sync/secrets/clear-reader.ts';
import { DecryptionError } from '#sync/secrets/decryption-error.ts';
import { KeyRing } from '#sync/secrets/key-ring.ts';
import { renderClear } from '#sync/secrets/render-clear.ts';
import { keySecret } from '#test/support/key-secret.ts';
import { encryptYaml, type SopsOptions } from '#test/support/sops-file.ts';

const identity = await generateIdentity();
const OPTIONS: SopsOptions = { recipient: await identityToRecipient(identity), rules: { encrypted_regex: '^(data|stringData)$' }, isEncrypted: ([first]) => first === 'data' || first === 'stringData' };
const ring = new KeyRing(keySecret({ 'age.agekey': identity }), { workDir: '/nowhere' });
const KEYS: Keys = () => Promise.resolve(ring);
const SECRET = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, data: { password: Buffer.from('geheim').toString('base64') } };
const SEALED = `apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db}\nspec:\n  encryptedData:\n    password: AgBy\n`;

/** Of the only object. */
const dataOf = ({ objects }: RenderResult): Readonly<Record<string, string>> => (objects[0]?.object as Secret | undefined)?.data ?? {};
const render = (text: string, keys?: Keys) => renderClear({ path: 'apps/db.yaml', content: Buffer.from(text) }, { renderer: plainRenderer, render: {}, destinationNamespace: 'shop', ...(keys ? { keys } : {}) });

test('an object knows how to hide what was decrypted for it, and its lines are those of the file', async (t) => {
  const { objects, errors } = await render(`# first\n${await encryptYaml(SECRET, OPTIONS)}`, KEYS);
  t.deepEqual(errors, []);
  t.deepEqual(objects.map(({ object }) => object as object), [SECRET]);
  t.is(objects[0]?.line, 2);
  t.is(objects[0]?.lineOf('data.password'), 7);
  t.is(objects[0]?.hide?.(`data.password: Invalid value: "${SECRET.data.password}"`), 'data.password: Invalid value: "<hidden>"');
});

test('what a renderer says of a file in clear text is told without its values', async (t) => {
  const { errors } = await render(await encryptYaml({ ...SECRET, metadata: { name: 'db' }, data: undefined, kind: 'ConfigMap', stringData: { a: 'geheim' }, apiVersion: '' }, OPTIONS), KEYS);
  t.is(errors[0]?.reason, 'InvalidObject');
  t.false(JSON.stringify(errors).includes('geheim'));
});

test('a whole encrypted file inside a Secret is decrypted there, as Flux does', async (t) => {
  const inner = Buffer.from(await encryptYaml({ a: 'geheim' }, { recipient: OPTIONS.recipient ?? '' })).toString('base64');
  const outer = (annotations: object): string => JSON.stringify({ ...SECRET, metadata: { name: 'db', annotations }, data: { 'app.yaml': inner } });
  t.is(Buffer.from(dataOf(await render(outer({}), KEYS))['app.yaml'] ?? '', 'base64').toString().trim(), 'a: "geheim"');
  t.is(dataOf(await render(outer({ 'kustomize.toolkit.fluxcd.io/decrypt': 'disabled' }), KEYS))['app.yaml'], inner);
  const { errors } = await render(outer({}).replace(inner, Buffer.from(Buffer.from(inner, 'base64').toString().replace('a:', 'b:')).toString('base64')), KEYS);
  t.like(errors[0], { path: 'apps/db.yaml', reason: 'Tampered' });
  t.regex(errors[0]?.message ?? '', /^data\.app\.yaml: b: /);
});

test('a sealed secret is left to its controller unless there is a key for it', async (t) => {
  for (const keys of [undefined, KEYS]) {
    const { objects } = await render(SEALED, keys);
    t.is(objects[0]?.object.kind, 'SealedSecret');
  }
});

test('a Secret of SOPS without keys is an error at its block; other kinds are for others to decrypt', async (t) => {
  const { errors } = await render(await encryptYaml(SECRET, OPTIONS));
  t.like(errors[0], { path: 'apps/db.yaml', line: 7, object: 'Secret db', reason: 'KeyNotFound' });
  const custom = await render(await encryptYaml({ ...SECRET, apiVersion: 'isindir.github.com/v1alpha3', kind: 'SopsSecret' }, OPTIONS));
  t.is(custom.errors.length, 0);
});

test('where no keys can be had, what is encrypted stays so and is still an object of its kind', async (t) => {
  const sops = await render(await encryptYaml(SECRET, OPTIONS), 'Unavailable');
  t.deepEqual(sops.errors, []);
  t.false('sops' in (sops.objects[0]?.object ?? {}));
  t.regex(Buffer.from(dataOf(sops)['password'] ?? '', 'base64').toString(), /^ENC\[AES256_GCM,/);
  const sealed = await render(SEALED, 'Unavailable');
  t.like(sealed.objects[0]?.object as object, { kind: 'Secret', metadata: { name: 'db', namespace: 'shop' }, data: { password: 'AgBy' } });
});

test('missing keys matter to files that need them only', async (t) => {
  const reader = new ClearReader(() => Promise.reject(new DecryptionError('KeyNotFound', 'no such Secret')));
  t.is((await reader.read({ path: 'a.yaml', content: Buffer.from('a: 1') })).toString(), 'a: 1');
  const error = await t.throwsAsync<InputError>(async () => reader.read({ path: 'a.yaml', content: Buffer.from(await encryptYaml(SECRET, OPTIONS)) }), { instanceOf: InputError });
  t.like(error?.data, { path: 'a.yaml', line: 7, reason: 'KeyNotFound', message: 'no such Secret' });
});
