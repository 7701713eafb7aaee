import { isIPv4, isIPv6 } from 'node:net';
import { dns1123Label, dns1123Subdomain } from '#api/names.ts';

/** What Kubernetes checks of strings by `format`; as go-openapi's strfmt does. Names stand without dashes. */
const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: (text) => /^[0-9a-f]{24}$/i.test(text),
  uri: isUri,
  email: (text) => EMAIL.test(text),
  hostname: isHostname,
  ipv4: (text) => text.includes('.') && isIp(text),
  ipv6: (text) => text.includes(':') && isIp(text),
  cidr: isCidr,
  mac: (text) => MAC.test(text),
  uuid: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  uuid3: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  uuid4: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
  uuid5: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  hexcolor: (text) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  rgbcolor: (text) => RGB.test(text),
  byte: (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/.test(text),
  password: () => true,
  date: isDate,
  duration: isDuration,
  datetime: isDateTime,
  k8sshortname: (text) => dns1123Label(text).length === 0,
  k8slongname: (text) => dns1123Subdomain(text).length === 0,
};

const NUMBER_FORMATS: Readonly<Record<string, readonly string[]>> = { integer: ['int32', 'int64'], number: ['float', 'double'] };

/**
 * The format that counts for a schema of this type; formats that Kubernetes does not know are ignored, as it does.
 * @param type empty for a schema without, or with more than one, type.
 */
export function effectiveFormat(type: string, format: string | undefined): string {
  if (format === undefined || format === '') return '';
  const isKnown = type === '' || type === 'string' ? stringFormat(format) !== undefined : NUMBER_FORMATS[type]?.includes(format) === true;
  return isKnown ? format : '';
}

/** The check of a string; undefined for formats of numbers and unknown ones. */
export function stringFormat(format: string): ((text: string) => boolean) | undefined {
  const name = format.replaceAll('-', '');
  return Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
}

const EMAIL = /^(?:[^<>]*<)?(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uffff-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uffff-]+)*|"(?:[^"\\]|\\.)+")@(?:[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uffff-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\uffff-]+)*|\[[^\]]+\])>?$/;
const MAC = /^(?:[0-9a-f]{2}([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4}(?:(?:\1[0-9a-f]{2}){2}|(?:\1[0-9a-f]{2}){14})?|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}(?:\.[0-9a-f]{4}|(?:\.[0-9a-f]{4}){7})?)$/i;
const BYTE = '(?:0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])';
const RGB = new RegExp(`^rgb\\(\\s*${BYTE}\\s*,\\s*${BYTE}\\s*,\\s*${BYTE}\\s*\\)$`);
const HOSTNAME = /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z0-9\p{S}\p{L}])(-?[a-zA-Z0-9\p{S}\p{L}]){1,62})$/u;

function isHostname(text: string): boolean {
  const maxBytes = 255;
  const maxLabel = 63;
  return Buffer.byteLength(text) <= maxBytes && text.split('.').every((label) => Buffer.byteLength(label) <= maxLabel) && HOSTNAME.test(text);
}

const isIp = (text: string): boolean => isIPv4(text) || (isIPv6(text) && !text.includes('%'));

function isCidr(text: string): boolean {
  const slash = text.indexOf('/');
  const [address, length] = [text.slice(0, slash), text.slice(slash + 1)];
  return slash > 0 && /^\d{1,3}$/.test(length) && isIp(address) && Number(length) <= (isIPv4(address) ? 32 : 128);
}

/** An absolute URI, or an absolute path, as in the first line of a request. */
function isUri(text: string): boolean {
  const match = /^(?:[a-z][a-z0-9+.-]*:|(?=\/))(?:\/\/([^/?#]*))?/i.exec(text);
  // oxlint-disable-next-line no-control-regex
  if (match === null || /[\u0000-\u001f\u007f]|%(?![0-9a-f]{2})/i.test(text)) return false;
  const authority = match[1] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return /^(?:\[[0-9a-f:.%]*\]|[^\s:<>"[\]]*)(?::\d*)?$/i.test(host);
}

function isIsbn10(text: string): boolean {
  const digits = text.replaceAll(/[\s-]+/g, '');
  if (!/^(?:\d{9}X|\d{10})$/.test(digits)) return false;
  return sum(digits, (digit, i) => (i + 1) * digit) % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replaceAll(/[\s-]+/g, '');
  return /^\d{13}$/.test(digits) && sum(digits, (digit, i) => (i % 2 === 0 ? digit : 3 * digit)) % 10 === 0;
}

const CARD = /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/;
function isCreditCard(text: string): boolean {
  const digits = text.replaceAll(/[^0-9]+/g, '');
  const reversed = [...digits].reverse().join('');
  return CARD.test(digits) && sum(reversed, (digit, i) => (i % 2 === 0 ? digit : digit < 5 ? 2 * digit : 2 * digit - 9)) % 10 === 0;
}

const sum = (digits: string, weigh: (digit: number, index: number) => number): number =>
  [...digits].reduce((total, digit, i) => total + weigh(digit === 'X' ? 10 : Number(digit), i), 0);

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(match[3]);
}

function isDateTime(text: string): boolean {
  const [date = '', time = ''] = text.toLowerCase().split('t');
  const match = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$/.exec(time);
  return isDate(date) && match !== null && (match[1] ?? '') <= '23' && (match[2] ?? '') <= '59' && (match[3] ?? '') <= '59';
}

const UNIT = /^(?:ns|us|µs|ms|s|m|h|d|w|nano.*|micro.*|milli.*|sec.*|min.*|hr|hour.*|day.*|wk|week.*)$/i;
/** Go's form (`1h30m`, `-1.5s`), or words (`2 days`). */
function isDuration(text: string): boolean {
  if (/^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.test(text)) return true;
  if (!/^\s*(?:\d+\s*[A-Za-zµ]+\s*)+$/.test(text)) return false;
  return [...text.matchAll(/\d+\s*([A-Za-zµ]+)/g)].some((match) => UNIT.test(match[1] ?? ''));
}
