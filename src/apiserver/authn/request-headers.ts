import type { UserInfo } from '#api/transport.ts';
import type { RequestHeaders } from '../http/exchange.ts';

/** Whom a front proxy speaks for; undefined when it names nobody. Every value of a repeated header counts by itself: a comma is part of a name. */
export function userOfHeaders(request: RequestHeaders): UserInfo | undefined {
  const name = request.values('x-remote-user')[0];
  if (!name) return undefined;
  const groups = request.values('x-remote-group').filter((group) => group !== '');
  const uid = request.values('x-remote-uid')[0];
  const extra = extraOf(request, 'x-remote-extra-');
  const isAnonymous = name === 'system:anonymous' || groups.includes('system:unauthenticated');
  return {
    name, groups: isAnonymous || groups.includes('system:authenticated') ? groups : [...groups, 'system:authenticated'],
    ...(uid ? { uid } : {}), ...(extra ? { extra } : {}),
  };
}

/** The values of all headers with the prefix, by the rest of their name, which may be percent-encoded; undefined when there are none. */
export function extraOf(request: RequestHeaders, prefix: string): Readonly<Record<string, readonly string[]>> | undefined {
  const own = Object.keys(request.headers).filter((name) => name.startsWith(prefix));
  return own.length === 0 ? undefined : Object.fromEntries(own.map((name) => [unescape(name.slice(prefix.length)), request.values(name)]));
}

function unescape(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    // As Kubernetes does: what is no encoding stands for itself.
    return key;
  }
}
