import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { UserInfo } from '#api/transport.ts';
import type { Clock } from '#base/clock.ts';
import type { Exposition } from '#base/exposition.ts';
import { Histogram } from '#base/histogram.ts';

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
  /** When the certificate ends. */
  readonly untilMs: number;
}

const NOBODY: Peer = { isProxy: false, isRefused: false, untilMs: Infinity };
const REFUSED: Peer = { isProxy: false, isRefused: true, untilMs: Infinity };
/** Seconds; Kubernetes' own buckets, from none to a year. */
const LIFETIME_BOUNDS = [0, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400, 172_800, 345_600, 604_800, 2_592_000, 7_776_000, 15_552_000, 31_104_000];
const CLIENT_USAGES: readonly string[] = ['1.3.6.1.5.5.7.3.2', '2.5.29.37.0'];

/** Verifies the certificate of each connection once. */
export class ClientCertificates {
  readonly #users: X509Certificate;
  readonly #proxies: X509Certificate;
  readonly #proxyNames: readonly string[];
  readonly #clock: Clock;
  readonly #bySocket = new WeakMap<TLSSocket, Peer>();
  readonly #lifetimes = new Histogram(LIFETIME_BOUNDS);

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

  writeMetrics(out: Exposition): void {
    out.histogram('apiserver_client_certificate_expiration_seconds', 'Time that is left to the certificates that clients show, once a connection.', [{ labels: {}, histogram: this.#lifetimes }]);
  }

  #identify(socket: TLSSocket): Peer {
    const certificate = socket.getPeerX509Certificate?.();
    if (certificate === undefined) return NOBODY;
    const untilMs = certificate.validToDate.getTime();
    this.#lifetimes.observe((untilMs - this.#clock.now()) / 1000);
    if (!isValid(certificate, this.#clock.now()) || !isForClients(certificate)) return REFUSED;
    const subject = subjectOf(certificate);
    const isUser = this.#isUser(socket, certificate);
    if (isUser && subject.name !== '' && !hasFitUid(subject)) return REFUSED;
    if (isUser) return { isProxy: false, isRefused: false, untilMs, ...(subject.name === '' ? {} : { user: userOf(certificate, subject) }) };
    const isProxy = isIssuedBy(certificate, this.#proxies) && this.#proxyNames.includes(subject.name);
    return isProxy ? { isProxy, isRefused: false, untilMs } : REFUSED;
  }

  /**
   * Node does not show the intermediate certificates that a client sends, but has verified that they lead to an authority that it knows. The
   * front proxies' has none below it, by its path length, so they lead to the users'.
   */
  #isUser(socket: TLSSocket, certificate: X509Certificate): boolean {
    return isIssuedBy(certificate, this.#users) || (socket.authorized && !certificate.checkIssued(this.#proxies));
  }
}

const isIssuedBy = (certificate: X509Certificate, authority: X509Certificate): boolean => certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
const isValid = ({ validFromDate, validToDate }: X509Certificate, nowMs: number): boolean => validFromDate.getTime() <= nowMs && nowMs <= validToDate.getTime();
const isForClients = ({ keyUsage }: X509Certificate): boolean => keyUsage === undefined || keyUsage.some((usage) => CLIENT_USAGES.includes(usage));

/** Kubernetes' own object identifier for the UID of a user. */
const UID = '1.3.6.1.4.1.57683.2';

interface Subject {
  readonly name: string;
  readonly organizations: readonly string[];
  readonly uids: readonly string[];
}

/** Of several common names the last one counts, as in Go. */
function subjectOf(certificate: X509Certificate): Subject {
  const { CN, O, [UID]: uids } = certificate.toLegacyObject().subject as Readonly<Record<string, string | readonly string[] | undefined>>;
  const list = (value: string | readonly string[] | undefined): readonly string[] => (value === undefined ? [] : typeof value === 'string' ? [value] : value);
  return { name: list(CN).at(-1) ?? '', organizations: list(O), uids: list(uids) };
}

/** One UID at most, and none that is empty: a certificate that says more of its user is nobody's. */
const hasFitUid = ({ uids }: Subject): boolean => uids.length < 2 && uids[0] !== '';

const AUTHENTICATED = 'system:authenticated';
/** Who says by itself whether it is known is not told once more, and nobody who bears the name of the unknown is known. */
const isGrouped = (name: string, groups: readonly string[]): boolean => name === 'system:anonymous' || groups.includes(AUTHENTICATED) || groups.includes('system:unauthenticated');

function userOf(certificate: X509Certificate, { name, organizations, uids: [uid] }: Subject): UserInfo {
  const hash = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
  return { name, ...(uid === undefined ? {} : { uid }), groups: isGrouped(name, organizations) ? organizations : [...organizations, AUTHENTICATED], extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${hash}`] } };
}
