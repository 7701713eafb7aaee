import { existsSync } from 'node:fs';
import test from 'ava';
import { TestHeadway } from '#test/support/headway.ts';
import { machineState } from '#test/support/machine-state.ts';

const headway = new TestHeadway({ port: 28_443 });
test.afterEach.always((t) => {
  if (!t.passed) t.log(headway.logs());
});
test.after.always(() => headway.cleanUp());

test.serial('down keeps the data and leaves no process, mount, link, table or cgroup; up runs the pods again', async (t) => {
  t.timeout(120_000);
  const before = machineState();
  await headway.up();
  t.notDeepEqual(machineState(), before);
  const down = await headway.headway('down');
  t.is(down.code, 0, down.stderr);
  t.deepEqual(machineState(), before);
  t.true(existsSync(headway.dataDir));
  await headway.up();
  await headway.kubectl('-n', 'demo', 'wait', '--for=condition=Available', 'deployment', 'web', '--timeout=20s');
});

test.serial('reset leaves the machine as it was', async (t) => {
  t.timeout(120_000);
  const reset = await headway.headway('reset');
  t.is(reset.code, 0, reset.stderr);
  const after = machineState();
  t.deepEqual(after.processes.filter((p) => p.includes(headway.dataDir)), []);
  t.false(existsSync(headway.dataDir));
  t.false(existsSync(headway.instance.runDir));
  t.false(after.ruleset.includes(headway.instance.nftTable));
  t.deepEqual(after.links.filter((l) => l.startsWith('veth') || l.startsWith(headway.instance.bridge)), []);
  t.deepEqual(after.cgroups.filter((c) => c.includes(headway.instance.cgroupRoot)), []);
  t.deepEqual(after.mounts.filter((m) => m.includes(headway.dataDir) || m.includes(headway.instance.runDir)), []);
});
