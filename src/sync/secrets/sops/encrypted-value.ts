import { createDecipheriv } from 'node:crypto';
import { DecryptionError } from '../decryption-error.ts';
import type { Scalar } from './scalar.ts';

/** How SOPS writes an encrypted value. */
export const ENCRYPTED_PREFIX = 'ENC[AES256_GCM,';
const BASE64 = String.raw`((?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?)`;
const FORM = new RegExp(String.raw`^ENC\[AES256_GCM,data:${BASE64},iv:${BASE64},tag:${BASE64},type:(\w+)\]$`);
/** A shorter tag could be guessed. */
const TAG_BYTES = 16;

const READERS: Readonly<Record<string, (text: string) => Scalar | undefined>> = {
  str: (text) => text,
  bytes: (text) => text,
  time: (text) => text,
  int: (text) => (/^-?\d+$/.test(text) ? BigInt(text) : undefined),
  float: (text) => (text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined),
  bool: (text) => (/^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined),
};

/** The bytes of a value, and the type that it had. @throws DecryptionError InvalidEncryption, Tampered */
export function decryptBytes(text: string, key: Buffer, additionalData: string): { readonly bytes: Buffer; readonly type: string } {
  const [, data, iv = '', tag = '', type = ''] = FORM.exec(text) ?? [];
  if (data === undefined) throw new DecryptionError('InvalidEncryption', 'the value is not encrypted, though the rules of the file say that it is');
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64'), { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(additionalData)).setAuthTag(Buffer.from(tag, 'base64'));
    return { bytes: Buffer.concat([cipher.update(Buffer.from(data, 'base64')), cipher.final()]), type };
  } catch {
    // The cause would say no more than that the tag is another one.
    throw new DecryptionError('Tampered', 'the value is not what was encrypted, or not for this place');
  }
}

/** @throws DecryptionError InvalidEncryption, UnsupportedEncryption, Tampered */
export function decryptScalar(text: string, key: Buffer, additionalData: string): Scalar {
  // SOPS leaves empty text as it is.
  if (text === '') return '';
  const { bytes, type } = decryptBytes(text, key, additionalData);
  const read = READERS[type];
  if (!read) throw new DecryptionError('UnsupportedEncryption', `values of type ${JSON.stringify(type)} are not known`);
  const value = read(bytes.toString('utf8'));
  if (value === undefined) throw new DecryptionError('InvalidEncryption', `the value is not of its type ${type}`);
  return value;
}
