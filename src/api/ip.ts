import { isIP, SocketAddress } from 'node:net';

export type IpFamily = 'IPv4' | 'IPv6';

/** A range of addresses: `10.96.0.0/16`. */
export interface Cidr {
  readonly family: IpFamily;
  /** The first address, as a number. */
  readonly first: bigint;
  /** How many addresses there are. */
  readonly size: bigint;
  readonly text: string;
}

const BITS: Readonly<Record<IpFamily, number>> = { IPv4: 32, IPv6: 128 };

/** Undefined when the text is no address. */
export function ipFamilyOf(text: string): IpFamily | undefined {
  const version = isIP(text);
  return version === 4 ? 'IPv4' : version === 6 && !text.includes('%') ? 'IPv6' : undefined;
}

/** The one form in which an address is written: `2001:db8::1`. */
export const canonicalAddress = (text: string): string => (isIP(text) === 6 ? new SocketAddress({ address: text, family: 'ipv6' }).address : text);

/** Undefined when the text is no range; bits beyond the prefix are cut off. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', bits = '', ...rest] = text.split('/');
  const family = ipFamilyOf(address);
  if (family === undefined || rest.length > 0 || !/^(?:0|[1-9]\d{0,2})$/.test(bits) || Number(bits) > BITS[family]) return undefined;
  const size = 1n << BigInt(BITS[family] - Number(bits));
  return { family, size, first: (addressNumber(address) / size) * size, text };
}

/** How the range is written when it begins where it says. */
export const canonicalCidr = (cidr: Cidr): string => `${addressText(cidr.first, cidr.family)}/${BITS[cidr.family] - (cidr.size.toString(2).length - 1)}`;

export function contains(cidr: Cidr, address: string): boolean {
  if (ipFamilyOf(address) !== cidr.family) return false;
  const offset = addressNumber(address) - cidr.first;
  return offset >= 0n && offset < cidr.size;
}

/** Whether all of `inner` lies in `outer`. */
export const covers = (outer: Cidr, inner: Cidr): boolean => outer.family === inner.family && outer.first <= inner.first && inner.first + inner.size <= outer.first + outer.size;

export function addressNumber(text: string): bigint {
  if (isIP(text) === 4) return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted ? addressNumber(dotted[2] ?? '') : 0n;
  const plain = dotted ? `${dotted[1] ?? ''}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}` : text;
  const [head = '', end] = plain.split('::');
  const [before, after] = [head, end ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array.from({ length: 8 - (before?.length ?? 0) - (after?.length ?? 0) }, () => '0');
  return [...(before ?? []), ...(end === undefined ? [] : zeros), ...(after ?? [])].reduce((sum, part) => sum * 65_536n + BigInt(`0x${part}`), 0n);
}

export function addressText(value: bigint, family: IpFamily): string {
  if (family === 'IPv4') return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((value >> BigInt(16 * (7 - i))) & 0xffffn).toString(16));
  return canonicalAddress(groups.join(':'));
}
