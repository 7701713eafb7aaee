import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { DEPLOYMENTS, JOBS, LEASES } from '#api/resources.ts';
import { serverIdentity } from '#apiserver/identity/server-identity.ts';
import { connectToApi } from '#cli/api-connection.ts';
import { readKubeconfig } from '#cli/kubeconfig.ts';
import { freePort } from '#test/support/free-port.ts';
import { exec, ROOT } from '#test/support/headway.ts';
import { startProgram } from '#test/support/program.ts';
import { startTestRedis } from '#test/support/redis.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';
import { createTemporaryRepository } from '#test/support/temporary-repository.ts';
import { waitFor } from '#test/support/wait.ts';

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: default }
spec:
  replicas: 4
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: example.org/web:1 }] }
---
apiVersion: batch/v1
kind: Job
metadata: { name: once, namespace: default }
spec:
  template:
    spec: { restartPolicy: Never, containers: [{ name: once, image: example.org/once:1 }] }
`;

test('API server, controllers, scheduler, sync and simulated nodes, each a process of its own, make a commit Ready', async (t) => {
  t.timeout(180_000);
  const dataDir = temporaryDirectory('headway-parts');
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const redis = await startTestRedis(t);
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  repository.commit({ 'web.yaml': WEB });
  const [port, metricsPort] = [String(await freePort()), String(await freePort())];
  const shared = ['--data-dir', dataDir, '--port', port, '--log-level', 'warn'];
  const start = (...args: readonly string[]) => startProgram(t, [...args, ...shared]);

  const apiserver = start('apiserver', '--redis', redis.socketPath);
  await apiserver.says(/^apiserver: https/m);
  const parts = [
    start('controllers', '--redis', redis.socketPath),
    start('scheduler', '--redis', redis.socketPath),
    start('sync', '--redis', redis.socketPath, '--repo', repository.path, '--metrics-port', metricsPort),
  ];
  const nodes = start('agent', '--simulate', '2', '--kubeconfig', join(dataDir, 'kubeconfig'));
  await Promise.all([...parts.map((part) => part.says(/working/)), nodes.says(/2 simulated nodes are registered/)]);

  const { server, credentials } = readKubeconfig(join(dataDir, 'kubeconfig'));
  const { client, close } = connectToApi(server, credentials, 'test');
  t.teardown(close);
  await waitFor(async () => {
    const [web, once] = await Promise.all([
      client.get(DEPLOYMENTS, { namespace: 'default', name: 'web' }), client.get(JOBS, { namespace: 'default', name: 'once' }),
    ]);
    return web.status?.readyReplicas === 4 && once.status?.succeeded === 1;
  }, { what: 'the commit to be Ready', timeoutMs: 60_000 });
  const leases = (await client.list(LEASES, { namespace: 'kube-system' })).items.map((lease) => lease.metadata.name);
  t.deepEqual(leases.sort(), [serverIdentity(hostname()), 'headway-sync', 'kube-controller-manager', 'kube-scheduler']);
  const told = async (path: string) => (await fetch(`http://127.0.0.1:${metricsPort}${path}`)).text();
  t.regex(await told('/metrics'), /^process_cpu_seconds_total /m);
  t.is(await told('/healthz'), 'ok');
  const other = await exec(join(ROOT, 'bin/headway'), ['scheduler', ...shared, '--redis', redis.socketPath, '--metrics-port', metricsPort]);
  t.deepEqual([other.code, /--metrics-port \d+: listen EADDRINUSE/.test(other.stderr)], [1, true], other.stderr);

  for (const part of [...parts, nodes]) t.false(/forbidden/i.test(part.output()), part.output());

  await close();
  for (const program of [nodes, ...parts, apiserver]) t.is(await program.end('SIGTERM'), 0, program.output());
});

test('a part without certificates says what makes them', async (t) => {
  const dataDir = temporaryDirectory('headway-parts');
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  for (const part of ['controllers', 'scheduler', 'sync']) {
    const result = await exec(join(ROOT, 'bin/headway'), [part, '--data-dir', dataDir]);
    t.is(result.code, 1);
    t.regex(result.stderr, /no certificate for .* "headway apiserver" makes it/);
  }
});

test('simulated nodes without a kubeconfig, or none at all, are refused', async (t) => {
  const agent = (...args: readonly string[]) => exec(join(ROOT, 'bin/headway'), ['agent', ...args]);
  const missing = await agent('--simulate', '3', '--kubeconfig', '/nowhere/kubeconfig');
  t.is(missing.code, 1);
  t.regex(missing.stderr, /\/nowhere\/kubeconfig cannot be read as a kubeconfig/);
  t.regex((await agent('--simulate', '0')).stderr, /--simulate 0: a number of nodes, from 1/);
});
