import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import test from 'ava';
import { inspectMachine } from '#agents/node/doctor/inspect-machine.ts';
import { inspectCgroups } from '#agents/node/doctor/kernel.ts';
import { inspectPort } from '#agents/node/doctor/resources.ts';
import { isAtLeast, versionIn } from '#agents/node/doctor/tools.ts';

test('versions are found in what tools print', (t) => {
  t.is(versionIn('Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0'), '7.0.15');
  t.is(versionIn('containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3'), '1.6.20');
  t.is(versionIn('nftables v1.0.6 (Lester Gooch #5)'), '1.0.6');
});

test('versions are compared by number', (t) => {
  t.true(isAtLeast('6.10', [6, 2]));
  t.true(isAtLeast('7.0.15', [6, 2]));
  t.false(isAtLeast('6.0.16', [6, 2]));
});

test('a taken port is a warning', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const finding = await inspectPort((server.address() as AddressInfo).port);
  t.is(finding.level, 'warn');
  t.is(finding.found, 'taken');
});

test('a machine without cgroups fails', (t) => {
  t.is(inspectCgroups([{ path: '/', fileSystem: 'ext4' }]).level, 'fail');
});

test('whatever is found, each lack says what it costs and what to do', async (t) => {
  const findings = await inspectMachine();
  t.true(findings.length > 15);
  for (const finding of findings) t.is(finding.level === 'ok', finding.cost === '' && finding.remedy === '', finding.name);
});
