import { X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** What is wrong with a `caBundle` (base64 of PEM); undefined when at least one certificate can be read, as Go's pools take it. */
export function caBundleProblem(bundle: string): string | undefined {
  const blocks = Buffer.from(bundle, 'base64').toString('latin1').match(BLOCK);
  if (blocks === null) return 'unable to load root certificates: unable to parse bytes as PEM block';
  return blocks.some(isCertificate) ? undefined : 'unable to load root certificates: failed to parse certificate: x509: malformed certificate';
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
