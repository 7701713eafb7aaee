import { goQuote } from '#api/go-text.ts';
import { parseAddress } from './ip-address.ts';

/** A URL as Go's `net/url` takes it apart. */
export interface GoUrl {
  readonly scheme: string;
  /** With its port. */
  readonly host: string;
  /** As it was written. */
  readonly path: string;
  readonly query: string;
}

/** What is wrong with a URL, in Go's words; thrown within this file and told by {@link parseUrl}. */
class UrlFault extends Error {}

/** An absolute URI or an absolute path (`url.ParseRequestURI`); a fragment is dropped. */
export function parseUrl(text: string): GoUrl | { readonly problem: string } {
  try {
    parse(text, true);
    return parse(text.replace(/#.*$/s, ''), false);
  } catch (error) {
    if (error instanceof UrlFault) return { problem: `parse ${goQuote(text)}: ${error.message}` };
    throw error;
  }
}

/** Any URL or reference (`url.Parse`), with what is in it besides. */
export function parseReference(text: string): (GoUrl & { readonly hasUser: boolean; readonly fragment: string }) | { readonly problem: string } {
  const [rest = '', ...fragments] = text.split('#');
  const fragment = fragments.join('#');
  try {
    const url = parse(rest, false);
    unescaped(fragment);
    return { ...url, hasUser: /^[^/?]*:?\/\/[^/?]*@/.test(rest), fragment };
  } catch (error) {
    if (error instanceof UrlFault) return { problem: `parse ${goQuote(text)}: ${error.message}` };
    throw error;
  }
}

function parse(text: string, isRequest: boolean): GoUrl {
  if ([...text].some((c) => c < ' ' || c === '\u007f')) throw new UrlFault('net/url: invalid control character in URL');
  if (text === '' && isRequest) throw new UrlFault('empty url');
  if (text === '*') return { scheme: '', host: '', path: '*', query: '' };
  const scheme = schemeOf(text);
  const [rest = '', ...queries] = text.slice(scheme === '' ? 0 : scheme.length + 1).split('?');
  const parts = { scheme: scheme.toLowerCase(), query: queries.join('?') };
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { ...parts, host: '', path: '' };
    if (isRequest) throw new UrlFault('invalid URI for request');
    if (rest.split('/', 1)[0]?.includes(':')) throw new UrlFault('first path segment in URL cannot contain colon');
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || (!isRequest && !rest.startsWith('///')));
  const [, authority = '', path = ''] = hasAuthority ? (/^\/\/([^/]*)(.*)$/s.exec(rest) ?? []) : ['', '', rest];
  const host = hasAuthority ? hostOf(parts.scheme, authority) : '';
  unescaped(path);
  return { ...parts, host, path };
}

function schemeOf(text: string): string {
  if (text.startsWith(':')) throw new UrlFault('missing protocol scheme');
  return /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1] ?? '';
}

function hostOf(scheme: string, authority: string): string {
  const at = authority.lastIndexOf('@');
  const host = parseHost(scheme, authority.slice(at + 1));
  const user = authority.slice(0, Math.max(at, 0));
  if (!/^[\w\-.:~!$&'()*+,;=%@]*$/.test(user)) throw new UrlFault('net/url: invalid userinfo');
  unescaped(user);
  return host;
}

const isPort = (text: string): boolean => /^(?::\d*)?$/.test(text);

function parseHost(scheme: string, host: string): string {
  const open = host.lastIndexOf('[');
  if (open > 0) throw new UrlFault('invalid IP-literal');
  if (open === 0) return literalHost(host);
  const isStrict = scheme === 'http' || scheme === 'https';
  const colon = isStrict ? host.indexOf(':') : host.lastIndexOf(':');
  if (colon >= 0 && !isPort(host.slice(colon))) throw new UrlFault(`invalid port ${goQuote(host.slice(colon))} after host`);
  return unescapedHost(host);
}

function literalHost(host: string): string {
  const close = host.lastIndexOf(']');
  if (close < 0) throw new UrlFault("missing ']' in host");
  const port = host.slice(close + 1);
  if (!isPort(port)) throw new UrlFault(`invalid port ${goQuote(port)} after host`);
  const [address = '', ...zone] = host.slice(1, close).split('%25');
  const name = unescapedHost(address) + (zone.length > 0 ? `%${unescaped(zone.join('%25'))}` : '');
  const parsed = parseAddress(name.replace(/%.*$/s, ''));
  if ('problem' in parsed && parsed.kind === 'none') throw new UrlFault(`invalid host: ${parsed.problem}`);
  if ('family' in parsed && parsed.family === 4) throw new UrlFault('invalid IP-literal');
  return `[${name}]${port}`;
}

/** In a host, only what is not ASCII may be escaped. */
function unescapedHost(host: string): string {
  for (const [part] of host.matchAll(/%.{0,2}|./gsu)) {
    if (/^%[0-7][\da-fA-F]$/.test(part) && part !== '%25') throw new UrlFault(escapeFault(part));
    if (/^[ #/?@\\^`{|}]$/.test(part)) throw new UrlFault(`invalid character ${goQuote(part)} in host name`);
  }
  return unescaped(host);
}

const escapeFault = (escape: string): string => `invalid URL escape ${goQuote(escape)}`;

/** The bytes that the escapes stand for. */
function unescaped(text: string): string {
  if (!text.includes('%')) return text;
  const wrong = /%(?![\da-fA-F]{2}).{0,2}/s.exec(text);
  if (wrong) throw new UrlFault(escapeFault(wrong[0]));
  return Buffer.concat(text.split(/(%[\da-fA-F]{2})/).map((part) => (/^%[\da-fA-F]{2}$/.test(part) ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part)))).toString();
}

/** As it was written when that is right already. */
export function escapedPath({ path }: GoUrl): string {
  if (/^[\w\-.~!$&'()*+,;=:@[\]%/]*$/.test(path)) return path;
  return unescaped(path).replaceAll(/[^\w\-.~$&+,/:;=@]/gu, (c) => Buffer.from(c).toString('hex').toUpperCase().replaceAll(/../g, '%$&'));
}

/** Pairs with a semicolon or a wrong escape are left out. */
export function queryPairs({ query }: GoUrl): readonly (readonly [string, string])[] {
  return query.split('&').filter((pair) => pair !== '' && !pair.includes(';')).flatMap((pair) => {
    const [name = '', ...value] = pair.replaceAll('+', ' ').split('=');
    const known = [name, value.join('=')].map((part) => (/%(?![\da-fA-F]{2})/.test(part) ? undefined : unescaped(part)));
    return known[0] === undefined || known[1] === undefined ? [] : [[known[0], known[1]] as const];
  });
}
