import { createHash, timingSafeEqual } from 'node:crypto';
import { DecryptionError } from '../decryption-error.ts';
import { decryptBytes } from './encrypted-value.ts';
import type { SopsMetadata } from './metadata.ts';

/** What a MAC over encrypted values only begins with, so that it differs from one over all: the SHA-256 of `sops`. */
const ENCRYPTED_ONLY = createHash('sha256').update('sops').digest();

/** Compares the MAC of clear values, in the order of the file, with the one that was stored. @throws DecryptionError InvalidEncryption, Tampered */
export function verifyMac(values: readonly (string | Buffer)[], { mac, macOnlyEncrypted, lastModified }: SopsMetadata, key: Buffer): void {
  const hash = createHash('sha512');
  if (macOnlyEncrypted) hash.update(ENCRYPTED_ONLY);
  for (const value of values) hash.update(value);
  const actual = Buffer.from(hash.digest('hex').toUpperCase());
  const expected = decryptMac(mac, key, lastModified);
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) throw new DecryptionError('Tampered', 'the MAC is another one: the file was changed after SOPS had encrypted it');
}

function decryptMac(mac: string, key: Buffer, lastModified: string): Buffer {
  try {
    return decryptBytes(mac, key, lastModified).bytes;
  } catch (error) {
    if (error instanceof DecryptionError) throw new DecryptionError(error.data.reason, error.message, { field: 'sops.mac', cause: error });
    throw error;
  }
}
