import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type { Node, Pod } from '#api/generated/core/v1.ts';
import type { ObjectList } from '#api/object.ts';
import { instanceOf } from '#base/instance.ts';
import { freePort } from '#test/support/free-port.ts';
import { exec, ROOT, TestHeadway } from '#test/support/headway.ts';
import { tracesOf } from '#test/support/machine-state.ts';
import { startProgram } from '#test/support/program.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';
import { waitFor } from '#test/support/wait.ts';

/** Debian's `nobody`. */
const UNPRIVILEGED = 65_534;
const headway = new TestHeadway({ flags: ['--nodes', 'simulated:20'] });
test.after.always(() => headway.cleanUp());

const CROWD = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: crowd, namespace: demo }
spec:
  replicas: 100
  selector: { matchLabels: { app: crowd } }
  template:
    metadata: { labels: { app: crowd } }
    spec: { containers: [{ name: c, image: example.org/none:1, resources: { requests: { cpu: 100m } } }] }
`;

test.serial('20 simulated nodes: the demo is healthy, and 100 pods of one commit are Ready, spread over all nodes', async (t) => {
  t.timeout(120_000);
  const output = await headway.up();
  t.regex(output, /✔ 20 simulated nodes/);
  t.regex(output, /✔ applications/, output);
  t.regex(output, /Job +demo +self-check +Complete/);
  headway.repository.write('clusters/demo/crowd.yaml', CROWD);
  headway.repository.commit('A hundred pods');
  const pods = await waitFor(async () => {
    const { items } = await headway.json<ObjectList<Pod>>('-n', 'demo', 'get', 'pods', '-l', 'app=crowd');
    const ready = items.filter((pod) => pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True'));
    return ready.length === 100 && ready;
  }, { what: '100 pods to be Ready', timeoutMs: 30_000, intervalMs: 200 });
  t.is(new Set(pods.map((pod) => pod.spec.nodeName)).size, 20);
  t.is(new Set(pods.map((pod) => pod.status?.podIP)).size, 100);
});

test.serial('more nodes join from a process of their own, which Ctrl-C ends', async (t) => {
  t.timeout(60_000);
  const more = startProgram(t, ['agent', '--simulate', '25', '--kubeconfig', join(headway.dataDir, 'kubeconfig')]);
  await more.says(/25 simulated nodes are registered/);
  const { items } = await headway.json<ObjectList<Node>>('get', 'nodes');
  t.is(items.length, 25);
  t.is(await more.end('SIGINT'), 0);
});

test.serial('an unprivileged user runs it in the data directory of their own', async (t) => {
  t.timeout(120_000);
  await headway.interrupt();
  const directory = temporaryDirectory('headway-user');
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const repository = join(directory, 'repository');
  cpSync(headway.repository.directory, repository, { recursive: true });
  const home = join(directory, 'home');
  mkdirSync(home);
  chownSync(home, UNPRIVILEGED, UNPRIVILEGED);
  chmodSync(directory, 0o755);
  const env = { HOME: home, XDG_DATA_HOME: '' };
  const up = startProgram(t, ['up', '--repo', repository, '--path', 'clusters/demo', '--nodes', 'simulated:3', '--port', String(await freePort())], { uid: UNPRIVILEGED, env });
  await up.says(/Try:/, 60_000);
  t.regex(up.output(), /✔ applications/);
  t.true(existsSync(join(home, '.local/share/headway/kubeconfig')));
  const status = await asUser('status');
  t.is(status.code, 0, status.stderr);
  t.regex(status.stdout, /nodes 3\/3/);
  t.is(await up.end('SIGINT'), 0, up.output());
  const reset = await asUser('reset');
  t.is(reset.code, 0, reset.stderr);
  t.false(existsSync(join(home, '.local/share/headway')));
  t.deepEqual(tracesOf(instanceOf(join(home, '.local/share/headway'), false)), []);

  function asUser(command: string) {
    return exec('setpriv', [`--reuid=${UNPRIVILEGED}`, `--regid=${UNPRIVILEGED}`, '--clear-groups', join(ROOT, 'bin/headway'), command], { env });
  }
});
