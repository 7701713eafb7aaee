import { addressNumber, addressText, canonicalAddress, type IpFamily, ipFamilyOf } from '#api/ip.ts';

const NONE: readonly string[] = [];
const OCTETS = /^\d+(?:\.\d+){3}$/;
const MAX_OCTET = 255;
const BITS: Readonly<Record<IpFamily, bigint>> = { IPv4: 32n, IPv6: 128n };
/** The upper bits of an IPv6 address that holds one of IPv4, and how many they are. */
const MAPPED = 0xffffn;
const MAPPED_BITS = 96n;

interface Address {
  readonly family: IpFamily;
  readonly number: bigint;
  /** Whether every program reads it alike: no zeros before an octet, no IPv4 in IPv6. */
  readonly isStandard: boolean;
}

/** As Kubernetes once read addresses: `010.1.1.1` is `10.1.1.1`. */
function readAddress(text: string): Address | undefined {
  const family = ipFamilyOf(text);
  if (family !== undefined) {
    const number = addressNumber(text);
    return { family, number, isStandard: family === 'IPv4' || !isMapped(number) };
  }
  const octets = OCTETS.test(text) ? text.split('.').map(Number) : [];
  return octets.length === 0 || octets.some((octet) => octet > MAX_OCTET) ? undefined : { family: 'IPv4', number: addressNumber(octets.join('.')), isStandard: false };
}

const isMapped = (number: bigint): boolean => number >> BITS.IPv4 === MAPPED;

/** Addresses of IPv4 are written as such, also those in IPv6. */
const textOf = (number: bigint, family: IpFamily): string =>
  (family === 'IPv6' && isMapped(number) ? addressText(number & ((1n << BITS.IPv4) - 1n), 'IPv4') : addressText(number, family));

/** Of an address that not every program reads alike, or that is not in the one form in which it is compared. Nothing is said of what is no address. */
export function warnOfAddress(path: string, text: string): readonly string[] {
  const address = readAddress(text);
  if (address === undefined) return NONE;
  if (!address.isStandard) return [`${path}: non-standard IP address ${JSON.stringify(text)} is invalid: use ${JSON.stringify(textOf(address.number, address.family))}`];
  const canonical = canonicalAddress(text);
  return address.family === 'IPv4' || canonical === text ? NONE : [`${path}: IPv6 address ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`];
}

/** The same of a range, and of one that begins at another address than it says. */
export function warnOfRange(path: string, text: string): readonly string[] {
  const [, start = '', length = ''] = /^([^/]*)\/(\d{1,3})$/.exec(text) ?? [];
  const address = readAddress(start);
  if (address === undefined || BigInt(length) > BITS[address.family]) return NONE;
  const { family, number } = address;
  const bits = BITS[family] - BigInt(length);
  const first = (number >> bits) << bits;
  const isInner = family === 'IPv6' && isMapped(first) && BigInt(length) >= MAPPED_BITS;
  const network = `${textOf(first, family)}/${isInner ? BigInt(length) - MAPPED_BITS : BigInt(length)}`;
  const found: string[] = [];
  if (first !== number) found.push(`${path}: CIDR value ${JSON.stringify(text)} is ambiguous in this context (should be ${JSON.stringify(network)} or ${JSON.stringify(`${textOf(number, family)}/${BITS[family]}`)}?)`);
  if (!address.isStandard || /^0\d/.test(length)) found.push(`${path}: non-standard CIDR value ${JSON.stringify(text)} is invalid: use ${JSON.stringify(network)}`);
  if (found.length === 0 && family === 'IPv6' && network !== text) found.push(`${path}: IPv6 CIDR value ${JSON.stringify(text)} should be in RFC 5952 canonical format (${JSON.stringify(network)})`);
  return found;
}
