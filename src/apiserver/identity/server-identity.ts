import { createHash } from 'node:crypto';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';
const BITS = 5;
const HASH_BYTES = 16;

/** `apiserver-` and 26 letters and digits: the name by which Kubernetes knows the API server of a machine, the same after each start. */
export function serverIdentity(hostname: string): string {
  const hash = createHash('sha256');
  for (const part of [hostname, 'kube-apiserver']) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(Buffer.byteLength(part));
    hash.update(length).update(part);
  }
  return `apiserver-${base32(hash.digest().subarray(0, HASH_BYTES))}`;
}

function base32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.replaceAll(/.{1,5}/g, (group) => ALPHABET[Number.parseInt(group.padEnd(BITS, '0'), 2)] ?? '');
}
