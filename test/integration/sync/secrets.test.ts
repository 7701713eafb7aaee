import { constants, createCipheriv, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import test, { type ExecutionContext } from 'ava';
import type { Secret } from '#api/generated/core/v1.ts';
import type { ApplicationSpec } from '#api/headway/v1/types.ts';
import { APPLICATIONS, CONFIG_MAPS, SECRETS } from '#api/resources.ts';
import { RenderTools } from '#sync/render/tools/render-tools.ts';
import { keySecret } from '#test/support/key-secret.ts';
import { encryptDocument, encryptYaml, flatten, type SopsOptions } from '#test/support/sops-file.ts';
import { startSyncBench, type SyncBench } from '#test/support/sync-bench.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';
import { waitFor } from '#test/support/wait.ts';

const identity = await generateIdentity();
const OPTIONS: SopsOptions = { recipient: await identityToRecipient(identity), rules: { encrypted_regex: '^(data|stringData|auth)$' }, isEncrypted: (path) => path.some((key) => ['data', 'stringData', 'auth'].includes(key)) };
const WORD = 'geheim-4711';
const secret = (name: string, value = WORD): Promise<string> => encryptYaml({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData: { password: value } }, OPTIONS);

const renderDir = temporaryDirectory('headway-secrets');
test.before(async (t) => {
  t.timeout(120_000);
  await new RenderTools({ unpackTo: join(renderDir, 'tools') }).find('helm');
});
test.after.always(() => rmSync(renderDir, { recursive: true, force: true }));

const makeKeys = (bench: SyncBench, keys: Readonly<Record<string, string>>): Promise<Secret> => {
  const { metadata: { name, namespace }, ...rest } = keySecret(keys, 'keys', 'headway-system');
  return bench.client.create(SECRETS, { ...rest, metadata: { name, namespace } });
};
const setSpec = (bench: SyncBench, spec: Partial<ApplicationSpec>) =>
  bench.client.patch(APPLICATIONS, { namespace: 'headway-system', name: 'root' }, { type: 'merge', body: { spec } });
const DECRYPTION = { decryption: { secretRef: { name: 'keys' } } };

/** With keys given; the first commit is what needs none. */
async function start(t: ExecutionContext, keys: Readonly<Record<string, string>> = { 'age.agekey': identity }): Promise<SyncBench> {
  const bench = await startSyncBench(t, { 'apps/plain.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n' }, { renderDir });
  await bench.synced();
  await makeKeys(bench, keys);
  await setSpec(bench, DECRYPTION);
  return bench;
}
async function replaceWith(bench: SyncBench, files: Readonly<Record<string, string>>): Promise<string> {
  return bench.repository.commit({ 'apps/plain.yaml': null, ...files });
}
const wordOf = (found: Secret | undefined, key = 'password'): string => Buffer.from(found?.data?.[key] ?? '', 'base64').toString();

/** Nothing of the Application, of its events or of what lies on disk may hold the word. */
async function isHidden(bench: SyncBench): Promise<boolean> {
  const files = readdirSync(renderDir, { recursive: true, encoding: 'utf8' }).map((name) => join(renderDir, name)).filter((path) => !path.includes('/tools/') && statSync(path).isFile());
  const texts = [JSON.stringify(await bench.application()), JSON.stringify(bench.events), ...files.map((path) => readFileSync(path, 'utf8'))];
  return !texts.some((text) => text.includes(WORD) || text.includes(Buffer.from(WORD).toString('base64')));
}

test.serial('a Secret that SOPS has encrypted is applied, and healed like any object', async (t) => {
  const bench = await start(t);
  await bench.synced(bench.repository.commit({ 'apps/db.yaml': await secret('db') }));
  const found = await bench.find(SECRETS, 'db');
  t.is(wordOf(found), WORD);
  t.false(JSON.stringify(found).includes('sops'));
  await bench.client.patch(SECRETS, { namespace: 'default', name: 'db' }, { type: 'merge', body: { data: { password: Buffer.from('other').toString('base64') } } }, { fieldManager: 'kubectl-edit' });
  await waitFor(async () => wordOf(await bench.find(SECRETS, 'db')) === WORD, { what: 'the Secret healed' });
  t.true(await isHidden(bench));
});

test.serial('generators of a kustomization and values of a chart are decrypted before the tool reads them', async (t) => {
  const bench = await start(t);
  const { encrypted, sops } = await encryptDocument({ TOKEN: WORD }, { recipient: OPTIONS.recipient ?? '' });
  const dotenv = [...Object.entries(encrypted), ...flatten(sops).map(([key, value]) => [`sops_${key}`, value])].map(([key, value]) => `${key}=${value}\n`).join('');
  await bench.synced(await replaceWith(bench, { 'apps/kustomization.yaml': 'resources: [db.yaml]\nnamePrefix: prod-\nsecretGenerator:\n- name: token\n  envs: [token.env]\n  options: {disableNameSuffixHash: true}\n', 'apps/token.env': dotenv, 'apps/db.yaml': await secret('db') }));
  t.is(wordOf(await bench.find(SECRETS, 'prod-db')), WORD);
  t.is(wordOf(await bench.find(SECRETS, 'prod-token'), 'TOKEN'), WORD);
  await bench.client.delete(SECRETS, { namespace: 'default', name: 'prod-token' });
  await waitFor(async () => wordOf(await bench.find(SECRETS, 'prod-token'), 'TOKEN') === WORD, { what: 'the Secret made again' });

  const refused = await bench.attempted(bench.repository.commit({ 'apps/token.env': dotenv.replace('TOKEN=', 'TOKENS=') }));
  t.like(refused.status?.errors?.[0], { path: 'apps/token.env', line: 1, reason: 'Tampered' });

  await setSpec(bench, { render: { helm: { valueFiles: ['secret-values.yaml'] } } });
  await bench.synced(bench.repository.commit({
    'apps/kustomization.yaml': null, 'apps/token.env': null, 'apps/db.yaml': null, 'apps/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
    'apps/secret-values.yaml': await encryptYaml({ auth: { password: WORD }, host: 'db' }, OPTIONS), 'apps/templates/a.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: web}\nstringData:\n  password: {{ .Values.auth.password }}\n  host: {{ .Values.host }}\n',
  }));
  t.is(wordOf(await bench.find(SECRETS, 'web')), WORD);
  t.true(await isHidden(bench));
});

test.serial('a sealed secret becomes the Secret that it holds', async (t) => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const session = randomBytes(32);
  const wrapped = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: Buffer.from('default/db') }, session);
  const cipher = createCipheriv('aes-256-gcm', session, Buffer.alloc(12));
  const sealed = Buffer.concat([Buffer.from([wrapped.length >> 8, wrapped.length & 255]), wrapped, cipher.update(WORD), cipher.final(), cipher.getAuthTag()]);
  const bench = await start(t, { 'tls.key': privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() });
  const { status } = await bench.synced(bench.repository.commit({ 'apps/sealed.yaml': `apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db}\nspec:\n  encryptedData:\n    password: ${sealed.toString('base64')}\n` }));
  t.is(wordOf(await bench.find(SECRETS, 'db')), WORD);
  t.true(status?.inventory?.some(({ kind, name, path }) => kind === 'Secret' && name === 'db' && path === 'apps/sealed.yaml'));
});

