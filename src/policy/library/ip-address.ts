import { isIPv4, isIPv6 } from 'node:net';
import { goQuote } from '#api/go-text.ts';

/** An address as a number. */
export interface Address {
  readonly family: 4 | 6;
  readonly bits: bigint;
}

/** Without zones, leading zeros and IPv4 addresses in IPv6 form, which are the ways to write one address twice. */
export function parseAddress(text: string): Address | AddressProblem {
  if (isIPv4(text)) return { family: 4, bits: text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
  if (!isIPv6(text)) return { problem: `ParseAddr(${goQuote(text)}): ${faultOf(text)}`, kind: 'none' };
  if (text.includes('%')) return { problem: `IP address ${goQuote(text)} with zone value is not allowed`, kind: 'zone' };
  const bits = parseIPv6(text);
  if (bits >> 32n === 0xff_ffn) return { problem: `IPv4-mapped IPv6 address ${goQuote(text)} is not allowed`, kind: 'mapped' };
  return { family: 6, bits };
}

export interface AddressProblem {
  readonly problem: string;
  /** `none`: it is no address; else what of an address is not wanted here. */
  readonly kind: 'none' | 'zone' | 'mapped';
}

/** In the words of Go's parser, as far as it looks for an IPv4 address. */
function faultOf(text: string): string {
  const first = /[.:%]/.exec(text)?.[0];
  if (first === '%') return 'missing IPv6 address';
  if (first !== '.') return 'unable to parse IP';
  const fields = text.split('.');
  let at = 0;
  for (const [i, field] of fields.entries()) {
    const fault = faultOfField(field, text.slice(at));
    if (fault !== undefined) return fault;
    if (i === 3 && fields.length > 4) return 'IPv4 address too long';
    at += field.length + 1;
  }
  return 'IPv4 address too short';
}

function faultOfField(field: string, rest: string): string | undefined {
  if (field === '') return `IPv4 field must have at least one digit (at ${goQuote(rest)})`;
  const digits = /^\d*/.exec(field)?.[0] ?? '';
  if (/^0\d/.test(digits)) return 'IPv4 field has octet with leading zero';
  if (Number(digits) > 255) return 'IPv4 field has value >255';
  return digits === field ? undefined : `unexpected character (at ${goQuote(rest.slice(digits.length))})`;
}

function parseIPv6(text: string): bigint {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  const hex = (a = '0', b = '0'): string => (Number(a) * 256 + Number(b)).toString(16);
  const plain = dotted ? `${dotted[1]}${hex(dotted[2], dotted[3])}:${hex(dotted[4], dotted[5])}` : text;
  const [head = '', tail] = plain.split('::');
  const groups = (part: string): readonly string[] => (part === '' ? [] : part.split(':'));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  return [...left, ...zeros, ...right].reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

/** The one canonical text: RFC 5952. */
export function formatAddress({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 0xffn).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xff_ffn).toString(16));
  const { start, length } = longestZeros(groups);
  if (length < 2) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

function longestZeros(groups: readonly string[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let i = 0; i < groups.length; i += 1) {
    let end = i;
    while (groups[end] === '0') end += 1;
    if (end - i > best.length) best = { start: i, length: end - i };
    i = Math.max(i, end - 1);
  }
  return best;
}

export const widthOf = ({ family }: Address): number => (family === 4 ? 32 : 128);

/** The network that an address lies in. */
export function maskAddress(address: Address, prefix: number): Address {
  const host = BigInt(widthOf(address) - prefix);
  return { family: address.family, bits: (address.bits >> host) << host };
}
