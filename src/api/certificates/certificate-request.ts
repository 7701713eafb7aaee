/** Reads PKCS#10 requests. The library is loaded when the first request comes: it costs more time than a start can spare. */
import { Buffer } from 'node:buffer';

export interface CertificateRequestFacts {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
}

const PEM = /^\s*-----BEGIN ([A-Z0-9 ]+)-----\r?\n([\s\S]*?)-----END \1-----/;

/** What `spec.request` (base64 of PEM) asks for. @throws Error worded as Kubernetes does */
export async function readCertificateRequest(request: string): Promise<CertificateRequestFacts> {
  const { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } = await loadX509();
  const parsed = new Pkcs10CertificateRequest(requestDer(request));
  const names = parsed.extensions.find((e) => e instanceof SubjectAlternativeNameExtension)?.names.items ?? [];
  const of = (type: string): readonly string[] => names.filter((n) => n.type === type).map((n) => n.value);
  return {
    // Of several common names the last one counts, as in Go.
    commonName: parsed.subjectName.getField('CN').at(-1) ?? '', organizations: parsed.subjectName.getField('O'),
    dnsNames: of('dns'), ipAddresses: of('ip'), emailAddresses: of('email'), uris: of('url'),
  };
}

/** @throws Error */
export function requestDer(request: string): Buffer {
  const match = PEM.exec(Buffer.from(request, 'base64').toString('latin1'));
  if (match?.[1] !== 'CERTIFICATE REQUEST') throw new Error('PEM block type must be CERTIFICATE REQUEST');
  return Buffer.from(match[2] ?? '', 'base64');
}

export async function loadX509() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}
