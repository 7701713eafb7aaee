import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SourceError } from '../errors.ts';

export type SourceUrl = { readonly kind: 'local'; readonly path: string } | RemoteUrl;
export interface RemoteUrl {
  readonly kind: 'remote';
  readonly url: string;
  /** What git may use to reach it. */
  readonly protocols: 'https' | 'http:https' | 'ssh';
}

/** @throws SourceError InvalidURL: git knows more transports, some of which run commands */
export function parseSourceUrl(url: string): SourceUrl {
  if (/[\p{Cc}\s]/u.test(url)) throw refused('holds white space or control characters');
  if (isAbsolute(url)) return { kind: 'local', path: url };
  if (url.startsWith('file:///')) return { kind: 'local', path: fileURLToPath(url) };
  if (/^https:\/\/[^/-]/.test(url)) return { kind: 'remote', url, protocols: 'https' };
  if (/^http:\/\/[^/-]/.test(url)) return { kind: 'remote', url, protocols: 'http:https' };
  if (/^ssh:\/\/[^/-]/.test(url) || /^[\w.-]+@[\w.][\w.-]*:[^:]/.test(url)) return { kind: 'remote', url, protocols: 'ssh' };
  throw refused('is none of https://…, ssh://…, user@host:path, an absolute path');
}

/** Of a chart repository (https), or a registry (oci, which is https). @throws SourceError InvalidURL */
export function parseChartUrl(url: string): RemoteUrl {
  const { protocol, host } = URL.parse(url) ?? {};
  if (!host || /[\p{Cc}\s]/u.test(url)) throw refused('is no address of a chart repository');
  if (protocol === 'https:' || protocol === 'oci:') return { kind: 'remote', url, protocols: 'https' };
  if (protocol === 'http:') return { kind: 'remote', url, protocols: 'http:https' };
  throw refused('is none of https://… and oci://…, where charts are published');
}

export interface HostPort {
  /** Without the brackets of IPv6. */
  readonly host: string;
  /** Absent: the usual one. */
  readonly port?: string;
}

/** Where a remote repository is. What follows the host of `git@host:path` is no port. */
export function hostOf(url: string): HostPort {
  const [, scheme, host = url, port] = /^([a-z+]+:\/\/)?(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+)(?::(\d+)(?=\/|$))?/.exec(url) ?? [];
  return { host: host.replaceAll(/[[\]]/g, ''), ...(scheme && port ? { port } : {}) };
}

const refused = (why: string): SourceError => new SourceError('InvalidURL', `spec.url ${why}`);
