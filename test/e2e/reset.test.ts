import { existsSync } from 'node:fs';
import test from 'ava';
import { TestHeadway } from '#test/support/headway.ts';
import { leftovers, machineState } from '#test/support/machine-state.ts';

const headway = new TestHeadway();
const before = machineState();
test.afterEach.always(async (t) => {
  if (!t.passed) t.log(await headway.describe());
});
test.after.always(() => headway.cleanUp());

test.serial('down keeps the data and leaves no process, mount, link, table or cgroup; up runs the pods again', async (t) => {
  t.timeout(120_000);
  await headway.up();
  t.true(leftovers(before, machineState()).length > 10);
  const down = await headway.headway('down');
  t.is(down.code, 0, down.stderr);
  t.deepEqual(leftovers(before, machineState()), []);
  t.true(existsSync(headway.dataDir));
  await headway.up();
  await headway.kubectl('-n', 'demo', 'wait', '--for=condition=Available', 'deployment', 'web', '--timeout=20s');
});

test.serial('reset leaves the machine as it was, and no file', async (t) => {
  t.timeout(120_000);
  const reset = await headway.headway('reset');
  t.is(reset.code, 0, reset.stderr);
  t.deepEqual(leftovers(before, machineState()), []);
  t.false(existsSync(headway.dataDir));
  t.false(existsSync(headway.instance.runDir));
});
