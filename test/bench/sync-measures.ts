import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Application } from '#api/headway/v1/types.ts';
import { CONFIG_MAPS } from '#api/resources.ts';
import { residentMegabytes } from '#cli/status.ts';
import { exec, ROOT } from '#test/support/headway.ts';
import { applicationName, manifestOf, manifestPath, type ManifestRepository } from '#test/support/manifest-repository.ts';
import { waitFor } from '#test/support/wait.ts';
import { cpuTimeUs } from './cpu-time.ts';
import type { SyncedCluster } from './sync-cluster.ts';

export interface MeasureContext {
  readonly cluster: SyncedCluster;
  readonly repository: ManifestRepository;
  readonly directory: string;
}
/** Answers with lines to print. */
export type Measure = (context: MeasureContext) => Promise<readonly string[]>;

/** 100,000 manifests on a busy machine take most of it. */
const FIRST_SYNC_TIMEOUT_MS = 3_000_000;
const SYNC_TIMEOUT_MS = 60_000;
const POLL_MS = 2;

const isAt = ({ status }: Application, revision: string): boolean =>
  status?.syncedRevision === revision && ['Synced', 'Healthy'].every((type) => status.conditions?.some((c) => c.type === type && c.status === 'True') === true);
const isSynced = (application: Application): boolean => application.status?.conditions?.some((c) => c.type === 'Synced' && c.status === 'True') === true;

/** By nearest rank: the least sample that is not below the share. */
const quantile = (sorted: readonly number[], q: number): number => sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN;
function summary(samples: readonly number[]): string {
  const sorted = samples.toSorted((a, b) => a - b);
  return `p50 ${quantile(sorted, 0.5).toFixed(0)}, p99 ${quantile(sorted, 0.99).toFixed(0)}, max ${(sorted.at(-1) ?? 0).toFixed(0)} ms (n ${sorted.length})`;
}

/** From the spawn of `headway up` on empty data until every object is stored and every Application says Synced. */
export const measureFirstSync: Measure = async ({ cluster, repository: { options } }) => {
  await waitFor(() => cluster.applications.lister.list().filter(isSynced).length === options.applications + 1, { what: 'the first sync', timeoutMs: FIRST_SYNC_TIMEOUT_MS, intervalMs: 20 });
  const seconds = (performance.now() - cluster.startedAt) / 1000;
  return [`first sync, from the start of the process   ${seconds.toFixed(1)} s, ${Math.round((options.applications * options.manifests) / seconds)} objects/s`];
};

const COMMITS = 100;

/** One changed file a commit: until its object's new value is seen by a watch, and until its Application is Synced and Healthy at the commit. */
export const measureCommits: Measure = async ({ cluster, repository }) => {
  const stored: number[] = [];
  const converged: number[] = [];
  const versions = versionsOf(cluster);
  for (let i = 0; i < COMMITS; i++) {
    const target = targetOf(i * 13, repository);
    const started = performance.now();
    await repository.commit({ [target.path]: target.manifest(`c${i}`) });
    await waitFor(() => target.value(cluster) === `c${i}`, { what: `commit ${i} stored`, timeoutMs: SYNC_TIMEOUT_MS, intervalMs: POLL_MS });
    stored.push(performance.now() - started);
    const revision = repository.git('rev-parse', 'main');
    await waitFor(() => isAt(cluster.applications.lister.get(`headway-system/${target.application}`) as Application, revision), { what: `commit ${i} converged`, timeoutMs: SYNC_TIMEOUT_MS, intervalMs: POLL_MS });
    converged.push(performance.now() - started);
  }
  const written = [...versionsOf(cluster)].reduce((sum, [name, version]) => sum + (version === versions.get(name) ? 0 : 1), 0);
  return [
    `of all ${versions.size} ConfigMaps, written by ${COMMITS} commits  ${written}`,
    `one-file commit to stored                   ${summary(stored)}`,
    `one-file commit to Synced and Healthy       ${summary(converged)}`,
  ];
};

const versionsOf = ({ configMaps }: SyncedCluster): ReadonlyMap<string, string | undefined> =>
  new Map(configMaps.lister.list().map(({ metadata }) => [`${metadata.namespace}/${metadata.name}`, metadata.resourceVersion]));

const BURST = 1000;

/** From the last of 1,000 commits until its state, and that of all before it, is stored. */
export const measureBurst: Measure = async ({ cluster, repository }) => {
  const targets = Array.from({ length: BURST }, (_, i) => targetOf(i, repository));
  const started = performance.now();
  for (const [i, target] of targets.entries()) await repository.commit({ [target.path]: target.manifest(`b${i}`) });
  const last = performance.now();
  const newest = new Map(targets.map((target, i) => [target.path, { target, value: `b${i}` }]));
  await waitFor(() => [...newest.values()].every(({ target, value }) => target.value(cluster) === value), { what: 'the burst', timeoutMs: SYNC_TIMEOUT_MS, intervalMs: POLL_MS });
  return [`burst of ${BURST} commits in ${((last - started) / 1000).toFixed(1)} s, newest state after  ${((performance.now() - last) / 1000).toFixed(2)} s`];
};

