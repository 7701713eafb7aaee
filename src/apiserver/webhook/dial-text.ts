import { getServers } from 'node:dns';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { WebhookTarget } from './target.ts';

type Failed = NodeJS.ErrnoException & { readonly cert?: ReturnType<TLSSocket['getPeerCertificate']> };
const UNVERIFIED = 'tls: failed to verify certificate: x509:';
/** What OpenSSL says of an answer that begins as none of TLS does. */
const NO_TLS = /wrong version number|packet length too long|http request/i;

/** In the words of Go's dialer and TLS, which people look for. */
export function dialText({ host, port, serverName = host }: Pick<WebhookTarget, 'host' | 'port'> & Partial<Pick<WebhookTarget, 'serverName'>>, error: Error): string {
  const { code = '', cert } = error as Failed;
  const dial = `dial tcp ${host.includes(':') ? `[${host}]` : host}:${port}`;
  switch (code) {
    case 'ECONNREFUSED': return `${dial}: connect: connection refused`;
    case 'EHOSTUNREACH': return `${dial}: connect: no route to host`;
    case 'ENETUNREACH': return `${dial}: connect: network is unreachable`;
    case 'ETIMEDOUT': return `${dial}: i/o timeout`;
    case 'ENOTFOUND': return `dial tcp: lookup ${host}${resolver()}: no such host`;
    case 'ECONNRESET': return 'EOF';
    case 'DEPTH_ZERO_SELF_SIGNED_CERT': case 'SELF_SIGNED_CERT_IN_CHAIN': case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE': case 'UNABLE_TO_GET_ISSUER_CERT': case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `${UNVERIFIED} certificate signed by unknown authority`;
    case 'CERT_HAS_EXPIRED': case 'CERT_NOT_YET_VALID': return `${UNVERIFIED} certificate has expired or is not yet valid`;
    case 'INVALID_PURPOSE': return `${UNVERIFIED} certificate specifies an incompatible key usage`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID': return `${UNVERIFIED} ${otherName(serverName, cert?.subjectaltname ?? '')}`;
    default: return NO_TLS.test(error.message) ? 'http: server gave HTTP response to HTTPS client' : error.message;
  }
}

/** Go says whom it has asked. */
function resolver(): string {
  const [server = ''] = getServers();
  return server === '' ? '' : ` on ${isIP(server) === 0 ? server : `${server.includes(':') ? `[${server}]` : server}:53`}`;
}

/** `names`: `DNS:a, IP Address:10.0.0.1`. */
function otherName(wanted: string, names: string): string {
  const of = (kind: string): readonly string[] => names.split(', ').flatMap((name) => (name.startsWith(`${kind}:`) ? [name.slice(kind.length + 1)] : []));
  if (/^[\d.]+$|:/.test(wanted)) {
    const addresses = of('IP Address');
    return addresses.length === 0 ? `cannot validate certificate for ${wanted} because it doesn't contain any IP SANs` : `certificate is valid for ${addresses.join(', ')}, not ${wanted}`;
  }
  const hosts = of('DNS');
  return hosts.length === 0 ? `certificate is not valid for any names, but wanted to match ${wanted}` : `certificate is valid for ${hosts.join(', ')}, not ${wanted}`;
}
