/** Name rules of Kubernetes. Each check returns the messages that the API server words, none when the text is right. */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const DNS1123_LABEL = new RegExp(`^${LABEL}$`);
const DNS1123_SUBDOMAIN = new RegExp(`^${LABEL}(\\.${LABEL})*$`);
const UNDERSCORED_LABEL = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?';
const UNDERSCORED_SUBDOMAIN = new RegExp(`^${UNDERSCORED_LABEL}(\\.${UNDERSCORED_LABEL})*$`);
const WILDCARD_SUBDOMAIN = new RegExp(`^\\*\\.${LABEL}(\\.${LABEL})*$`);
const DNS1035_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED_NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;
const CONFIG_KEY = /^[-._a-zA-Z0-9]+$/;
const PORT_NAME = /^[-a-z0-9]+$/;

const MAX_LABEL = 63;
const MAX_SUBDOMAIN = 253;
const MAX_PORT_NAME = 15;
/** `generateName` keeps this much of its base, to leave room for the suffix in a label. */
export const MAX_GENERATED_BASE = 58;

export type NameCheck = (text: string) => readonly string[];

/** With Kubernetes' two spaces between examples. */
const regexMessage = (what: string, format: string, ...examples: string[]): string =>
  `${what} (${examples.length > 0 ? `e.g. ${examples.map((e) => `'${e}'`).join(',  or ')}, ` : ''}regex used for validation is '${format}')`;
const tooLong = (max: number, unit: 'bytes' | 'characters'): string => `must be no more than ${max} ${unit}`;

export const SUBDOMAIN_MESSAGE = regexMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*', 'example.com');
const UNDERSCORED_MESSAGE = regexMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  `${UNDERSCORED_LABEL}(\\.${UNDERSCORED_LABEL})*`, 'example.com');
const WILDCARD_MESSAGE = regexMessage(
  "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
  '\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*', '*.example.com');
const LABEL_MESSAGE = regexMessage(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  '[a-z0-9]([-a-z0-9]*[a-z0-9])?', 'my-name', '123-abc');
const DNS1035_MESSAGE = regexMessage(
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
  '[a-z]([-a-z0-9]*[a-z0-9])?', 'my-name', 'abc-123');
const QUALIFIED_MESSAGE = regexMessage(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]', 'MyName', 'my.name', '123-abc');
const VALUE_MESSAGE = regexMessage(
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?', 'MyValue', 'my_value', '12345');
const CONFIG_KEY_MESSAGE = regexMessage("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", '[-._a-zA-Z0-9]+', 'key.name', 'KEY_NAME', 'key-name');

/** @param unit what Kubernetes says of labels' keys and values; of the rest it says characters, and counts bytes too */
function check(text: string, max: number, pattern: RegExp, message: string, unit: 'bytes' | 'characters' = 'characters'): readonly string[] {
  // The common case allocates nothing.
  if (text.length <= max && pattern.test(text)) return NONE;
  return [...(Buffer.byteLength(text) > max ? [tooLong(max, unit)] : []), ...(pattern.test(text) ? [] : [message])];
}
const NONE: readonly string[] = [];

export const dns1123Label: NameCheck = (text) => check(text, MAX_LABEL, DNS1123_LABEL, DNS1123_SUBDOMAIN.test(text) ? 'must not contain dots' : LABEL_MESSAGE);
export const dns1123Subdomain: NameCheck = (text) => check(text, MAX_SUBDOMAIN, DNS1123_SUBDOMAIN, SUBDOMAIN_MESSAGE);
/** `_sip._tcp.example.com`: names of services in DNS. */
export const underscoredSubdomain: NameCheck = (text) => check(text, MAX_SUBDOMAIN, UNDERSCORED_SUBDOMAIN, UNDERSCORED_MESSAGE);
export const dns1035Label: NameCheck = (text) => check(text, MAX_LABEL, DNS1035_LABEL, DNS1035_MESSAGE);
/** `*.example.com`. */
export const wildcardSubdomain: NameCheck = (text) => check(text, MAX_SUBDOMAIN, WILDCARD_SUBDOMAIN, WILDCARD_MESSAGE);
export const labelValue: NameCheck = (text) => check(text, MAX_LABEL, LABEL_VALUE, VALUE_MESSAGE, 'bytes');

/** A label key, annotation key, finalizer or condition type: `name` or `prefix.example.com/name`. */
export const qualifiedName: NameCheck = (text) => {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  if (slash >= 0 && name.includes('/')) return [`a valid label key ${QUALIFIED_MESSAGE} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const problems: string[] = [];
  if (slash === 0) problems.push('prefix part must be non-empty');
  if (slash > 0) problems.push(...check(text.slice(0, slash), MAX_SUBDOMAIN, DNS1123_SUBDOMAIN, SUBDOMAIN_MESSAGE, 'bytes').map((m) => `prefix part ${m}`));
  if (name === '') problems.push('name part must be non-empty');
  problems.push(...check(name, MAX_LABEL, QUALIFIED_NAME, QUALIFIED_MESSAGE, 'bytes').map((m) => `name part ${m}`));
  return problems.length === 0 ? NONE : problems;
};

/** A key of a ConfigMap or Secret, which becomes a file name. */
export const configKey: NameCheck = (text) => {
  const problems = [...check(text, MAX_SUBDOMAIN, CONFIG_KEY, CONFIG_KEY_MESSAGE)];
  if (text === '.') problems.push("must not be '.'");
  else if (text === '..') problems.push("must not be '..'");
  else if (text.startsWith('..')) problems.push("must not start with '..'");
  return problems;
};

/** Name of a container port or of a Service's target port. */
export const portName: NameCheck = (text) => {
  const problems: string[] = [];
  if (text.length > MAX_PORT_NAME) problems.push(tooLong(MAX_PORT_NAME, 'characters'));
  if (!PORT_NAME.test(text)) problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(text)) problems.push('must contain at least one letter (a-z)');
  if (text.includes('--')) problems.push('must not contain consecutive hyphens');
  if (text.startsWith('-') || text.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems;
};

/** A name to which a suffix is still added: the dash at its end stands before it, and says nothing yet. */
export const prefixOf = (rule: NameCheck): NameCheck => (text) => rule(text.length > 1 && text.endsWith('-') ? `${text.slice(0, -2)}a` : text);

/** RBAC names and others that stand as one segment of a path. */
export const pathSegmentName: NameCheck = (text) => {
  if (text === '.' || text === '..') return [`may not be '${text}'`];
  return ['/', '%'].filter((c) => text.includes(c)).map((c) => `may not contain '${c}'`);
};

/** Letters and digits of Kubernetes' generated names: no vowels, nothing that looks like another. */
export const SAFE_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** The characters of `text` mapped on an alphabet without vowels, so that no words arise. */
export const safeEncode = (text: string): string =>
  Array.from(text, (c) => SAFE_ALPHABET[(c.codePointAt(0) ?? 0) % SAFE_ALPHABET.length]).join('');

/** The name for an object that has only `generateName`; the base is cut so that the name fits into a label. */
export const generateName = (base: string, randomSuffix: string): string => base.slice(0, MAX_GENERATED_BASE) + randomSuffix;
