import { DecryptionError } from '../decryption-error.ts';
import { encryptionRule, type EncryptionRule } from './encryption-rule.ts';

/** One of the ways to the data key. */
export interface WrappedKey {
  readonly type: 'age' | 'pgp';
  /** Recipient or fingerprint. */
  readonly name: string;
  readonly wrapped: string;
}

/** The block `sops` of a file, as far as decrypting it needs. */
export interface SopsMetadata {
  readonly keys: readonly WrappedKey[];
  readonly mac: string;
  readonly lastModified: string;
  readonly macOnlyEncrypted: boolean;
  readonly isEncrypted: EncryptionRule;
}

const SERVICES: Readonly<Record<string, string>> = { kms: 'AWS KMS', gcp_kms: 'GCP KMS', azure_kv: 'Azure Key Vault', hc_vault: 'Vault', hckms: 'Huawei KMS' };

type Fields = Readonly<Record<string, unknown>>;
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const itemsOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.filter(isFields) : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** @throws DecryptionError InvalidEncryption, UnsupportedEncryption */
export function readMetadata(block: unknown): SopsMetadata {
  if (!isFields(block)) throw new DecryptionError('InvalidEncryption', 'sops: must be a mapping');
  const [mac, lastModified] = [textOf(block['mac']), textOf(block['lastmodified'])];
  if (mac === '') throw new DecryptionError('InvalidEncryption', 'sops.mac: Required value: a file without MAC is not read, as nothing tells whether it was changed');
  if (lastModified === '') throw new DecryptionError('InvalidEncryption', 'sops.lastmodified: Required value');
  return { keys: keysOf(groupOf(block)), mac, lastModified, macOnlyEncrypted: String(block['mac_only_encrypted']) === 'true', isEncrypted: encryptionRule(block) };
}

/** The keys stand in the block itself, or in its only group. */
function groupOf(block: Fields): Fields {
  const groups = itemsOf(block['key_groups']);
  if (groups.length > 1) throw new DecryptionError('UnsupportedEncryption', 'sops.key_groups: a data key that is shared out among groups (Shamir) is not supported');
  return groups[0] ?? block;
}

function keysOf(group: Fields): readonly WrappedKey[] {
  const keys: readonly WrappedKey[] = [
    ...itemsOf(group['age']).map(({ recipient, enc }) => ({ type: 'age' as const, name: textOf(recipient), wrapped: textOf(enc) })),
    ...itemsOf(group['pgp']).map(({ fp, enc }) => ({ type: 'pgp' as const, name: textOf(fp), wrapped: textOf(enc) })),
  ];
  if (keys.length > 0) return keys;
  const others = Object.entries(SERVICES).flatMap(([field, name]) => (itemsOf(group[field]).length > 0 ? [name] : []));
  throw new DecryptionError('UnsupportedEncryption', others.length > 0 ? `the file is encrypted for ${others.join(', ')} only; age and PGP are supported` : 'sops: the file names no key; age and PGP are supported');
}
