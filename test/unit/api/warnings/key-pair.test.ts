import test from 'ava';
import { webcrypto } from 'node:crypto';
import { loadX509 } from '#api/certificates/certificate-request.ts';
import type { Secret } from '#api/generated/core/v1.ts';
import { warnOfSecret } from '#api/warnings/key-pair.ts';
import { cpuMs } from '#test/support/cpu-ms.ts';

interface Pair {
  readonly certificate: string;
  readonly key: string;
}
async function newPair(algorithm: webcrypto.RsaHashedKeyGenParams | webcrypto.EcKeyGenParams): Promise<Pair> {
  const x509 = await loadX509();
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const made = await x509.X509CertificateGenerator.createSelfSigned({ name: 'CN=a', keys, signingAlgorithm: { ...algorithm, hash: 'SHA-256' } });
  return { certificate: made.toString('pem'), key: x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY') };
}
const curve = (): Promise<Pair> => newPair({ name: 'ECDSA', namedCurve: 'P-256' });
const rsa = (): Promise<Pair> => newPair({ name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' } as webcrypto.RsaHashedKeyGenParams);

const told = (certificate: string, key: string): readonly string[] =>
  warnOfSecret({ type: 'kubernetes.io/tls', data: { 'tls.crt': Buffer.from(certificate).toString('base64'), 'tls.key': Buffer.from(key).toString('base64') } } as unknown as Secret);

test('a pair that belongs together is fine, one that does not is told of', async (t) => {
  const [one, other, third] = await Promise.all([curve(), curve(), rsa()]);
  t.deepEqual(told(one.certificate, one.key), []);
  t.deepEqual(told(third.certificate, third.key), []);
  t.deepEqual(told(`${one.certificate}\n${other.certificate}`, one.key), []);
  t.deepEqual(told(one.certificate, other.key), ['tls: private key does not match public key']);
  t.deepEqual(told(one.certificate, third.key), ['tls: private key type does not match public key type']);
});

test('parts that are missing or stand in the other\'s place are told of', async (t) => {
  const { certificate, key } = await curve();
  t.deepEqual(told('', key), ['tls: failed to find any PEM data in certificate input']);
  t.deepEqual(told(certificate, 'x'), ['tls: failed to find any PEM data in key input']);
  t.deepEqual(told(key, certificate), ['tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched']);
  t.deepEqual(told(certificate, certificate), ['tls: found a certificate rather than a key in the PEM for the private key']);
  t.deepEqual(told(`${key}\n${key}`, key), ['tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [PRIVATE KEY PRIVATE KEY]']);
});

test('secrets of other types are not looked at', (t) => {
  t.deepEqual(warnOfSecret({ type: 'Opaque', data: {} } as unknown as Secret), []);
});

test('a mebibyte of beginnings without an end is read in no time', (t) => {
  const text = '-----BEGIN CERTIFICATE-----\nA\n'.repeat(35_000);
  t.true(cpuMs(() => t.deepEqual(told(text, text), ['tls: failed to find any PEM data in certificate input'])) < 2_000);
});
