import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#base/clock.ts';
import { HeadwayError } from '#base/errors.ts';
import { replaceFileSync } from '#base/replace-file.ts';
import type { CertificateRequest, KeyPairPem } from './certificates.ts';

/** Every certificate and key of one cluster, PEM. */
export interface Pki {
  /** Certificate of the one authority that signs all others. */
  readonly ca: string;
  /** The authority with its key: for what signs certificates inside of the API server. */
  readonly authority: KeyPairPem;
  /** The API server's serving certificate. */
  readonly serving: KeyPairPem;
  /** With which the API server calls node agents. */
  readonly agentClient: KeyPairPem;
  /** `kubernetes-admin` in `system:masters`. */
  readonly admin: KeyPairPem;
  /** Signs service account tokens; kept for ever, so that tokens outlive a lost store. */
  readonly serviceAccountKey: KeyObject;
  /** Names the key in tokens: a hash of its public half. */
  readonly serviceAccountKeyId: string;
  /** Client and serving certificate of a node's agent, `system:node:<name>`; made when it is missing or near its end. */
  node(name: string, addresses: readonly string[]): Promise<KeyPairPem>;
  /** Client certificate `<file>.crt` and `.key` for another part of the control plane; made when it is missing or near its end. */
  client(file: string, user: { readonly name: string; readonly groups: readonly string[] }): Promise<KeyPairPem>;
}

export interface PkiOptions {
  /** Made with mode 0700; keys are files of mode 0600. */
  readonly directory: string;
  /** Addresses and names under which clients reach the API server, beyond the loopback and the Service's. */
  readonly addresses: readonly string[];
  /** The address of Service default/kubernetes. */
  readonly serviceAddress: string;
  readonly clock: Clock;
}

export class PkiBrokenError extends HeadwayError<{ readonly file: string }> {
  readonly code = 'pki-broken';
  readonly isRetryable = false;
}

/** Leaf certificates are renewed when less than this is left. */
const RENEW_BEFORE_MS = 30 * 86_400_000;
const SERVICE_NAMES = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', 'localhost'];

/**
 * Loads the certificates, making those that are missing, near their end or lacking an address.
 * @throws PkiBrokenError when a file cannot be read as what it should be; nothing is overwritten then
 */
export async function ensurePki({ directory, addresses, serviceAddress, clock }: PkiOptions): Promise<Pki> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const authority = loadPair(directory, 'ca') ?? (await makeAuthority(directory, clock));
  const ensure = async (name: string, request: CertificateRequest): Promise<KeyPairPem> => {
    const present = loadPair(directory, name);
    if (present && isUsable(present.cert, authority.cert, request, clock.now())) return present;
    const { issueCertificate } = await import('./certificates.ts');
    return savePair(directory, name, await issueCertificate(authority, request, clock.now()));
  };
  const [serving, agentClient, admin] = await Promise.all([
    ensure('apiserver', { commonName: 'kube-apiserver', dnsNames: SERVICE_NAMES, ipAddresses: [...new Set(['127.0.0.1', '::1', serviceAddress, ...addresses])], usages: ['server'] }),
    ensure('apiserver-agent-client', { commonName: 'kube-apiserver', organizations: ['system:masters'], usages: ['client'] }),
    ensure('admin', { commonName: 'kubernetes-admin', organizations: ['system:masters'], usages: ['client'] }),
  ]);
  const serviceAccountKey = createPrivateKey(ensureTokenKey(directory));
  return {
    ca: authority.cert, authority, serving, agentClient, admin, serviceAccountKey, serviceAccountKeyId: keyId(serviceAccountKey),
    node: (name, nodeAddresses) => ensure(`node-${name}`, {
      commonName: `system:node:${name}`, organizations: ['system:nodes'], dnsNames: [name], ipAddresses: [...new Set(['127.0.0.1', ...nodeAddresses])], usages: ['client', 'server'],
    }),
    client: (file, { name, groups }) => ensure(file, { commonName: name, organizations: groups, usages: ['client'] }),
  };
}

async function makeAuthority(directory: string, clock: Clock): Promise<KeyPairPem> {
  const certificates = await import('./certificates.ts');
  return savePair(directory, 'ca', await certificates.makeAuthority('headway', clock.now()));
}

function isUsable(pem: string, authorityPem: string, request: CertificateRequest, now: number): boolean {
  const certificate = new X509Certificate(pem);
  const hasTime = certificate.validToDate.getTime() - now > RENEW_BEFORE_MS;
  const isOurs = certificate.verify(new X509Certificate(authorityPem).publicKey);
  return hasTime && isOurs && (request.ipAddresses ?? []).every((ip) => certificate.checkIP(ip) !== undefined);
}

function loadPair(directory: string, name: string): KeyPairPem | undefined {
  const cert = readIfPresent(join(directory, `${name}.crt`));
  const key = readIfPresent(join(directory, `${name}.key`));
  if (cert === undefined || key === undefined) return undefined;
  try {
    new X509Certificate(cert);
  } catch (cause) {
    const file = join(directory, `${name}.crt`);
    throw new PkiBrokenError(`${file} is no certificate; restore it from a backup, or remove it to have a new one made`, { file }, { cause });
  }
  return { cert, key };
}

function savePair(directory: string, name: string, pair: KeyPairPem): KeyPairPem {
  // The key first: a certificate without its key would be taken for a broken pair.
  replaceFileSync(join(directory, `${name}.key`), pair.key);
  replaceFileSync(join(directory, `${name}.crt`), pair.cert);
  return pair;
}

function ensureTokenKey(directory: string): string {
  const file = join(directory, 'service-account.key');
  const present = readIfPresent(file);
  if (present !== undefined) return present;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  replaceFileSync(file, pem);
  return pem;
}

const keyId = (key: KeyObject): string =>
  createHash('sha256').update(createPublicKey(key).export({ type: 'spki', format: 'der' })).digest('base64url');

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
