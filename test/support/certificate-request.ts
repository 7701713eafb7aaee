import { type webcrypto as WebCrypto, webcrypto } from 'node:crypto';
import { loadX509 } from '#api/certificates/certificate-request.ts';

export interface RequestFile {
  /** PEM, in base64 as `spec.request` holds it. */
  readonly request: string;
  /** PEM. */
  readonly key: string;
}

/** A PKCS#10 request and the key that signed it. */
export async function certificateRequest(options: { readonly commonName: string; readonly organizations?: readonly string[]; readonly dnsNames?: readonly string[] }): Promise<RequestFile> {
  const x509 = await loadX509();
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as WebCrypto.CryptoKeyPair;
  const names = (options.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value }));
  const made = await x509.Pkcs10CertificateRequestGenerator.create({
    name: [...(options.organizations ?? []).map((o) => ({ O: [o] })), { CN: [options.commonName] }], keys, signingAlgorithm: algorithm,
    ...(names.length > 0 ? { extensions: [new x509.SubjectAlternativeNameExtension(names)] } : {}),
  });
  const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { request: Buffer.from(`${made.toString('pem')}\n`).toString('base64'), key };
}
