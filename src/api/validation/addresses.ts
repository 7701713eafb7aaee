import type { Problems } from './problems.ts';
import { canonicalAddress, ipFamilyOf, parseCidr } from '#api/ip.ts';
import { dns1123Label, dns1123Subdomain } from '#api/names.ts';

const BAD_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const BAD_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
const SPECIAL: readonly { readonly test: RegExp; readonly message: string }[] = [
  { test: /^127\.|^::1$/, message: 'may not be in the loopback range (127.0.0.0/8, ::1/128)' },
  { test: /^169\.254\.|^fe[89ab][\da-f]:/i, message: 'may not be in the link-local range (169.254.0.0/16, fe80::/10)' },
  { test: /^224\.0\.0\.|^ff[\da-f]2:/i, message: 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)' },
];

/** False when the text is no address. */
export function checkIp(problems: Problems, field: string, ip: string): boolean {
  if (ipFamilyOf(ip) !== undefined) return true;
  problems.invalid(field, ip, BAD_IP);
  return false;
}

/** False when the text is no range. */
export function checkCidr(problems: Problems, field: string, range: string): boolean {
  if (parseCidr(range) !== undefined) return true;
  problems.invalid(field, range, BAD_CIDR);
  return false;
}

/** Of the outside: neither this machine nor this link. */
export function checkOrdinaryIp(problems: Problems, field: string, ip: string): void {
  if (!checkIp(problems, field, ip)) return;
  const text = canonicalAddress(ip);
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
