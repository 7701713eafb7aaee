import type { Problems } from './problems.ts';
import { addressNumber, canonicalAddress, type IpFamily, ipFamilyOf, parseCidr } from '#api/ip.ts';
import { dns1123Label, dns1123Subdomain } from '#api/names.ts';

const BAD_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const BAD_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
const SPECIAL: readonly { readonly test: RegExp; readonly message: string }[] = [
  { test: /^127\.|^::1$/, message: 'may not be in the loopback range (127.0.0.0/8, ::1/128)' },
  { test: /^169\.254\.|^fe[89ab][\da-f]:/i, message: 'may not be in the link-local range (169.254.0.0/16, fe80::/10)' },
  { test: /^224\.0\.0\.|^ff[\da-f]2:/i, message: 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)' },
];

/**
 * False when the text is no address, or one that programs read in different ways. What older versions let in may stay.
 * @param kept what the object had already
 */
export function checkIp(problems: Problems, field: string, ip: string, kept: Kept = []): boolean {
  if (kept.includes(ip)) return true;
  const fault = ipFault(ip);
  if (fault !== undefined) problems.invalid(field, ip, fault);
  return fault === undefined;
}

/** The same for a range. */
export function checkCidr(problems: Problems, field: string, range: string, kept: Kept = []): boolean {
  if (kept.includes(range)) return true;
  const fault = cidrFault(range);
  if (fault !== undefined) problems.invalid(field, range, fault);
  return fault === undefined;
}

type Kept = readonly (string | undefined)[];

function ipFault(ip: string): string | undefined {
  const plain = withoutZeros(ip);
  if (ipFamilyOf(plain) === undefined) return BAD_IP;
  if (plain !== ip) return 'must not have leading 0s';
  return isMapped(ip) ? 'must not be an IPv4-mapped IPv6 address' : undefined;
}

function cidrFault(range: string): string | undefined {
  const [ip = ''] = range.split('/');
  const plain = plainCidr(range);
  const cidr = parseCidr(plain);
  if (cidr === undefined) return BAD_CIDR;
  if (plain !== range) return 'must not have leading 0s in IP or prefix length';
  if (isMapped(ip)) return 'must not have an IPv4-mapped IPv6 address';
  return addressNumber(ip) === cidr.first ? undefined : 'must not have bits set beyond the prefix length';
}

/** Some programs take numbers that begin with a zero as octal. */
const withoutZeros = (ip: string): string => (/^[\d.]+$/.test(ip) ? ip.replace(/(?<=^|\.)0+(?=\d)/g, '') : ip);
const isMapped = (ip: string): boolean => ipFamilyOf(ip) === 'IPv6' && addressNumber(ip) >> 32n === 0xffffn;

const plainCidr = (range: string): string => range.replace(/^[^/]*/, withoutZeros).replace(/\/0+(?=\d)/, '/');
export const isCidr = (range: string): boolean => parseCidr(plainCidr(range)) !== undefined;

/** Also of an address in a form that is refused by now. */
export const familyOf = (ip: string): IpFamily | undefined => (isMapped(ip) ? 'IPv4' : ipFamilyOf(withoutZeros(ip)));

/** Of the outside: neither this machine nor this link. */
export function checkOrdinaryIp(problems: Problems, field: string, ip: string, kept: Kept = []): void {
  if (checkIp(problems, field, ip, kept)) checkNotSpecial(problems, field, ip);
}

export function checkNotSpecial(problems: Problems, field: string, ip: string): void {
  const plain = withoutZeros(ip);
  if (ipFamilyOf(plain) === undefined) return problems.invalid(field, ip, 'must be a valid IP address');
  const text = canonicalAddress(plain).replace(/^::ffff:(?=\d+\.)/i, '');
  if (text === '0.0.0.0' || text === '::') problems.invalid(field, ip, `may not be unspecified (${ip})`);
  for (const { test, message } of SPECIAL) if (test.test(text)) problems.invalid(field, ip, message);
}

/** At least two labels, with or without the dot at the end. */
export function checkFullDomain(problems: Problems, field: string, text: string): void {
  if (text === '') return problems.required(field);
  const name = text.replace(/\.$/, '');
  const whole = dns1123Subdomain(name);
  if (whole.length > 0) return problems.invalid(field, name, whole.join(','));
  const labels = name.split('.');
  if (labels.length < 2) return problems.invalid(field, name, 'should be a domain with at least two segments separated by dots');
  const wrong = labels.find((label) => dns1123Label(label).length > 0);
  if (wrong !== undefined) problems.invalid(field, wrong, dns1123Label(wrong).join(','));
}

/** The name of a host that is no address. */
export function checkHostname(problems: Problems, field: string, host: string): void {
  problems.check(field, host, dns1123Subdomain);
  if (ipFamilyOf(host) !== undefined) problems.invalid(field, host, 'must be a DNS name, not an IP address');
}
