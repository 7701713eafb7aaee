import { fn, type Functions, member } from '../cel/declarations.ts';
import { EvaluationError } from '../cel/errors.ts';
import { BOOL, list, map, opaque, STRING } from '../cel/types.ts';
import type { CelMap, MapKey, OpaqueValue, Value } from '../cel/values.ts';

const URL_TYPE = opaque('kubernetes.URL');
/** Scheme, authority, path, query, fragment: the parts of RFC 3986. */
const PARTS = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

class UrlValue implements OpaqueValue {
  readonly celType = 'kubernetes.URL';
  readonly text: string;
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;

  constructor(text: string, parts: Pick<UrlValue, 'scheme' | 'host' | 'path' | 'query'>) {
    this.text = text;
    this.scheme = parts.scheme;
    this.host = parts.host;
    this.path = parts.path;
    this.query = parts.query;
  }

  get hostname(): string {
    const bracketed = /^\[([^\]]*)\]/.exec(this.host);
    return bracketed ? (bracketed[1] ?? '') : this.host.replace(/:\d*$/, '');
  }

  get port(): string {
    return /:(\d*)$/.exec(this.host.replace(/^\[[^\]]*\]/, ''))?.[1] ?? '';
  }

  equals(other: OpaqueValue): boolean {
    return (other as UrlValue).text === this.text;
  }
}

/** What Go's `url.ParseRequestURI` takes: an absolute URI or an absolute path. */
function tryParse(text: string): UrlValue | undefined {
  const [all, scheme = '', authority, path = '', query = '', fragment] = PARTS.exec(text) ?? [];
  if (all === undefined || text === '' || fragment !== undefined || /\p{Cc}/u.test(text)) return undefined;
  if (scheme === '' && !text.startsWith('/')) return undefined;
  if (scheme !== '' && authority === undefined && !path.startsWith('/') && path === '') return undefined;
  const host = (scheme === '' ? '' : (authority ?? '')).replace(/^.*@/, '');
  if (/[\s<>"\\^`{|}]/.test(host) || /%(?![0-9A-Fa-f]{2})/.test(host + path) || !/^(?:\[[^\]]*\]|[^:[\]]*)(?::\d*)?$/.test(host)) return undefined;
  return new UrlValue(text, { scheme: scheme.toLowerCase(), host, path: scheme === '' && authority !== undefined ? `//${authority}${path}` : path, query });
}

function parse(text: string): UrlValue {
  const url = tryParse(text);
  if (!url) throw new EvaluationError(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`);
  return url;
}

function queryOf(url: UrlValue): CelMap {
  const values = new Map<MapKey, Value[]>();
  for (const [name, value] of new URLSearchParams(url.query)) values.set(name, [...(values.get(name) ?? []), value]);
  return values;
}

/** Escapes what may not stand in a path, and leaves escapes as they are. */
const escapePath = (path: string): string => path.replaceAll(/%(?![0-9A-Fa-f]{2})|[^\w\-.~$&+,/:;=@%!'()*]/gu, (c) => (c === '%' ? '%25' : encodeURIComponent(c)));

export const URLS: Functions = {
  url: [fn([STRING], URL_TYPE, parse)],
  isURL: [fn([STRING], BOOL, (text: string) => tryParse(text) !== undefined)],
  string: [fn([URL_TYPE], STRING, (url: UrlValue) => url.text)],
  getScheme: [member([URL_TYPE], STRING, (url: UrlValue) => url.scheme)],
  getHost: [member([URL_TYPE], STRING, (url: UrlValue) => url.host)],
  getHostname: [member([URL_TYPE], STRING, (url: UrlValue) => url.hostname)],
  getPort: [member([URL_TYPE], STRING, (url: UrlValue) => url.port)],
  getEscapedPath: [member([URL_TYPE], STRING, (url: UrlValue) => escapePath(url.path))],
  getQuery: [member([URL_TYPE], map(STRING, list(STRING)), queryOf)],
};
