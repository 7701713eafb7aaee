import { constants, createDecipheriv, privateDecrypt, type KeyObject } from 'node:crypto';

const TAG_BYTES = 16;
/** The session key is used once, so its nonce may be zero. */
const NONCE = Buffer.alloc(12);

/**
 * What kubeseal has sealed: two bytes with the length of the RSA part, the session key by RSA-OAEP (SHA-256, bound to the
 * label), the contents by AES-256-GCM. Undefined when the key or the label is another one, or the bytes were changed.
 */
export function openHybrid(sealed: Buffer, key: KeyObject, label: string): Buffer | undefined {
  const end = sealed.length < 2 ? 0 : 2 + sealed.readUInt16BE(0);
  if (end < 2 || sealed.length < end + TAG_BYTES) return undefined;
  try {
    const session = privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: Buffer.from(label) }, sealed.subarray(2, end));
    const cipher = createDecipheriv('aes-256-gcm', session, NONCE, { authTagLength: TAG_BYTES }).setAuthTag(sealed.subarray(-TAG_BYTES));
    return Buffer.concat([cipher.update(sealed.subarray(end, -TAG_BYTES)), cipher.final()]);
  } catch {
    return undefined;
  }
}
