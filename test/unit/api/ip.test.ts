import test from 'ava';
import { addressNumber, addressText, canonicalAddress, canonicalCidr, contains, covers, ipFamilyOf, parseCidr } from '#api/ip.ts';

const cidr = (text: string) => parseCidr(text)!;

test('addresses of both families are told from other texts', (t) => {
  t.deepEqual(['10.0.0.1', '::1', 'fe80::1%eth0', '010.0.0.1', 'a', ''].map(ipFamilyOf), ['IPv4', 'IPv6', undefined, undefined, undefined, undefined]);
});

test('an address is the same after a trip through its number', (t) => {
  for (const text of ['10.96.0.1', '255.255.255.255', '::', '2001:db8::1', '2001:db8:1:2:3:4:5:6']) t.is(addressText(addressNumber(text), ipFamilyOf(text)!), text);
  t.is(addressNumber('::ffff:10.0.0.1'), 0xffff0a000001n);
  t.is(canonicalAddress('2001:DB8:0::1'), '2001:db8::1');
});

test('ranges hold their addresses, and no others', (t) => {
  t.deepEqual(['10.96.0.0', '10.96.255.255', '10.97.0.0', '::1'].map((ip) => contains(cidr('10.96.0.0/16'), ip)), [true, true, false, false]);
  t.true(contains(cidr('2001:db8::/64'), '2001:db8::ffff'));
  t.true(covers(cidr('10.0.0.0/8'), cidr('10.96.0.0/16')));
  t.false(covers(cidr('10.96.0.0/16'), cidr('10.0.0.0/8')));
});

test('a range that begins within itself has another form', (t) => {
  t.is(canonicalCidr(cidr('10.96.0.7/16')), '10.96.0.0/16');
  t.is(canonicalCidr(cidr('2001:db8::1/64')), '2001:db8::/64');
  t.deepEqual(['10.0.0.0/33', '10.0.0.0', '10.0.0.0/08', 'a/8'].map(parseCidr), [undefined, undefined, undefined, undefined]);
});