const DRIFTING = 1000;
const IN_FLIGHT = 16;

/** Somebody changes 1,000 objects, 16 at a time: from the answer to the change until a watch sees it undone. */
export const measureDrift: Measure = async ({ cluster, repository }) => {
  const samples: number[] = [];
  const queue = Array.from({ length: DRIFTING }, (_, i) => targetOf(i * 3, repository));
  const one = async (): Promise<void> => {
    for (let target = queue.pop(); target; target = queue.pop()) {
      const { application: namespace, name } = target;
      const changed = await cluster.client.patch(CONFIG_MAPS, { namespace, name }, { type: 'merge', body: { data: { value: 'drifted' } } }, { fieldManager: 'somebody' });
      const started = performance.now();
      const version = Number(changed.metadata.resourceVersion);
      await waitFor(() => {
        const seen = cluster.configMaps.lister.get(`${namespace}/${name}`);
        return Number(seen?.metadata.resourceVersion) > version && seen?.data?.['value'] !== 'drifted';
      }, { what: `${namespace}/${name} healed`, timeoutMs: SYNC_TIMEOUT_MS, intervalMs: POLL_MS });
      samples.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, one));
  return [`drift of ${DRIFTING} objects healed                 ${summary(samples)}`];
};

const BLAMES = 20;
/** Of CPU in each interval: watches and leases go on. */
const RESTING_US = 20_000;
const RESTING_INTERVAL_MS = 500;

/** What the measure before has left to write, such as the records of 200 syncs, is not this one's. */
async function waitForRest(cluster: SyncedCluster): Promise<void> {
  let before = Number.NEGATIVE_INFINITY;
  await waitFor(() => {
    const now = cpuTimeUs(cluster.pid('control-plane'));
    const used = now - before;
    before = now;
    return used <= RESTING_US;
  }, { what: 'the control plane at rest', timeoutMs: SYNC_TIMEOUT_MS, intervalMs: RESTING_INTERVAL_MS });
}

/** Each line of one object, by the command, start of the process included; of a cluster at rest. */
export const measureBlame: Measure = async ({ cluster, repository }) => {
  // As clones and mirrors are: with thousands of loose objects `git blame` alone takes 200 ms.
  repository.git('gc', '--quiet');
  await waitForRest(cluster);
  const samples: number[] = [];
  for (let i = 0; i < BLAMES; i++) {
    const { application, name } = targetOf(i * 17, repository);
    const started = performance.now();
    const result = await exec(join(ROOT, 'bin/headway'), ['blame', `configmap/${name}`, '-n', application, '--kubeconfig', cluster.kubeconfig]);
    if (result.code !== 0) throw new Error(result.stderr);
    samples.push(performance.now() - started);
  }
  return [`headway blame of one object                 ${summary(samples)}`];
};

export const measureMemory: Measure = async ({ cluster }) =>
  [`resident: control plane ${residentMegabytes(cluster.pid('control-plane')).toFixed(0)} MB, Redis ${residentMegabytes(cluster.pid('redis')).toFixed(0)} MB`];

/** The same files by kubectl, into a copy with other namespaces so that sync does not own them; then one changed file. */
export const measureKubectl: Measure = async ({ cluster, repository, directory }) => {
  const files = join(directory, 'files');
  execFileSync('sh', ['-c', `mkdir -p ${files} && git -C ${repository.options.directory} archive main apps | tar -x -C ${files} && find ${files} -name '*.yaml' -exec sed -i 's/app-\\([0-9]\\)/kubectl-\\1/g' {} +`]);
  const apply = async (): Promise<string> => {
    const started = performance.now();
    const result = await exec('kubectl', ['apply', '--server-side', '-R', '-f', join(files, 'apps')], { env: { KUBECONFIG: cluster.kubeconfig }, timeoutMs: FIRST_SYNC_TIMEOUT_MS });
    if (result.code !== 0) throw new Error(result.stderr.slice(0, 2000));
    return `${((performance.now() - started) / 1000).toFixed(1)} s`;
  };
  return [`kubectl apply --server-side -R, all         ${await apply()}`, `the same again, nothing changed             ${await apply()}`];
};

/** A ConfigMap of the repository, the i-th in an order that goes round the applications. */
function targetOf(i: number, { options }: ManifestRepository) {
  const application = i % options.applications;
  const [round, perApplication] = [Math.floor(i / options.applications), options.manifests - 1];
  const at = 1 + (round % perApplication);
  const manifest = at % 10 === 0 ? at - 1 : at;
  const name = `m-${manifest}`;
  return {
    application: applicationName(application), name, path: manifestPath(application, manifest),
    manifest: (value: string): string => manifestOf(application, manifest, value),
    value: (cluster: SyncedCluster): string | undefined => cluster.configMaps.lister.get(`${applicationName(application)}/${name}`)?.data?.['value'],
  };
}