test.serial('without keys a commit is refused with file and line; the keys arrive, and it is applied without another one', async (t) => {
  const bench = await startSyncBench(t, { 'apps/plain.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n' }, { renderDir });
  await bench.synced();
  const commit = bench.repository.commit({ 'apps/db.yaml': await secret('db') });
  const refused = await bench.attempted(commit);
  t.like(refused.status?.errors?.[0], { path: 'apps/db.yaml', line: 7, reason: 'KeyNotFound', message: 'sops: the Secret is encrypted by SOPS, and the Application has no spec.decryption' });
  await setSpec(bench, DECRYPTION);
  await waitFor(async () => (await bench.application()).status?.errors?.[0]?.message.includes('Secret headway-system/keys of spec.decryption does not exist'), { what: 'the missing Secret named' });
  await makeKeys(bench, { 'age.agekey': await generateIdentity() });
  await waitFor(async () => (await bench.application()).status?.errors?.[0]?.message.includes('no key of Secret headway-system/keys opens the file'), { what: 'the wrong key named' });
  await bench.client.patch(SECRETS, { namespace: 'headway-system', name: 'keys' }, { type: 'merge', body: { data: { 'age.agekey': Buffer.from(identity).toString('base64') } } });
  await bench.synced(commit);
  t.is(wordOf(await bench.find(SECRETS, 'db')), WORD);
});

test.serial('what the API and the tools refuse is told without the values', async (t) => {
  const bench = await start(t);
  const wrong = await encryptYaml({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: WORD.toUpperCase() }, data: { [WORD.slice(0, 6)]: WORD }, immutable: false }, { ...OPTIONS, isEncrypted: (path) => path[0] === 'data' });
  const { status } = await bench.attempted(bench.repository.commit({ 'apps/wrong.yaml': await encryptYaml({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'wrong' }, data: { password: `${WORD}!` } }, OPTIONS), 'apps/name.yaml': wrong }));
  t.true((status?.errors?.length ?? 0) > 0);
  t.true(await isHidden(bench));
  t.is(await bench.find(CONFIG_MAPS, 'wrong'), undefined);
});
