import { goQuote } from '#api/go-text.ts';
import { fn, type Functions, member } from '../cel/declarations.ts';
import { EvaluationError } from '../cel/errors.ts';
import { BOOL, INT, opaque, STRING } from '../cel/types.ts';
import type { OpaqueValue } from '../cel/values.ts';
import { type Address, formatAddress, maskAddress, parseAddress, widthOf } from './ip-address.ts';

const IP = opaque('net.IP');
const CIDR = opaque('net.CIDR');

class IpValue implements OpaqueValue {
  readonly celType = 'net.IP';
  readonly address: Address;
  readonly celSize: number;
  constructor(address: Address) {
    this.address = address;
    this.celSize = widthOf(address) / 8;
  }
  equals(other: OpaqueValue): boolean {
    const { family, bits } = (other as IpValue).address;
    return this.address.family === family && this.address.bits === bits;
  }
}

class CidrValue implements OpaqueValue {
  readonly celType = 'net.CIDR';
  readonly address: Address;
  readonly prefix: number;
  readonly celSize: number;
  constructor(address: Address, prefix: number) {
    this.address = address;
    this.prefix = prefix;
    this.celSize = Math.ceil(prefix / 8);
  }
  equals(other: OpaqueValue): boolean {
    return cidrText(this) === cidrText(other as CidrValue);
  }
}

const cidrText = ({ address, prefix }: CidrValue): string => `${formatAddress(address)}/${prefix}`;

function parseIp(text: string): IpValue {
  const address = parseAddress(text);
  if (!('problem' in address)) return new IpValue(address);
  throw new EvaluationError(address.kind !== 'none' ? address.problem : `IP Address ${goQuote(text)} parse error during conversion from string: ${address.problem}`);
}

function tryParseCidr(text: string): CidrValue | { readonly problem: string } {
  const slash = text.lastIndexOf('/');
  const refuse = (why: string) => ({ problem: `network address parse error during conversion from string: netip.ParsePrefix(${goQuote(text)}): ${why}` });
  if (slash < 0) return refuse("no '/'");
  const address = parseAddress(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  if ('problem' in address && address.kind !== 'mapped') return refuse(address.kind === 'zone' ? 'IPv6 zones cannot be present in a prefix' : address.problem);
  if (!/^(?:0|[1-9]\d*)$/.test(digits)) return refuse(`bad bits after slash: ${goQuote(digits)}`);
  if (Number(digits) > ('problem' in address ? 128 : widthOf(address))) return refuse('prefix length out of range');
  return 'problem' in address ? { problem: `IPv4-mapped IPv6 address ${goQuote(text)} is not allowed` } : new CidrValue(address, Number(digits));
}

function parseCidr(text: string): CidrValue {
  const cidr = tryParseCidr(text);
  if ('problem' in cidr) throw new EvaluationError(`network address parse error during conversion from string: ${cidr.problem}`);
  return cidr;
}

/** What is no address here is told of as no argument. */
function containsText(cidr: CidrValue, text: string): boolean {
  const address = parseAddress(text);
  if ('problem' in address) throw new EvaluationError('no such overload');
  return contains(cidr, address);
}

const isIp = (text: string): boolean => !('problem' in parseAddress(text));
const contains = (cidr: CidrValue, address: Address): boolean => address.family === cidr.address.family && maskAddress(address, cidr.prefix).bits === maskAddress(cidr.address, cidr.prefix).bits;
const containsCidr = (cidr: CidrValue, inner: CidrValue): boolean => inner.prefix >= cidr.prefix && contains(cidr, inner.address);

const isLoopback = ({ family, bits }: Address): boolean => (family === 4 ? bits >> 24n === 127n : bits === 1n);
const isLinkLocalMulticast = ({ family, bits }: Address): boolean => (family === 4 ? bits >> 8n === 0xe0_00_00n : (bits >> 112n & 0xff_0fn) === 0xff_02n);
const isLinkLocalUnicast = ({ family, bits }: Address): boolean => (family === 4 ? bits >> 16n === 0xa9_fen : bits >> 118n === 0xfe_80n >> 6n);
const isMulticast = ({ family, bits }: Address): boolean => (family === 4 ? bits >> 28n === 0xen : bits >> 120n === 0xffn);
const isGlobalUnicast = (a: Address): boolean =>
  !(a.family === 4 && a.bits === 0xff_ff_ff_ffn) && a.bits !== 0n && !isLoopback(a) && !isMulticast(a) && !isLinkLocalUnicast(a);
const test = (holds: (address: Address) => boolean) => [member([IP], BOOL, (ip: IpValue) => holds(ip.address))];

function isCanonical(text: string): boolean {
  return formatAddress(parseIp(text).address) === text;
}

/** `ip()`, `cidr()` and what they can be asked. */
export const IPS: Functions = {
  ip: [fn([STRING], IP, parseIp), member([CIDR], IP, (cidr: CidrValue) => new IpValue(cidr.address))],
  isIP: [fn([STRING], BOOL, isIp)],
  'ip.isCanonical': [fn([STRING], BOOL, isCanonical)],
  string: [fn([IP], STRING, (ip: IpValue) => formatAddress(ip.address)), fn([CIDR], STRING, cidrText)],
  family: [member([IP], INT, (ip: IpValue) => BigInt(ip.address.family))],
  isUnspecified: test((a) => a.bits === 0n),
  isLoopback: test(isLoopback),
  isLinkLocalMulticast: test(isLinkLocalMulticast),
  isLinkLocalUnicast: test(isLinkLocalUnicast),
  isGlobalUnicast: test(isGlobalUnicast),
  cidr: [fn([STRING], CIDR, parseCidr)],
  isCIDR: [fn([STRING], BOOL, (text: string) => !('problem' in tryParseCidr(text)))],
  containsIP: [member([CIDR, STRING], BOOL, containsText), member([CIDR, IP], BOOL, (cidr: CidrValue, ip: IpValue) => contains(cidr, ip.address))],
  containsCIDR: [member([CIDR, STRING], BOOL, (cidr: CidrValue, inner: string) => containsCidr(cidr, parseCidr(inner))), member([CIDR, CIDR], BOOL, containsCidr)],
  masked: [member([CIDR], CIDR, (cidr: CidrValue) => new CidrValue(maskAddress(cidr.address, cidr.prefix), cidr.prefix))],
  prefixLength: [member([CIDR], INT, (cidr: CidrValue) => BigInt(cidr.prefix))],
};
