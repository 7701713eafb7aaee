import { rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Job } from '#api/generated/batch/v1.ts';
import type { ObjectList } from '#api/object.ts';
import { containersOf, curl, isReady, serviceAddress, waitForWeb } from '#test/support/demo.ts';
import { TestHeadway } from '#test/support/headway.ts';
import { waitFor } from '#test/support/wait.ts';

const headway = new TestHeadway({ port: 27_443 });
test.before(async (t) => {
  t.timeout(120_000);
  await headway.up();
  await headway.kubectl('-n', 'demo', 'wait', '--for=condition=Complete', 'job', '--all', '--timeout=20s');
});
test.afterEach.always((t) => {
  if (!t.passed) t.log(headway.logs());
});
test.after.always(() => headway.cleanUp());

let commits = 0;
/** A commit that changes a ConfigMap arrives in the cluster. */
async function syncGoesOn(): Promise<void> {
  const value = `v${++commits}`;
  headway.repository.write('clusters/demo/marker.yaml', `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: marker\n  namespace: demo\ndata:\n  value: ${value}\n`);
  headway.repository.commit(`Set the marker to ${value}`);
  await waitFor(async () => (await headway.kubectl('-n', 'demo', 'get', 'configmap', 'marker', '-o', 'jsonpath={.data.value}')) === value, { what: `the marker ${value}`, timeoutMs: 20_000 });
}

async function nodeIsReady(): Promise<boolean> {
  return (await headway.kubectl('wait', '--for=condition=Ready', 'node', '--all', '--timeout=20s')).includes('condition met');
}

const PARTS = ['control-plane', 'redis', 'agent', 'containerd'] as const;
for (const parts of [...PARTS.map((p) => [p]), [...PARTS]]) {
  test.serial(`kill -9 of ${parts.join(', ')}: no container is restarted and sync goes on`, async (t) => {
    t.timeout(60_000);
    const before = await containersOf(headway);
    const pids = parts.map((p) => headway.pid(p));
    headway.kill(...parts);
    await waitFor(() => parts.every((p, i) => headway.pid(p) !== pids[i]), { what: 'the restart' });
    await waitFor(nodeIsReady, { what: 'the API and the node', timeoutMs: 30_000 });
    await syncGoesOn();
    await waitForWeb(headway, (pods) => pods.length === 2 && pods.every(isReady), 'both pods Ready');
    t.deepEqual(await containersOf(headway), before);
    t.regex(await curl(`http://${await serviceAddress(headway)}/`), /Headway/);
  });
}

test.serial('kill -9 of everything, the supervisor too: the next up takes the containers over', async (t) => {
  t.timeout(90_000);
  const before = await containersOf(headway);
  headway.kill('headway', ...PARTS);
  await headway.up();
  await syncGoesOn();
  t.deepEqual(await containersOf(headway), before);
});

test.serial('the data of Redis deleted while all is down: rebuilt from Git and the node, nothing restarted', async (t) => {
  t.timeout(90_000);
  const before = await containersOf(headway);
  const address = await serviceAddress(headway);
  const jobsBefore = await headway.json<ObjectList<Job>>('-n', 'demo', 'get', 'jobs');
  await headway.interrupt();
  rmSync(join(headway.dataDir, 'redis'), { recursive: true });
  t.regex(await curl(`http://${address}/`), /Headway/, 'the pods serve while Headway is down');
  await headway.up();
  await waitForWeb(headway, (pods) => pods.length === 2 && pods.every(isReady), 'both pods Ready');
  t.deepEqual(await containersOf(headway), before);
  t.is(await serviceAddress(headway), address);
  const jobs = await headway.json<ObjectList<Job>>('-n', 'demo', 'get', 'jobs');
  t.deepEqual(jobs.items.map((j) => j.metadata.uid), jobsBefore.items.map((j) => j.metadata.uid));
  await headway.kubectl('-n', 'demo', 'wait', '--for=condition=Complete', 'job', '--all', '--timeout=20s');
  await syncGoesOn();
  t.deepEqual(await containersOf(headway), before);
});
