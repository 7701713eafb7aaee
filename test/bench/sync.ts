/**
 * The GitOps engine on a large repository: `node test/bench/sync.ts [--applications 200] [--manifests 50] [--commits 1000] [--only first,commit,burst,drift,blame,memory,kubectl]`.
 * Starts `headway up` with a simulated node, its own Redis (fsync always) and a generated repository with real history; prints one
 * line a measure. `kubectl` does the same work by `kubectl apply --server-side -R -f` on the same server, last.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ManifestRepository } from '#test/support/manifest-repository.ts';
import { startSyncedCluster } from './sync-cluster.ts';
import { measureBlame, measureBurst, measureCommits, measureDrift, measureFirstSync, measureKubectl, measureMemory, type Measure } from './sync-measures.ts';

const { values } = parseArgs({
  options: {
    applications: { type: 'string', default: '200' }, manifests: { type: 'string', default: '50' }, commits: { type: 'string', default: '1000' },
    only: { type: 'string', default: 'first,commit,burst,drift,blame,memory' },
  },
});
const MEASURES: Readonly<Record<string, Measure>> = { first: measureFirstSync, commit: measureCommits, burst: measureBurst, drift: measureDrift, blame: measureBlame, memory: measureMemory, kubectl: measureKubectl };
const wanted = values.only.split(',');
const unknown = wanted.filter((name) => !Object.hasOwn(MEASURES, name));
if (unknown.length > 0) throw new Error(`--only knows ${Object.keys(MEASURES).join(', ')}, not ${unknown.join(', ')}`);

const directory = mkdtempSync(join(tmpdir(), 'headway-bench-sync-'));
const repository = new ManifestRepository({ directory: join(directory, 'repository.git'), applications: Number(values.applications), manifests: Number(values.manifests), commits: Number(values.commits) });
let cluster: Awaited<ReturnType<typeof startSyncedCluster>> | undefined;
try {
  await repository.fill();
  process.stdout.write(`${values.applications} applications of ${values.manifests} manifests, ${values.commits} commits\n`);
  cluster = await startSyncedCluster(join(directory, 'data'), repository);
  for (const name of ['first', ...wanted.filter((other) => other !== 'first')]) {
    for (const line of (await MEASURES[name]?.({ cluster, repository, directory })) ?? []) process.stdout.write(`${line}\n`);
  }
} finally {
  await cluster?.stop();
  await repository.close();
  rmSync(directory, { recursive: true, force: true });
}
