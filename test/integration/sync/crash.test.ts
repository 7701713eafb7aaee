import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Job } from '#api/generated/batch/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { APPLICATIONS, CONFIG_MAPS, JOBS, LEASES, SYNCS } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { connectToApi } from '#cli/api-connection.ts';
import { readKubeconfig } from '#cli/kubeconfig.ts';
import type { Client } from '#client/client.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import { checkSync, type SeenObject } from '#test/support/crash/check-sync.ts';
import { freePort } from '#test/support/free-port.ts';
import { endJob } from '#test/support/jobs.ts';
import { type Program, startProgram } from '#test/support/program.ts';
import { startTestRedis } from '#test/support/redis.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';
import { createTemporaryRepository } from '#test/support/temporary-repository.ts';
import { waitFor } from '#test/support/wait.ts';

/** Each kills the process once; every fault point comes in turn. */
const ROUNDS = Number(process.env['HEADWAY_SYNC_CRASH_ROUNDS'] ?? 6);
/** The stages of the application below: hook, wave 0, wave 1, hook. */
const FAULTS = [
  'plan', 'begun', 'before-wave:0', 'after-wave:0', 'hooks-recorded:0', 'before-wave:1', 'after-wave:1', 'before-wave:2', 'after-wave:2', 'before-wave:3', 'after-wave:3', 'hooks-recorded:3',
  'prune', 'pruned', 'record',
] as const;
/** Seconds on a machine of one's own; this one may be shared by all other tests. */
const PATIENCE_MS = 90_000;

const config = (name: string, round: number, wave: number): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  annotations: {headway.dev/wave: "${wave}"}\ndata: {round: "${round}"}\n`;
const hook = (name: string, phase: string, deletion: string): string =>
  `apiVersion: batch/v1\nkind: Job\nmetadata:\n  ${name}\n  annotations: {headway.dev/hook: ${phase}, headway.dev/hook-delete-policy: ${deletion}}\nspec:\n  template:\n    spec: {restartPolicy: Never, containers: [{name: a, image: "a:1"}]}\n`;

const filesOf = (round: number): Readonly<Record<string, string | null>> => ({
  'first-a.yaml': config('first-a', round, 0), 'first-b.yaml': config('first-b', round, 0), 'second-a.yaml': config('second-a', round, 1), 'second-b.yaml': config('second-b', round, 1),
  'before.yaml': hook('name: before', 'PreSync', 'BeforeHookCreation'), 'after.yaml': hook('generateName: after-', 'PostSync', 'HookSucceeded'),
  [`round-${round}.yaml`]: config(`round-${round}`, round, 1), ...(round > 0 ? { [`round-${round - 1}.yaml`]: null } : {}),
});

async function startCluster(t: ExecutionContext) {
  const dataDir = temporaryDirectory('headway-sync-crash');
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const redis = await startTestRedis(t);
  const repository = await createTemporaryRepository();
  t.teardown(() => repository.dispose());
  const port = String(await freePort());
  const shared = ['--redis', redis.socketPath, '--data-dir', dataDir, '--port', port, '--log-level', 'warn'];
  await startProgram(t, ['apiserver', ...shared]).says(/^apiserver: https/m, PATIENCE_MS);
  const { server, credentials } = readKubeconfig(join(dataDir, 'kubeconfig'));
  const { client, close } = connectToApi(server, credentials, 'sync-crash-test');
  t.teardown(close);
  return {
    client, repository,
    /** As its successor would find it once the lease of the dead one is over. */
    async startSync(fault?: string): Promise<Program> {
      await client.delete(LEASES, { namespace: 'kube-system', name: 'headway-sync' }).catch(() => undefined);
      return startProgram(t, ['sync', ...shared, '--repo', repository.path], fault === undefined ? {} : { env: { HEADWAY_SYNC_FAULT: fault } });
    },
  };
}

/** All that a watcher of one kind sees, in order. */
async function follow<T extends KubeObject>(t: ExecutionContext, client: Client, resource: ResourceType<T>, see: (type: SeenObject['type'], object: T) => void): Promise<void> {
  const informers = createInformerFactory({ client, clock: systemClock, log: silentLogger });
  const ending = new AbortController();
  t.teardown(() => ending.abort());
  const informer = informers.informer(resource, { namespace: 'default', labelSelector: 'headway.dev/application' });
  informer.subscribe({ onAdd: (object) => see('ADDED', object), onUpdate: (object) => see('MODIFIED', object), onDelete: (object) => see('DELETED', object) });
  informers.start(ending.signal);
  await informer.synced();
}

test('kill -9 at every step of a sync: no half of a wave is seen, the sync ends after the restart, nothing is pruned by mistake, and no hook runs twice', async (t) => {
  t.timeout(120_000 + ROUNDS * 60_000);
  const { client, repository, startSync } = await startCluster(t);
  const seen: SeenObject[] = [];
  /** Each run of a hook to its end: name and commit. */
  const runs: string[] = [];
  await follow(t, client, CONFIG_MAPS, (type, { metadata, data }) => void seen.push({ type, name: metadata.name, round: Number(data?.['round']), revision: Number(metadata.resourceVersion) }));
  const finished = new Set<string | undefined>();
  const finishJob = async (type: SeenObject['type'], { metadata }: Job & KubeObject): Promise<void> => {
    if (type === 'DELETED' || finished.has(metadata.uid)) return;
    finished.add(metadata.uid);
    await endJob(client, metadata.name, 'Complete');
    runs.push(`${metadata.name.replace(/-.*/, '')} ${metadata.annotations?.['headway.dev/commit']}`);
  };
  const failures: unknown[] = [];
  await follow(t, client, JOBS, (type, job) => void finishJob(type, job).catch((error: unknown) => failures.push(error)));

  for (let round = 0; round <= ROUNDS; round++) {
    const commit = repository.commit(filesOf(round), `round ${round}`);
    const fault = round === 0 ? undefined : FAULTS[(round - 1) % FAULTS.length];
    if (fault !== undefined) {
      const dying = await startSync(fault);
      await waitFor(() => dying.child.signalCode === 'SIGKILL', { what: `the process to die at ${fault}: ${dying.output()}`, timeoutMs: PATIENCE_MS });
    }
    const sync = await startSync();
    await waitFor(async () => (await client.get(APPLICATIONS, { namespace: 'headway-system', name: 'root' })).status?.syncedRevision === commit, { what: `round ${round} (${fault}) synced`, timeoutMs: PATIENCE_MS });
    await waitFor(async () => (await client.list(SYNCS, { namespace: 'headway-system' })).items.every(({ status }) => status?.phase !== 'Running'), { what: `the records of round ${round} (${fault}) closed`, timeoutMs: PATIENCE_MS });
    await sync.end('SIGKILL');
    const { items } = await client.list(CONFIG_MAPS, { namespace: 'default', labelSelector: 'headway.dev/application' });
    t.deepEqual(items.map(({ metadata, data }) => `${metadata.name} ${data?.['round']}`).sort(), ['first-a', 'first-b', `round-${round}`, 'second-a', 'second-b'].map((name) => `${name} ${round}`), `after ${fault}`);
    t.deepEqual(runs.filter((run) => run.endsWith(commit)).sort(), [`after ${commit}`, `before ${commit}`], `hooks after ${fault}`);
  }
  t.deepEqual(failures, []);
  t.deepEqual(checkSync(seen), []);
});
