import { generateIdentity, identityToRecipient } from 'age-encryption';
import test from 'ava';
import { parseYaml } from '#api/yaml.ts';
import { DecryptionError } from '#sync/secrets/decryption-error.ts';
import { KeyRing } from '#sync/secrets/key-ring.ts';
import { decryptSops } from '#sync/secrets/sops/decrypt-sops.ts';
import { keySecret } from '#test/support/key-secret.ts';
import { encryptDocument, encryptJson, encryptYaml, encryptYamlStream, flatten, type SopsOptions } from '#test/support/sops-file.ts';

const identity = await generateIdentity();
const recipient = await identityToRecipient(identity);
const ring = new KeyRing(keySecret({ 'age.agekey': `# mine\n${identity}\n` }), { workDir: '/nowhere' });
const SECRET = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db', labels: { tier: '1' } }, stringData: { password: 'geheim: "x"\n\u2028 y', user: '' } };
const ONLY_DATA: SopsOptions = { recipient, rules: { encrypted_regex: '^(data|stringData)$' }, isEncrypted: (path) => path.includes('stringData') || path.includes('data') };

const decrypt = async (path: string, text: string, keys = ring): Promise<string | undefined> => (await decryptSops(path, Buffer.from(text), (metadata) => keys.dataKey(metadata)))?.content.toString();
const values = async (path: string, text: string): Promise<unknown> => parseYaml((await decrypt(path, text)) ?? '').value;

const documents = [
  { name: 'every type of value', document: { text: 'a', empty: '', integer: 12, large: 9007199254740991, negative: -3, fraction: 1234.56789, small: 1e-9, yes: true, no: false, nothing: null, list: ['a', { b: [1, 2] }], map: { 'a.b/c': 'd' } } },
  { name: 'text that looks like something else', document: { a: 'true', b: '12', c: 'null', d: 'ENC[x]', e: '# no comment', f: ' edge ', g: '\ttab\r\n\u0000\u0085\ufeff', h: '😀' } },
] as const;
for (const { name, document } of documents) {
  test(`YAML and JSON with ${name} are as they were before SOPS encrypted them`, async (t) => {
    t.deepEqual(await values('a.yaml', await encryptYaml(document, { recipient })), document);
    t.deepEqual(JSON.parse((await decrypt('a.json', await encryptJson(document, { recipient }))) ?? ''), document);
  });
}

const rules: readonly { readonly name: string; readonly options: SopsOptions }[] = [
  { name: 'encrypted_regex', options: ONLY_DATA },
  { name: 'unencrypted_regex', options: { recipient, rules: { unencrypted_regex: '^(apiVersion|kind|metadata)$' }, isEncrypted: ([first = '']) => !['apiVersion', 'kind', 'metadata'].includes(first) } },
  { name: 'encrypted_suffix', options: { recipient, rules: { encrypted_suffix: 'Data' }, isEncrypted: ONLY_DATA.isEncrypted as never } },
  { name: 'unencrypted_suffix', options: { recipient, rules: { unencrypted_suffix: 'data' }, isEncrypted: (path) => !path.some((key) => key.endsWith('data')) } },
  { name: 'mac_only_encrypted', options: { ...ONLY_DATA, rules: { ...ONLY_DATA.rules, mac_only_encrypted: true } } },
];
for (const { name, options } of rules) {
  test(`${name} says what is encrypted`, async (t) => {
    const text = await encryptYaml(SECRET, options);
    t.false(text.includes('geheim'));
    t.deepEqual(await values('a.yaml', text), SECRET);
  });
}

test('each line stays where it was, comments too', async (t) => {
  const text = `# one\n${await encryptYaml(SECRET, ONLY_DATA)}# last\n`;
  const clear = await decrypt('a.yaml', text);
  t.is(clear?.split('\n').length, text.split('\n').length);
  t.is(clear?.split('\n').findIndex((line) => line.includes('geheim')), text.split('\n').findIndex((line) => line.startsWith('  password:')));
  t.true(clear?.startsWith('# one\n'));
  t.true(clear?.endsWith('# last\n'));
});

