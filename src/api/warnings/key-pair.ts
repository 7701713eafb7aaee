import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Secret } from '#api/generated/core/v1.ts';

interface Block {
  readonly type: string;
  readonly text: string;
}
/** Ends at the first dashes, so that many beginnings without an end cost no more than their length. */
const PEM = /-----BEGIN ([^-\n]+)-----\n(?:(?!-----)[A-Za-z0-9+/=\s:,-])*-----END \1-----/g;
const CERTIFICATE = 'CERTIFICATE';
const KEY = 'PRIVATE KEY';

/** Of a pair with which no server could start, as Go's `tls.X509KeyPair` words it. */
export const warnOfSecret = ({ type, data = {} }: Secret): readonly string[] => (type === 'kubernetes.io/tls' ? pairFault(blocks(data['tls.crt']), blocks(data['tls.key'])).map((fault) => `tls: ${fault}`) : []);

const blocks = (base64: string | undefined): readonly Block[] =>
  [...Buffer.from(base64 ?? '', 'base64').toString('latin1').replaceAll('\r\n', '\n').matchAll(PEM)].map(([text, type = '']) => ({ type, text }));

function pairFault(certificates: readonly Block[], keys: readonly Block[]): readonly string[] {
  const leaf = certificates.find(({ type }) => type === CERTIFICATE);
  if (leaf === undefined) return [certificateFault(certificates.map(({ type }) => type))];
  const key = keys.find(({ type }) => type === KEY || type.endsWith(` ${KEY}`));
  if (key === undefined) return [keyFault(keys.map(({ type }) => type))];
  const certificate = read(() => new X509Certificate(leaf.text));
  // What of a certificate cannot be read is told in words of Go's own parser, which are not known here.
  if (certificate === undefined) return ['failed to parse certificate'];
  const privateKey = read((): KeyObject => createPrivateKey(key.text));
  if (privateKey === undefined) return ['failed to parse private key'];
  if (certificate.publicKey.asymmetricKeyType !== privateKey.asymmetricKeyType) return ['private key type does not match public key type'];
  return certificate.checkPrivateKey(privateKey) ? [] : ['private key does not match public key'];
}

function certificateFault(skipped: readonly string[]): string {
  if (skipped.length === 0) return 'failed to find any PEM data in certificate input';
  if (skipped.length === 1 && skipped[0]?.endsWith(KEY)) return 'failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched';
  return `failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [${skipped.join(' ')}]`;
}

function keyFault(skipped: readonly string[]): string {
  if (skipped.length === 0) return 'failed to find any PEM data in key input';
  if (skipped.length === 1 && skipped[0] === CERTIFICATE) return 'found a certificate rather than a key in the PEM for the private key';
  return `failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [${skipped.join(' ')}]`;
}

function read<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
