import { HeadwayError } from '#base/errors.ts';

/** Not an IPv4 network such as 10.244.0.0/24. */
export class InvalidCidr extends HeadwayError<{ readonly cidr: string }> {
  readonly code = 'invalid-cidr';
  readonly isRetryable = false;
}

export interface Cidr {
  readonly prefixLength: number;
  /** The first address of hosts: ours, and the gateway of the pods. */
  readonly gateway: string;
}

/** Reads an IPv4 network with room for hosts (at most /30). Throws {@link InvalidCidr}. */
export function parseCidr(cidr: string): Cidr {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  const [a, b, c, d, prefixLength] = (match?.slice(1).map(Number) ?? []) as [number, number, number, number, number];
  if (!match || [a, b, c, d].some((byte) => byte > 255) || prefixLength > 30) throw new InvalidCidr(`"${cidr}" is not an IPv4 network of /30 or larger`, { cidr });
  const mask = prefixLength === 0 ? 0 : (0xffff_ffff << (32 - prefixLength)) >>> 0;
  const first = ((((a << 24) | (b << 16) | (c << 8) | d) & mask) >>> 0) + 1;
  return { prefixLength, gateway: [24, 16, 8, 0].map((shift) => (first >>> shift) & 0xff).join('.') };
}
