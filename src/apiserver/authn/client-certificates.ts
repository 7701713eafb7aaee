import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { UserInfo } from '#api/transport.ts';
import type { Clock } from '#base/clock.ts';

export interface ClientCertificatesOptions {
  /** PEM of the authority of users. */
  readonly authority: string;
  /** PEM of the authority of front proxies, and the common names that count as such. */
  readonly frontProxy: { readonly authority: string; readonly names: readonly string[] };
  readonly clock: Clock;
}

/** What the certificate of a connection says. */
export interface Peer {
  /** Absent without a certificate, and for one that names nobody. */
  readonly user?: UserInfo;
  /** Speaks for the users that its headers name. */
  readonly isProxy: boolean;
  /** The certificate was shown, and neither authority vouches for it. */
  readonly isRefused: boolean;
  /** When the first certificate of its chain ends. */
  readonly untilMs: number;
}

const NOBODY: Peer = { isProxy: false, isRefused: false, untilMs: Infinity };
const REFUSED: Peer = { isProxy: false, isRefused: true, untilMs: Infinity };
const CLIENT_USAGES: readonly string[] = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'];
const MAX_CHAIN = 8;
/** Connections that are resumed bring no intermediate certificates: what was found of a certificate is remembered. */
const MAX_KNOWN = 1_000;

/** Verifies the certificate of each connection once. */
export class ClientCertificates {
  readonly #users: X509Certificate;
  readonly #proxies: X509Certificate;
  readonly #proxyNames: readonly string[];
  readonly #clock: Clock;
  readonly #bySocket = new WeakMap<TLSSocket, Peer>();
  readonly #byFingerprint = new Map<string, Peer>();

  constructor({ authority, frontProxy, clock }: ClientCertificatesOptions) {
    this.#users = new X509Certificate(authority);
    this.#proxies = new X509Certificate(frontProxy.authority);
    this.#proxyNames = frontProxy.names;
    this.#clock = clock;
  }

  peerOf(socket: TLSSocket): Peer {
    const known = this.#bySocket.get(socket);
    if (known) return known;
    const peer = this.#identify(socket);
    this.#bySocket.set(socket, peer);
    return peer;
  }

  #identify(socket: TLSSocket): Peer {
    const certificate = socket.getPeerX509Certificate?.();
    if (certificate === undefined) return NOBODY;
    const known = this.#byFingerprint.get(certificate.fingerprint256);
    if (known) return known;
    const peer = this.#examine(certificate);
    if (peer.isRefused) return peer;
    if (this.#byFingerprint.size >= MAX_KNOWN) this.#byFingerprint.clear();
    this.#byFingerprint.set(certificate.fingerprint256, peer);
    return peer;
  }

  #examine(certificate: X509Certificate): Peer {
    if (certificate.keyUsage !== undefined && !certificate.keyUsage.some((usage) => CLIENT_USAGES.includes(usage))) return REFUSED;
    const nowMs = this.#clock.now();
    const userEndMs = chainEndMs(certificate, this.#users, nowMs);
    const subject = subjectOf(certificate);
    if (userEndMs !== undefined) return { isProxy: false, isRefused: false, untilMs: userEndMs, ...(subject.name === '' ? {} : { user: userOf(certificate, subject) }) };
    const proxyEndMs = chainEndMs(certificate, this.#proxies, nowMs);
    if (proxyEndMs === undefined || !this.#proxyNames.includes(subject.name)) return REFUSED;
    return { isProxy: true, isRefused: false, untilMs: proxyEndMs };
  }
}

/** When the first certificate of the chain up to the root ends; undefined when no chain leads there, or a part of it is not valid now. */
function chainEndMs(leaf: X509Certificate, root: X509Certificate, nowMs: number): number | undefined {
  let endMs = root.validToDate.getTime();
  for (let at: X509Certificate = leaf, length = 0; length < MAX_CHAIN; length++) {
    if (at.validFromDate.getTime() > nowMs || at.validToDate.getTime() < nowMs) return undefined;
    endMs = Math.min(endMs, at.validToDate.getTime());
    if (at.checkIssued(root) && at.verify(root.publicKey)) return endMs < nowMs ? undefined : endMs;
    const next: X509Certificate | undefined = at.issuerCertificate;
    if (next === undefined || !next.ca || next.fingerprint256 === at.fingerprint256 || !at.checkIssued(next) || !at.verify(next.publicKey)) return undefined;
    at = next;
  }
  return undefined;
}

interface Subject {
  readonly name: string;
  readonly organizations: readonly string[];
}

/** Of several common names the last one counts, as in Go. */
function subjectOf(certificate: X509Certificate): Subject {
  const { CN, O } = certificate.toLegacyObject().subject as { readonly CN?: string | readonly string[]; readonly O?: string | readonly string[] };
  const list = (value: string | readonly string[] | undefined): readonly string[] => (value === undefined ? [] : typeof value === 'string' ? [value] : value);
  return { name: list(CN).at(-1) ?? '', organizations: list(O) };
}

function userOf(certificate: X509Certificate, { name, organizations }: Subject): UserInfo {
  const hash = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  return { name, groups: [...organizations, 'system:authenticated'], extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${hash}`] } };
}
