import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { PublishedCharts } from '#sync/offline/application-source.ts';
import type { ChangePlan } from '#sync/offline/change-plan.ts';
import { expandFromGit } from '#sync/offline/expand-set.ts';
import { planChange, type PlanChangeOptions } from '#sync/offline/plan-change.ts';
import { offlineCapabilities } from '#sync/render/cluster-capabilities.ts';
import { RenderTools } from '#sync/render/tools/render-tools.ts';
import { UnitRendering } from '#sync/render/unit-rendering.ts';
import { WorkerPool } from '#sync/render/worker/worker-pool.ts';
import type { ReadCredentials } from '#sync/source/chart/registry-call.ts';
import { GitRepository } from '#sync/source/git-repository.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { createTemporaryRepository } from './temporary-repository.ts';

export type Files = Readonly<Record<string, string | null>>;

export interface PlanBenchOptions extends Partial<Pick<PlanChangeOptions, 'isStrict' | 'live'>> {
  readonly tools?: RenderTools;
  /** Fetches published charts with these credentials. Default: they are not fetched. */
  readonly charts?: ReadCredentials;
}

/** The plan from a commit with some files to one in which some of them are others; null removes one. The root application is `root/`. */
export async function planOf(t: Pick<ExecutionContext, 'teardown'>, base: Files, head: Files, { charts: credentials, ...options }: PlanBenchOptions = {}): Promise<ChangePlan> {
  const files = await createTemporaryRepository();
  const workDir = temporaryDirectory('headway-plan');
  t.teardown(() => Promise.all([files.dispose(), rm(workDir, { recursive: true, force: true })]));
  const [before, after] = [files.commit(base, 'base'), files.commit(head, 'head')];
  const repository = await GitRepository.open({ gitDir: join(files.path, '.git'), gitBinary: 'git' });
  const units = new UnitRendering({ workDir, pool: new WorkerPool(), cluster: offlineCapabilities, tools: options.tools ?? new RenderTools({}) });
  const { signal } = new AbortController();
  const charts = credentials && new PublishedCharts({ cacheDir: join(workDir, 'charts'), gitBinary: 'git', units, signal, credentialsOf: () => credentials });
  try {
    return await planChange({
      repository, base: { ref: 'main', commit: before }, head: { ref: 'change', commit: after }, path: 'root', policies: 'policies', isStrict: false,
      here: { urls: [files.path, 'https://git.example.org/team/platform.git'], branch: 'main' },
      units, signal, charts, expand: expandFromGit(repository), ...options,
    });
  } finally {
    repository.close();
    await charts?.close();
  }
}

/** `~ Deployment demo/web`: what of the objects a plan tells, by application. */
export const outline = ({ applications }: ChangePlan): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(applications.map(({ name, objects }) => [name, objects.map(({ action, kind, namespace, name: own }) => `${action} ${kind} ${namespace ? `${namespace}/` : ''}${own}`)]));

export const deploymentYaml = (name: string, options: { readonly image?: string; readonly extra?: string; readonly container?: string } = {}): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  replicas: 3
${options.extra ?? ''}  selector:
    matchLabels: {app: ${name}}
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      containers:
        - name: web
          image: ${options.image ?? 'example.org/web:1'}
${options.container ?? ''}`;

export const applicationYaml = (name: string, path: string, extra = ''): string =>
  `apiVersion: headway.dev/v1\nkind: Application\nmetadata:\n  name: ${name}\n  namespace: headway-system\nspec:\n  repository: root\n  path: ${path}\n  destinationNamespace: ${name}\n${extra}`;

export const configMapYaml = (name: string, value: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  value: ${value}\n`;
