/** Makes X.509 certificates. Loaded only when one must be made: the library costs more time than a start can spare. */
import 'reflect-metadata';
import { type webcrypto as WebCrypto, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

// The library wants the browser's type of the same object.
x509.cryptoProvider.set(webcrypto as unknown as Parameters<typeof x509.cryptoProvider.set>[0]);

export const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
export const CA_VALIDITY_MS = 3650 * DAY_MS;
export const LEAF_VALIDITY_MS = 365 * DAY_MS;
/** A clock that runs a little behind must not find a certificate that is not valid yet. */
export const BACKDATE_MS = 5 * 60_000;

export interface KeyPairPem {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  /** Groups of a client, as Kubernetes reads them from the subject. */
  readonly organizations?: readonly string[];
  /** Further attributes of the subject, by object identifier. */
  readonly attributes?: readonly (readonly [string, string])[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly usages: readonly ('client' | 'server')[];
}

/** An authority that signs itself, or, given `parent`, one below that. Without `pathLength` it may have any number of others below it. */
export async function makeAuthority(commonName: string, now: number, { parent, pathLength }: { readonly parent?: KeyPairPem; readonly pathLength?: number } = {}): Promise<KeyPairPem> {
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as WebCrypto.CryptoKeyPair;
  const subject = [{ CN: [commonName] }];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(), subject, publicKey: keys.publicKey, signingAlgorithm: ALGORITHM,
    issuer: parent ? new x509.X509Certificate(parent.cert).subjectName : subject, signingKey: parent ? await importKey(parent) : keys.privateKey,
    notBefore: new Date(now - BACKDATE_MS), notAfter: new Date(now + CA_VALIDITY_MS),
    extensions: [
      new x509.BasicConstraintsExtension(true, pathLength, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: certificate.toString('pem'), key: await privateKeyPem(keys) };
}

export async function issueCertificate(authority: KeyPairPem, request: CertificateRequest, now: number): Promise<KeyPairPem> {
  const issuer = new x509.X509Certificate(authority.cert);
  const signingKey = await importKey(authority);
  const keys = (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as WebCrypto.CryptoKeyPair;
  const usages = request.usages.map((u) => (u === 'client' ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth));
  const names = [
    ...(request.dnsNames ?? []).map((value) => ({ type: 'dns' as const, value })),
    ...(request.ipAddresses ?? []).map((value) => ({ type: 'ip' as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(), issuer: issuer.subjectName, publicKey: keys.publicKey, signingKey, signingAlgorithm: ALGORITHM,
    subject: [...(request.organizations ?? []).map((o) => ({ O: [o] })), { CN: [request.commonName] }, ...(request.attributes ?? []).map(([id, value]) => ({ [id]: [value] }))],
    notBefore: new Date(now - BACKDATE_MS), notAfter: new Date(now + LEAF_VALIDITY_MS),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  });
  return { cert: certificate.toString('pem'), key: await privateKeyPem(keys) };
}

export const importKey = (pair: KeyPairPem): Promise<WebCrypto.CryptoKey> => webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pair.key), ALGORITHM, false, ['sign']);
export const serialNumber = (): string => `00${Buffer.from(webcrypto.getRandomValues(new Uint8Array(15))).toString('hex')}`;
const privateKeyPem = async (keys: WebCrypto.CryptoKeyPair): Promise<string> => x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
