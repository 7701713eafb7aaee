import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CUSTOM_RESOURCE_DEFINITIONS } from '#api/resources.ts';
import { asError, HeadwayError } from '#base/errors.ts';
import { isStatus } from '#api/status-error.ts';
import type { Client } from '#client/client.ts';
import { PublishedCharts, type PublishedChartsOptions } from '#sync/offline/application-source.ts';
import type { ChangePlan } from '#sync/offline/change-plan.ts';
import { expandFromGit } from '#sync/offline/expand-set.ts';
import { againstLive } from '#sync/offline/live-states.ts';
import { type LiveCluster, planChange } from '#sync/offline/plan-change.ts';
import { offlineCapabilities } from '#sync/render/cluster-capabilities.ts';
import { RenderTools } from '#sync/render/tools/render-tools.ts';
import { UnitRendering } from '#sync/render/unit-rendering.ts';
import { WorkerPool } from '#sync/render/worker/worker-pool.ts';
import { chartCredentials } from './audit/chart-credentials.ts';
import { type ClusterFlags, connectToCluster } from './audit/cluster.ts';
import { cacheDirectory } from './audit/session.ts';
import { type ComparisonFlags, openComparison } from './plan/comparison.ts';
import { planMarkdown } from './plan/plan-markdown.ts';
import { exitCodeOf, parseFailOn, summarizePlan } from './plan/plan-summary.ts';
import { planText } from './plan/plan-text.ts';
import { withoutSlashes } from './plan/words.ts';
import { UsageError } from './usage-error.ts';

export interface PlanFlags extends ComparisonFlags, ClusterFlags {
  readonly path: string;
  readonly policies: string;
  readonly charts?: true;
  readonly against: string;
  readonly output: string;
  readonly failOn: string;
  readonly exitCode?: true;
  readonly strict?: true;
}

/** Text that no terminal bounds. */
const COLUMNS = 100;
const FORMATS = ['text', 'json', 'markdown'];

/** Prints the plan; resolves to the exit code. Other failures are a 2 as well, so that 1 says nothing but that there are changes. */
export async function runPlan(flags: PlanFlags): Promise<number> {
  try {
    if (!FORMATS.includes(flags.output)) throw new UsageError(`-o ${flags.output}: say one of ${FORMATS.join(', ')}`);
    if (flags.against !== 'git' && flags.against !== 'live') throw new UsageError(`--against ${flags.against}: say git or live`);
    const failOn = parseFailOn(flags.failOn);
    const plan = await makePlan(flags);
    process.stdout.write(`${format(plan, flags)}\n`);
    return exitCodeOf(plan, { failOn, tellsChanges: flags.exitCode === true });
  } catch (thrown) {
    const error = asError(thrown);
    process.stderr.write(`headway: ${error instanceof HeadwayError ? error.message : error.stack}\n`);
    return 2;
  }
}

function format(plan: ChangePlan, { output, path }: PlanFlags): string {
  if (output === 'json') return JSON.stringify({ summary: summarizePlan(plan), ...plan }, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2);
  if (output === 'markdown') return planMarkdown(plan, { path: withoutSlashes(path) });
  return planText(plan, { columns: process.stdout.columns ?? COLUMNS, isColored: process.stdout.isTTY === true && !process.env['NO_COLOR'] });
}

async function makePlan(flags: PlanFlags): Promise<ChangePlan> {
  const comparison = await openComparison(flags);
  const workDir = await mkdtemp(join(tmpdir(), 'headway-plan-'));
  const abort = new AbortController();
  process.once('SIGINT', () => abort.abort(new UsageError('interrupted')));
  try {
    const units = new UnitRendering({ workDir, tools: new RenderTools({ unpackTo: join(await cacheDirectory(), 'tools') }), pool: new WorkerPool(), cluster: offlineCapabilities });
    const plan = async (cluster?: PlanCluster): Promise<ChangePlan> => {
      const charts = flags.charts ? publishedCharts(cluster?.client, { cacheDir: join(await cacheDirectory(), 'git'), gitBinary: 'git', units, signal: abort.signal }) : undefined;
      return planChange({
        ...comparison, units, path: withoutSlashes(flags.path), policies: withoutSlashes(flags.policies), isStrict: flags.strict === true, signal: abort.signal,
        expand: expandFromGit(comparison.repository), charts, ...(cluster ? { live: cluster } : {}),
      }).finally(() => charts?.close());
    };
    return flags.against === 'live' ? await withCluster(flags, abort.signal, plan) : await plan();
  } finally {
    comparison.repository.close();
    await rm(workDir, { recursive: true, force: true });
  }
}

interface PlanCluster extends LiveCluster {
  readonly client: Client;
}

/** Without a cluster, those that everybody may fetch. */
const publishedCharts = (client: Client | undefined, options: Omit<PublishedChartsOptions, 'credentialsOf'>): PublishedCharts =>
  new PublishedCharts({ ...options, credentialsOf: (repository) => () => (client ? chartCredentials(client, repository) : Promise.resolve({ type: 'none' })) });

async function withCluster(flags: PlanFlags, signal: AbortSignal, use: (live: PlanCluster) => Promise<ChangePlan>): Promise<ChangePlan> {
  const { client, close } = connectToCluster(flags, 'headway-plan');
  try {
    const definitions = await definitionsOf(client);
    const served = new Set(definitions.map(({ metadata }) => metadata.name));
    return await use({ client, definitions, refine: (compared) => againstLive(compared, { client, served, signal }) });
  } finally {
    close();
  }
}

/** Whoever may not list definitions does with those of the repository. */
async function definitionsOf(client: Client): Promise<LiveCluster['definitions']> {
  try {
    return (await client.list(CUSTOM_RESOURCE_DEFINITIONS)).items;
  } catch (error) {
    if (isStatus(error, 'Forbidden')) return [];
    throw error;
  }
}
