import { fn, type Functions, member } from '../cel/declarations.ts';
import { EvaluationError } from '../cel/errors.ts';
import { BOOL, list, map, opaque, STRING } from '../cel/types.ts';
import type { CelMap, MapKey, OpaqueValue, Value } from '../cel/values.ts';
import { escapedPath, type GoUrl, parseUrl, queryPairs } from './go-url.ts';

const URL_TYPE = opaque('kubernetes.URL');

class UrlValue implements OpaqueValue {
  readonly celType = 'kubernetes.URL';
  readonly text: string;
  readonly parts: GoUrl;

  constructor(text: string, parts: GoUrl) {
    this.text = text;
    this.parts = parts;
  }

  get hostname(): string {
    return this.parts.host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/s, '$1');
  }

  get port(): string {
    return /:(\d*)$/.exec(this.parts.host)?.[1] ?? '';
  }

  equals(other: OpaqueValue): boolean {
    return (other as UrlValue).text === this.text;
  }
}

function parse(text: string): UrlValue {
  const url = parseUrl(text);
  if ('problem' in url) throw new EvaluationError(`URL parse error during conversion from string: ${url.problem}`);
  return new UrlValue(text, url);
}

function queryOf({ parts }: UrlValue): CelMap {
  const values = new Map<MapKey, Value[]>();
  for (const [name, value] of queryPairs(parts)) values.set(name, [...(values.get(name) ?? []), value]);
  return values;
}

export const URLS: Functions = {
  url: [fn([STRING], URL_TYPE, parse)],
  isURL: [fn([STRING], BOOL, (text: string) => !('problem' in parseUrl(text)))],
  getScheme: [member([URL_TYPE], STRING, (url: UrlValue) => url.parts.scheme)],
  getHost: [member([URL_TYPE], STRING, (url: UrlValue) => url.parts.host)],
  getHostname: [member([URL_TYPE], STRING, (url: UrlValue) => url.hostname)],
  getPort: [member([URL_TYPE], STRING, (url: UrlValue) => url.port)],
  getEscapedPath: [member([URL_TYPE], STRING, (url: UrlValue) => escapedPath(url.parts))],
  getQuery: [member([URL_TYPE], map(STRING, list(STRING)), queryOf)],
};
