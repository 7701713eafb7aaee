import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { armor, Encrypter } from 'age-encryption';
import { stringify } from 'yaml';

export interface SopsOptions {
  /** Wraps the data key; default: for the age recipient. */
  readonly wrap?: (dataKey: Buffer) => Promise<Readonly<Record<string, unknown>>>;
  readonly recipient?: string;
  /** Default: a new one. */
  readonly dataKey?: Buffer;
  /** `encrypted_regex`, `unencrypted_suffix`, `mac_only_encrypted`, ... as the block has them. */
  readonly rules?: Readonly<Record<string, unknown>>;
  /** Whether a value with these keys on its way is encrypted. Default: all. */
  readonly isEncrypted?: (path: readonly string[]) => boolean;
}

type Leaf = string | number | boolean | bigint;

/** What SOPS writes, made here by its documentation and without the code under test: the same document with encrypted values, and its block. */
export async function encryptDocument(document: object, options: SopsOptions): Promise<{ readonly encrypted: Readonly<Record<string, unknown>>; readonly sops: Readonly<Record<string, unknown>> }> {
  const { isEncrypted = () => true, rules = { unencrypted_suffix: '_unencrypted' }, dataKey = randomBytes(32) } = options;
  const isMacOfEncrypted = rules['mac_only_encrypted'] === true;
  const hash = createHash('sha512');
  if (isMacOfEncrypted) hash.update(createHash('sha256').update('sops').digest());
  const visit = (value: unknown, path: readonly string[]): unknown => {
    if (value === null || value === undefined) return value;
    if (Array.isArray(value)) return value.map((item) => visit(item, path));
    if (typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, visit(item, [...path, key])]));
    const isSecret = isEncrypted(path);
    if (isSecret || !isMacOfEncrypted) hash.update(plain(value as Leaf));
    return isSecret ? seal(value as Leaf, dataKey, `${path.join(':')}:`) : value;
  };
  const encrypted = visit(document, []) as Readonly<Record<string, unknown>>;
  const lastmodified = '2026-01-02T03:04:05Z';
  const keys = options.wrap ? await options.wrap(dataKey) : { age: [{ recipient: options.recipient, enc: await wrapForAge(dataKey, options.recipient ?? '') }] };
  return { encrypted, sops: { ...keys, lastmodified, mac: seal(hash.digest('hex').toUpperCase(), dataKey, lastmodified), ...rules, version: '3.11.0' } };
}

export async function encryptYaml(document: object, options: SopsOptions): Promise<string> {
  const { encrypted, sops } = await encryptDocument(document, options);
  return stringify({ ...encrypted, sops }, { lineWidth: 0, version: '1.1' });
}

/** Several documents encrypted at once: with one data key, one MAC over all, and the block in each. */
export async function encryptYamlStream(documents: readonly object[], options: SopsOptions): Promise<string> {
  const { encrypted, sops } = await encryptDocument(documents, options);
  return (encrypted as unknown as readonly object[]).map((document) => stringify({ ...document, sops }, { lineWidth: 0, version: '1.1' })).join('---\n');
}

export async function encryptJson(document: object, options: SopsOptions): Promise<string> {
  const { encrypted, sops } = await encryptDocument(document, options);
  return JSON.stringify({ ...encrypted, sops }, null, '\t');
}

/** The block as SOPS writes it where nothing can be nested: `age__list_0__map_enc`. */
export function flatten(block: unknown, prefix = ''): readonly (readonly [string, string])[] {
  if (Array.isArray(block)) return block.flatMap((item, i) => flatten(item, `${prefix}__list_${i}`));
  if (typeof block !== 'object' || block === null) return [[prefix, String(block).replaceAll('\n', String.raw`\n`)]];
  return Object.entries(block).flatMap(([key, value]) => flatten(value, prefix === '' ? key : `${prefix}__map_${key}`));
}

async function wrapForAge(dataKey: Buffer, recipient: string): Promise<string> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(dataKey));
}

/** Booleans as Python had them, numbers without exponent. */
function plain(value: Leaf): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' ? value.toLocaleString('en', { useGrouping: false, maximumFractionDigits: 20, maximumSignificantDigits: 17 }).replace(/^-0$/, '0') : value.toString();
}
const typeOf = (value: Leaf): string => (typeof value === 'string' ? 'str' : typeof value === 'boolean' ? 'bool' : Number.isInteger(Number(value)) ? 'int' : 'float');

function seal(value: Leaf, key: Buffer, additionalData: string): string {
  if (value === '') return '';
  const iv = randomBytes(32);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(additionalData));
  const data = Buffer.concat([cipher.update(plain(value)), cipher.final()]);
  return `ENC[AES256_GCM,data:${data.toString('base64')},iv:${iv.toString('base64')},tag:${cipher.getAuthTag().toString('base64')},type:${typeOf(value)}]`;
}
