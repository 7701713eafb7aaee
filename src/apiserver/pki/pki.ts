import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#base/clock.ts';
import { replaceFileSync } from '#base/replace-file.ts';
import type { CertificateRequest, KeyPairPem } from './certificates.ts';
import { PkiBrokenError } from './pki-error.ts';
import { TokenKeys } from './token-keys.ts';

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
  /** Of service account tokens; kept for ever, so that tokens outlive a lost store. */
  readonly tokenKeys: TokenKeys;
  /** With which the API server speaks for its users to extension API servers, and its authority, whose holders may speak for others here. */
  readonly frontProxy: { readonly ca: string; readonly client: KeyPairPem };
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

/** Common name of the API server's own front-proxy certificate, and of all that count as such. */
export const FRONT_PROXY_NAME = 'front-proxy-client';

/** Leaf certificates are renewed when less than this is left. */
const RENEW_BEFORE_MS = 30 * 86_400_000;
const SERVICE_NAMES = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local', 'localhost'];

/**
 * Loads the certificates, making those that are missing, near their end or lacking an address.
 * @throws PkiBrokenError when a file cannot be read as what it should be; nothing is overwritten then
 */
export async function ensurePki({ directory, addresses, serviceAddress, clock }: PkiOptions): Promise<Pki> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const [authority, proxyAuthority] = await Promise.all([
    ensureAuthority(directory, 'ca', clock, { commonName: 'headway' }),
    ensureAuthority(directory, 'front-proxy-ca', clock, { commonName: 'headway-front-proxy', pathLength: 0 }),
  ]);
  const ensure = async (name: string, request: CertificateRequest, issuer = authority): Promise<KeyPairPem> => {
    const present = loadPair(directory, name);
    if (present && isUsable(present.cert, issuer.cert, request, clock.now())) return present;
    const { issueCertificate } = await import('./certificates.ts');
    return savePair(directory, name, await issueCertificate(issuer, request, clock.now()));
  };
  const [serving, agentClient, admin, frontProxyClient] = await Promise.all([
    ensure('apiserver', { commonName: 'kube-apiserver', dnsNames: SERVICE_NAMES, ipAddresses: [...new Set(['127.0.0.1', '::1', serviceAddress, ...addresses])], usages: ['server'] }),
    ensure('apiserver-agent-client', { commonName: 'kube-apiserver', organizations: ['system:masters'], usages: ['client'] }),
    ensure('admin', { commonName: 'kubernetes-admin', organizations: ['system:masters'], usages: ['client'] }),
    ensure('front-proxy-client', { commonName: FRONT_PROXY_NAME, usages: ['client'] }, proxyAuthority),
  ]);
  return {
    ca: authority.cert, authority, serving, agentClient, admin, tokenKeys: new TokenKeys(directory), frontProxy: { ca: proxyAuthority.cert, client: frontProxyClient },
    node: (name, nodeAddresses) => ensure(`node-${name}`, {
      commonName: `system:node:${name}`, organizations: ['system:nodes'], dnsNames: [name], ipAddresses: [...new Set(['127.0.0.1', ...nodeAddresses])], usages: ['client', 'server'],
    }),
    client: (file, { name, groups }) => ensure(file, { commonName: name, organizations: groups, usages: ['client'] }),
  };
}

async function ensureAuthority(directory: string, name: string, clock: Clock, { commonName, ...options }: { readonly commonName: string; readonly pathLength?: number }): Promise<KeyPairPem> {
  const present = loadPair(directory, name);
  if (present) return present;
  const { makeAuthority } = await import('./certificates.ts');
  return savePair(directory, name, await makeAuthority(commonName, clock.now(), options));
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

function readIfPresent(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