test('documents that were encrypted at once have one MAC', async (t) => {
  const text = await encryptYamlStream([SECRET, { ...SECRET, metadata: { name: 'other' } }], ONLY_DATA);
  t.deepEqual((await decrypt('a.yaml', text))?.split(/^---$/m).map((document) => (parseYaml(document).value as typeof SECRET).metadata.name), ['db', 'other']);
  const [first = '', second = ''] = text.split(/^---\n/m);
  await t.throwsAsync(decrypt('a.yaml', [second, first].join('---\n')), { message: /MAC/ }, 'in another order');
  await t.throwsAsync(decrypt('a.yaml', first), { message: /MAC/ }, 'one of them alone');
});

test('documents that were encrypted apart, and plain ones among them, are each read by themselves', async (t) => {
  const plain = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n';
  const other = { ...SECRET, metadata: { name: 'other' } };
  const clear = await decrypt('a.yaml', [await encryptYaml(SECRET, ONLY_DATA), plain, await encryptYaml(other, ONLY_DATA)].join('---\n'));
  t.deepEqual(clear?.split(/^---$/m).map((document) => (parseYaml(document).value as typeof SECRET).metadata.name), ['db', 'a', 'other']);
});

test('dotenv, ini and binary files are read', async (t) => {
  const env = await encryptDocument({ USER: 'ada', KEY: 'a=b\nc' }, { recipient });
  const dotenv = [...Object.entries(env.encrypted), ...flatten(env.sops).map(([key, value]) => [`sops_${key}`, value])].map(([key, value]) => `${key}=${value}\n`).join('');
  t.is((await decrypt('app.env', dotenv))?.trim(), 'USER=ada\nKEY=a=b\\nc');
  const sections = await encryptDocument({ db: { user: 'ada', password: 'a;b' }, DEFAULT: {} }, { recipient });
  const ini = `[db]\n${Object.entries(sections.encrypted['db'] as object).map(([key, value]) => `${key} = ${value}\n`).join('')}\n[sops]\n${flatten(sections.sops).map(([key, value]) => `${key} = ${value}\n`).join('')}`;
  t.is((await decrypt('app.ini', ini))?.trim(), '[db]\nuser = ada\npassword = `a;b`');
  t.is(await decrypt('key.pem', await encryptJson({ data: '-----BEGIN\n"x"\n' }, { recipient })), '-----BEGIN\n"x"\n');
});

test('what SOPS has not encrypted, or shall stay encrypted, is left alone', async (t) => {
  t.is(await decrypt('a.yaml', 'a: 1\n'), undefined);
  t.is(await decrypt('a.yaml', 'about: sops writes ENC[AES256_GCM,data\n'), undefined);
  t.is(await decrypt('a.yaml', await encryptYaml({ ...SECRET, kind: 'SopsSecret' }, ONLY_DATA)), undefined);
  t.is(await decrypt('a.yaml', await encryptYaml({ ...SECRET, metadata: { annotations: { 'kustomize.toolkit.fluxcd.io/decrypt': 'disabled' } } }, ONLY_DATA)), undefined);
});

