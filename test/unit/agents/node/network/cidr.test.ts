import test from 'ava';
import { InvalidCidr, parseCidr } from '#agents/node/network/cidr.ts';
import { podRules } from '#agents/node/network/pod-rules.ts';

test('the gateway is the first address of the network', (t) => {
  t.deepEqual(parseCidr('10.244.3.0/24'), { prefixLength: 24, gateway: '10.244.3.1' });
  t.deepEqual(parseCidr('192.168.255.77/16'), { prefixLength: 16, gateway: '192.168.0.1' });
});

for (const cidr of ['10.244.0.0', '10.244.0.256/24', '10.244.0.0/31', 'fd00::/64', '10.0.0.0/8; drop']) {
  test(`"${cidr}" is refused`, (t) => {
    t.throws(() => parseCidr(cidr), { instanceOf: InvalidCidr });
  });
}

test('traffic between pods of one bridge is masqueraded only where the bridge is not filtered', (t) => {
  const options = { table: 'headway_pods', bridge: 'headway0', podCidr: '10.244.0.0/24', clusterCidr: '10.244.0.0/16' };
  t.notRegex(podRules({ ...options, masqueradeOnBridge: false }), /ct status dnat/);
  t.regex(podRules({ ...options, masqueradeOnBridge: true }), /ip saddr 10\.244\.0\.0\/24 oifname "headway0" ct status dnat masquerade/);
});
