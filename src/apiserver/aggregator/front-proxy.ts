import type { SecureContextOptions } from 'node:tls';
import type { UserInfo } from '#api/transport.ts';
import type { Pki } from '../pki/pki.ts';
import type { RemoteService } from './api-service.ts';

/** Speaks for the server itself when it asks an extension API server. */
export const AGGREGATOR: UserInfo = { name: 'system:aggregator', groups: ['system:masters'] };

/** Who asks, for a server that trusts the front-proxy certificate. The client's own headers of these names are never passed on. */
export function userHeaders({ name, uid, groups, extra = {} }: UserInfo): Readonly<Record<string, string | readonly string[]>> {
  const extras = Object.entries(extra).map(([key, values]) => [`x-remote-extra-${escapeKey(key)}`, values]);
  return { 'x-remote-user': name, ...(uid ? { 'x-remote-uid': uid } : {}), ...(groups.length > 0 ? { 'x-remote-group': groups } : {}), ...(Object.fromEntries(extras) as Record<string, readonly string[]>) };
}

/** What RFC 9110 allows in a header's name, without the sign of the escape itself. */
const escapeKey = (key: string): string => Buffer.from(key.toLowerCase()).reduce((text, byte) => {
  const character = String.fromCharCode(byte);
  return text + (/[a-z0-9!#$&'*+.^_`|~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`);
}, '');

export type RemoteTls = SecureContextOptions & { readonly servername: string; readonly rejectUnauthorized: boolean };

/** `isChecked: false` for what only finds out whether somebody answers. */
export function remoteTls({ frontProxy }: Pki, remote: RemoteService, isChecked = true): RemoteTls {
  const { cert, key } = frontProxy.client;
  const ca = remote.caBundle ? { ca: Buffer.from(remote.caBundle, 'base64').toString() } : {};
  return { cert, key, ...ca, servername: `${remote.service.name}.${remote.service.namespace}.svc`, rejectUnauthorized: isChecked && !remote.insecureSkipTLSVerify };
}
