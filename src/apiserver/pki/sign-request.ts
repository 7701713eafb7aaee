/** Makes certificates from PKCS#10 requests. Loaded only when one must be signed. */
import { X509Certificate } from 'node:crypto';
import { loadX509, requestDer } from '#api/certificates/certificate-request.ts';
import { ALGORITHM, BACKDATE_MS, importKey, serialNumber, type KeyPairPem } from './certificates.ts';

export interface SigningOrder {
  readonly authority: KeyPairPem;
  /** `spec.request`: base64 of PEM. */
  readonly request: string;
  /** Of `certificates.k8s.io`: `digital signature`, `client auth`. */
  readonly usages: readonly string[];
  /** From now. */
  readonly validityMs: number;
  readonly now: number;
}

/** The time before now, for clocks that are behind, belongs to the validity, but takes nothing from one that is shorter than this. */
const SHORT_MS = 8 * 3_600_000;

type X509 = Awaited<ReturnType<typeof loadX509>>;

const KEY_USAGES: Readonly<Record<string, keyof X509['KeyUsageFlags']>> = {
  signing: 'digitalSignature', 'digital signature': 'digitalSignature', 'content commitment': 'nonRepudiation', 'key encipherment': 'keyEncipherment', 'key agreement': 'keyAgreement',
  'data encipherment': 'dataEncipherment', 'cert sign': 'keyCertSign', 'crl sign': 'cRLSign', 'encipher only': 'encipherOnly', 'decipher only': 'decipherOnly',
};
/** Object identifiers of RFC 5280 and, for the `sgc` ones, of their vendors. */
const EXTENDED_USAGES: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0', 'server auth': '1.3.6.1.5.5.7.3.1', 'client auth': '1.3.6.1.5.5.7.3.2', 'code signing': '1.3.6.1.5.5.7.3.3', 'email protection': '1.3.6.1.5.5.7.3.4', 's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5', 'ipsec tunnel': '1.3.6.1.5.5.7.3.6', 'ipsec user': '1.3.6.1.5.5.7.3.7', timestamping: '1.3.6.1.5.5.7.3.8', 'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3', 'netscape sgc': '2.16.840.1.113730.4.1',
};

/** The certificate, PEM. It never outlives the authority's own. @throws Error when the request is not signed by its key */
export async function signRequest({ authority, request, usages, validityMs, now }: SigningOrder): Promise<string> {
  const x509 = await loadX509();
  const wanted = new x509.Pkcs10CertificateRequest(requestDer(request));
  if (!(await wanted.verify())) throw new Error('the signature of the certificate request is not valid');
  const issuer = new x509.X509Certificate(authority.cert);
  const signingKey = await importKey(authority);
  const end = Math.min(now + validityMs - (validityMs < SHORT_MS ? 0 : BACKDATE_MS), new X509Certificate(authority.cert).validToDate.getTime());
  const alternativeNames = wanted.extensions.find((e) => e instanceof x509.SubjectAlternativeNameExtension);
  const flags = usages.reduce((sum, usage) => sum | (KEY_USAGES[usage] === undefined ? 0 : x509.KeyUsageFlags[KEY_USAGES[usage]]), 0);
  const extended = [...new Set(usages.flatMap((usage) => EXTENDED_USAGES[usage] ?? []))];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(), issuer: issuer.subjectName, subject: wanted.subjectName, publicKey: wanted.publicKey, signingKey, signingAlgorithm: ALGORITHM,
    notBefore: new Date(now - BACKDATE_MS), notAfter: new Date(end),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      ...(flags === 0 ? [] : [new x509.KeyUsagesExtension(flags, true)]),
      ...(extended.length === 0 ? [] : [new x509.ExtendedKeyUsageExtension(extended)]),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...(alternativeNames ? [alternativeNames] : []),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}
