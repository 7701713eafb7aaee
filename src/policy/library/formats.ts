import { dns1035Label, dns1123Label, dns1123Subdomain, labelValue, type NameCheck, qualifiedName } from '#api/names.ts';
import { fn, type Functions, member } from '../cel/declarations.ts';
import { parseTimestamp } from '../cel/time.ts';
import { list, opaque, optional, STRING } from '../cel/types.ts';
import { type OpaqueValue, Optional } from '../cel/values.ts';
import { parseUrl } from './go-url.ts';

const FORMAT = opaque('kubernetes.NamedFormat');

/** Prefixes are names that `generateName` may complete: a trailing dash counts as one more letter. */
const prefix = (check: NameCheck): NameCheck => (text) => check(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -1)}a` : text);
const matching = (pattern: RegExp, message: string): NameCheck => (text) => (pattern.test(text) ? [] : [message]);

const CHECKS: Readonly<Record<string, NameCheck>> = {
  dns1123Label, dns1123Subdomain, dns1035Label, qualifiedName, labelValue,
  dns1123LabelPrefix: prefix(dns1123Label),
  dns1123SubdomainPrefix: prefix(dns1123Subdomain),
  dns1035LabelPrefix: prefix(dns1035Label),
  uri: uriFaults,
  uuid: matching(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i, 'does not match the UUID format'),
  byte: matching(/^(?!$)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, 'invalid base64'),
  date: (text) => (isTime(`${text}T00:00:00Z`) ? [] : ['invalid date']),
  datetime: (text) => (isTime(text) ? [] : ['invalid datetime']),
};

function uriFaults(text: string): readonly string[] {
  const url = parseUrl(text);
  return 'problem' in url ? [url.problem] : [];
}

function isTime(text: string): boolean {
  try {
    parseTimestamp(text);
    return true;
  } catch {
    return false;
  }
}

class FormatValue implements OpaqueValue {
  readonly celType = 'kubernetes.NamedFormat';
  readonly name: string;
  readonly check: NameCheck;
  constructor(name: string, check: NameCheck) {
    this.name = name;
    this.check = check;
  }
  equals(other: OpaqueValue): boolean {
    return (other as FormatValue).name === this.name;
  }
}

const formats = new Map(Object.entries(CHECKS).map(([name, check]) => [name, new FormatValue(name, check)]));

/** `format.dns1123Label().validate(text)`: none when the text is right, else what is wrong with it. */
export const FORMATS: Functions = {
  ...Object.fromEntries([...formats].map(([name, format]) => [`format.${name}`, [fn([], FORMAT, () => format)]])),
  'format.named': [fn([STRING], optional(FORMAT), (name: string) => new Optional(formats.get(name)))],
  validate: [member([FORMAT, STRING], optional(list(STRING)), (format: FormatValue, text: string) => {
    const problems = format.check(text);
    return problems.length === 0 ? Optional.NONE : new Optional(problems);
  })],
};