const sops = (text: string, block: string): string => text.replace(/^sops:\n[^]*$/m, `sops:\n${block}`);
const refusals: readonly { readonly name: string; readonly change: (text: string) => string | Promise<string>; readonly reason: string; readonly line?: number; readonly message?: RegExp }[] = [
  { name: 'a value that was put elsewhere', change: (text) => text.replace('  password:', '  other:'), reason: 'Tampered', line: 8, message: /stringData\.other/ },
  { name: 'a plain value that was changed', change: (text) => text.replace('name: db', 'name: dc'), reason: 'Tampered', line: 10, message: /MAC/ },
  { name: 'a value that was added', change: (text) => text.replace('  password:', '  more: clear\n  password:'), reason: 'InvalidEncryption', line: 8, message: /stringData\.more: the value is not encrypted/ },
  { name: 'a value that was taken out', change: (text) => text.replace(/^ {2}password:.*\n/m, ''), reason: 'Tampered', message: /MAC/ },
  { name: 'a MAC of another file', change: async (text) => text.replace(/mac: .*/, /mac: .*/.exec(await encryptYaml(SECRET, ONLY_DATA))?.[0] ?? ''), reason: 'Tampered', message: /sops\.mac/ },
  { name: 'another time', change: (text) => text.replace('2026-01-02', '2026-01-03'), reason: 'Tampered', message: /sops\.mac/ },
  { name: 'no MAC', change: (text) => text.replace(/mac: .*/, 'mac: ""'), reason: 'InvalidEncryption', line: 10, message: /sops\.mac: Required/ },
  { name: 'a shorter tag', change: (text) => text.replace(/(password: .*tag:)([^,]{8})[^,]*/, '$1$2'), reason: 'Tampered', line: 8 },
  { name: 'an unknown type', change: (text) => text.replace(/(password: .*type:)str/, '$1thing'), reason: 'UnsupportedEncryption', line: 8, message: /"thing"/ },
  { name: 'a wrong type', change: (text) => text.replace(/(password: .*type:)str/, '$1int'), reason: 'InvalidEncryption', line: 8, message: /not of its type int/ },
  { name: 'a data key that is shared out', change: (text) => sops(text, '  key_groups: [{age: []}, {age: []}]\n  lastmodified: x\n  mac: ENC[AES256_GCM,data:,iv:,tag:,type:str]\n'), reason: 'UnsupportedEncryption', line: 10, message: /Shamir/ },
  { name: 'keys of a cloud only', change: (text) => sops(text, '  kms: [{arn: a}]\n  hc_vault: [{enc: a}]\n  lastmodified: x\n  mac: ENC[AES256_GCM,data:,iv:,tag:,type:str]\n'), reason: 'UnsupportedEncryption', message: /AWS KMS, Vault/ },
  { name: 'two rules', change: (text) => text.replace(/^( +)mac:/m, '$1encrypted_suffix: a\n$1mac:'), reason: 'InvalidEncryption', message: /only one of encrypted_suffix, encrypted_regex/ },
  { name: 'a rule by comments', change: (text) => text.replace(/^( +)mac:/m, '$1unencrypted_comment_regex: a\n$1mac:'), reason: 'UnsupportedEncryption', message: /unencrypted_comment_regex/ },
  { name: 'a rule that is no expression', change: (text) => text.replace(/encrypted_regex: .*/, 'encrypted_regex: "("'), reason: 'InvalidEncryption', message: /sops\.encrypted_regex/ },
  { name: 'an alias', change: (text) => text.replace('tier: "1"', 'tier: &a "1"\n    more: *a'), reason: 'InvalidEncryption', line: 7, message: /aliases/ },
  { name: 'broken YAML', change: (text) => text.replace('  password:', '  bad: [\n  password:'), reason: 'InvalidEncryption' },
];
for (const { name, change, reason, line, message = /./ } of refusals) {
  test(`a file with ${name} is refused, without a word of its values`, async (t) => {
    const text = await change(await encryptYaml(SECRET, ONLY_DATA));
    const error = await t.throwsAsync<DecryptionError>(decrypt('a.yaml', text), { instanceOf: DecryptionError });
    t.is(error?.data.reason, reason as never, error?.message);
    t.regex(error?.message ?? '', message);
    t.false(error?.message.includes('geheim'));
    if (line !== undefined) t.is(error?.data.line, line);
  });
}

test('without the right key the error names those that the file is for', async (t) => {
  const other = new KeyRing(keySecret({ 'age.agekey': await generateIdentity() }), { workDir: '/nowhere' });
  const error = await t.throwsAsync<DecryptionError>(async () => decrypt('a.yaml', await encryptYaml(SECRET, ONLY_DATA), other), { instanceOf: DecryptionError });
  t.like(error?.data, { reason: 'KeyNotFound', line: 10 });
  t.true(error?.message.includes(`no key of Secret default/keys opens the file, which is for age ${recipient}`));
});
