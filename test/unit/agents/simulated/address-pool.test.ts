import test from 'ava';
import { AddressPool } from '#agents/simulated/address-pool.ts';

test('addresses are distinct, within 10.200.0.0/13, and not used again at once', (t) => {
  const pool = new AddressPool();
  const taken = Array.from({ length: 70_000 }, () => pool.take());
  t.is(new Set(taken).size, 70_000);
  t.is(taken[0], '10.200.0.1');
  t.is(taken.at(-1), '10.201.17.112');
  pool.release('10.200.0.1');
  t.is(pool.take(), '10.201.17.113');
});

test('an address that a pod holds already is not given away', (t) => {
  const pool = new AddressPool();
  pool.hold('10.200.0.1');
  t.is(pool.take(), '10.200.0.2');
});
