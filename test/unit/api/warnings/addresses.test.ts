import test from 'ava';
import { warnOfAddress, warnOfRange } from '#api/warnings/addresses.ts';

for (const [address, warnings] of [
  ['192.12.2.2', []],
  ['2001:db8::2', []],
  ['no address', []],
  ['192.012.2.2', ['p: non-standard IP address "192.012.2.2" is invalid: use "192.12.2.2"']],
  ['::ffff:192.12.2.2', ['p: non-standard IP address "::ffff:192.12.2.2" is invalid: use "192.12.2.2"']],
  ['2001:db8:0:0::2', ['p: IPv6 address "2001:db8:0:0::2" should be in RFC 5952 canonical format ("2001:db8::2")']],
] as const) {
  test(`what is told of the address ${address}`, (t) => { t.deepEqual(warnOfAddress('p', address), warnings); });
}

for (const [range, warnings] of [
  ['192.12.2.0/24', []],
  ['2001:db8::/64', []],
  ['192.12.2.0', []],
  ['192.012.2.0/24', ['p: non-standard CIDR value "192.012.2.0/24" is invalid: use "192.12.2.0/24"']],
  ['192.12.2.0/024', ['p: non-standard CIDR value "192.12.2.0/024" is invalid: use "192.12.2.0/24"']],
  ['::ffff:192.12.2.0/120', ['p: non-standard CIDR value "::ffff:192.12.2.0/120" is invalid: use "192.12.2.0/24"']],
  ['192.12.2.8/24', ['p: CIDR value "192.12.2.8/24" is ambiguous in this context (should be "192.12.2.0/24" or "192.12.2.8/32"?)']],
  ['192.012.2.8/24', ['p: CIDR value "192.012.2.8/24" is ambiguous in this context (should be "192.12.2.0/24" or "192.12.2.8/32"?)', 'p: non-standard CIDR value "192.012.2.8/24" is invalid: use "192.12.2.0/24"']],
  ['2001:db8:0:0::/64', ['p: IPv6 CIDR value "2001:db8:0:0::/64" should be in RFC 5952 canonical format ("2001:db8::/64")']],
] as const) {
  test(`what is told of the range ${range}`, (t) => { t.deepEqual(warnOfRange('p', range), warnings); });
}
